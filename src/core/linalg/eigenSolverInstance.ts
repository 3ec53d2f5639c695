import { createWasmInstance } from './wasmInstance';

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

/** A solver with memory of its own. @throws IsoscopeError `engine` when the file is missing or damaged */
export function createEigenSolverInstance(): EigenSolverInstance {
  return createWasmInstance('symmetricEigen', 'The eigensolver') as EigenSolverInstance;
}
