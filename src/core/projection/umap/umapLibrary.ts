import { createRequire } from 'node:module';
import { failureMessage, IsoscopeError } from '../../protocol/errors';
import { resourcePath } from '../../resources';

/** The part of embedding-atlas that is used; its `umap.d.ts` has the whole. */
export interface UmapLibrary {
  createUMAPFromKNN(
    count: number,
    outputDimension: number,
    neighbours: Int32Array,
    distances: Float32Array,
    options: { readonly seed: number; readonly minDist: number; readonly nEpochs: number },
  ): Promise<UmapOptimiser>;
}

/** A layout that is made step by step. */
export interface UmapOptimiser {
  /** as after the last finished step, in a buffer that the next one overwrites */
  readonly embedding: Float32Array;
  /** passes over the graph at the learning rate set last */
  step(epochs: number): Promise<void>;
  setParameters(parameters: { readonly learningRate: number }): void;
  destroy(): void;
}

/**
 * embedding-atlas's UMAP (Rust, compiled to WebAssembly), from `dist/umap.js`. Evaluated anew at each call: the memory of WebAssembly never shrinks, and
 * a fault in it would stay; this way both end with the layout. Decoding and compiling takes some 30 ms.
 * @throws IsoscopeError `engine` when the file is missing or damaged
 */
export function openUmapLibrary(): UmapLibrary {
  const file = resourcePath('dist', 'umap.js');
  // Made from a path and not from `import.meta` or `module`: this file runs bundled, under tsx and under vitest.
  const load = createRequire(resourcePath('package.json'));
  try {
    Reflect.deleteProperty(load.cache, load.resolve(file));
    return load(file) as UmapLibrary;
  } catch (error) {
    throw new IsoscopeError(
      'engine',
      `UMAP's program ${file} cannot be loaded (${failureMessage(error)}): build or install Isoscope anew.`,
      { cause: error },
    );
  }
}
