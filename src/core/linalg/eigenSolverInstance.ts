import { readFileSync } from 'node:fs';
import { failureMessage, IsoscopeError } from '../protocol/errors';
import { resourcePath } from '../resources';

/** What `eigen/symmetricEigen.assembly.ts` exports. Addresses are bytes into its memory. */
export interface EigenSolverInstance {
  readonly memory: { readonly buffer: ArrayBuffer };
  /** address of room for an n × n matrix; the memory may grow, which voids every view made before */
  readonly reserve: (n: number) => number;
  /** 0, or 1 when an iteration did not converge; the memory may grow */
  readonly decompose: () => number;
  /** n eigenvalues, ascending */
  readonly valuesAddress: () => number;
  /** n × n, one eigenvector a row, in the order of the values */
  readonly vectorsAddress: () => number;
}

/** The part of the global `WebAssembly` that is used: its types come with the DOM's, which core does without. */
interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
}

let compiled: object | undefined;

/**
 * A solver with memory of its own. The module is compiled once per process; a new instance starts as warm as the last.
 * @throws IsoscopeError `engine` when the file is missing or damaged
 */
export function createEigenSolverInstance(): EigenSolverInstance {
  const { Module, Instance } = (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly;
  const file = resourcePath('dist', 'symmetricEigen.wasm');
  try {
    // Synchronously: 20 KB compile in a millisecond, and callers stay synchronous.
    compiled ??= new Module(readFileSync(file));
    return new Instance(compiled).exports as EigenSolverInstance;
  } catch (error) {
    throw new IsoscopeError(
      'engine',
      `The eigensolver ${file} cannot be loaded (${failureMessage(error)}): build or install Isoscope anew.`,
      { cause: error },
    );
  }
}
