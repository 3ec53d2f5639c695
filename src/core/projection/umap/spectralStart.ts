import { createRequire } from 'node:module';
import { failureMessage, IsoscopeError } from '../../protocol/errors';
import { resourcePath } from '../../resources';
import type { NeighbourGraph } from './neighbourGraph';

/** The part of embedding-atlas that is used; its `umap.d.ts` has the whole. */
interface UmapLibrary {
  createUMAPFromKNN(
    count: number,
    outputDimension: number,
    neighbours: Int32Array,
    distances: Float32Array,
    options: { readonly seed: number },
  ): Promise<{
    /** before a step: the spectral embedding */
    readonly embedding: Float32Array;
    destroy(): void;
  }>;
}

/**
 * Where the points of a graph begin: the first eigenvectors of its Laplacian, scaled to ±10 and shaken a little with the seed, by embedding-atlas's UMAP
 * (Rust, compiled to WebAssembly). Its optimiser is not used: ours takes a seventh of its time.
 * @returns coordinates, [n, 2]
 * @throws IsoscopeError `engine` when the library is missing or damaged
 */
export async function spectralStart(
  { count, neighbours, distances }: NeighbourGraph,
  seed: number,
): Promise<Float32Array> {
  const start = await openLibrary().createUMAPFromKNN(count, 2, neighbours, distances, { seed });
  const layout = start.embedding.slice();
  start.destroy();
  return layout;
}

/**
 * From `dist/umap.js`, evaluated anew at each call: the memory of WebAssembly never shrinks, and a fault in it would stay; this way both end with the
 * start. Decoding and compiling takes some 30 ms.
 */
function openLibrary(): UmapLibrary {
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
