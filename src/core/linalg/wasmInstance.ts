import { readFileSync } from 'node:fs';
import { failureMessage, IsoscopeError } from '../protocol/errors';
import { resourcePath } from '../resources';

/** The part of the global `WebAssembly` that is used: its types come with the DOM's, which core does without. */
interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
}

const compiled = new Map<string, object>();

/**
 * An instance of `dist/<name>.wasm` with memory of its own. The module is compiled once per process; a new instance starts as warm as the last.
 * @param what named in errors
 * @returns the module's exports, as the caller knows them
 * @throws IsoscopeError `engine` when the file is missing or damaged
 */
export function createWasmInstance(name: string, what: string): unknown {
  const { Module, Instance } = (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly;
  const file = resourcePath('dist', `${name}.wasm`);
  try {
    // Synchronously: our modules have a few kilobytes, which compile in a millisecond, and callers stay synchronous.
    const module = compiled.get(name) ?? new Module(readFileSync(file));
    compiled.set(name, module);
    return new Instance(module).exports;
  } catch (error) {
    throw new IsoscopeError(
      'engine',
      `${what} ${file} cannot be loaded (${failureMessage(error)}): build or install Isoscope anew.`,
      { cause: error },
    );
  }
}
