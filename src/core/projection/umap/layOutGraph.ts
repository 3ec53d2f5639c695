import { breathe } from '../../geometry/breathe';
import { IsoscopeError } from '../../protocol/errors';
import type { NeighbourGraph } from './neighbourGraph';
import { openUmapLibrary, type UmapLibrary } from './umapLibrary';

export interface LayoutOptions {
  readonly seed: number;
  readonly minDist: number;
  readonly epochs: number;
  readonly signal?: AbortSignal | undefined;
  /** gets the share of the passes that are done, 0 … 1 */
  readonly onShare?: ((share: number) => void) | undefined;
}

/** As umap-learn has it: large clouds have more edges to learn from in each pass. */
export function defaultEpochs(count: number): number {
  return count <= 10_000 ? 500 : 200;
}

/**
 * UMAP's layout of a graph (McInnes, Healy & Melville 2018, algorithms 1–5): fuzzy union of the neighbourhoods, spectral start, then stochastic gradient
 * descent on the cross-entropy, its learning rate falling from 1 to 0. One pass at a time, so that it can be stopped; the same graph and seed give the
 * same layout.
 * @param graph of n ≥ 2 points with k ≥ 2
 * @returns coordinates, [n, 2]
 * @throws IsoscopeError `engine` when the optimiser fails or leaves the real numbers
 */
export async function layOutGraph(
  graph: NeighbourGraph,
  { seed, minDist, epochs, signal, onShare }: LayoutOptions,
  library: UmapLibrary = openUmapLibrary(),
): Promise<Float32Array> {
  const { count, neighbours, distances } = graph;
  const optimiser = await library.createUMAPFromKNN(count, 2, neighbours, distances, {
    seed,
    minDist,
    nEpochs: epochs,
  });
  try {
    for (let epoch = 0; epoch < epochs; epoch++) {
      await breathe(signal);
      optimiser.setParameters({ learningRate: 1 - epoch / epochs });
      await optimiser.step(1);
      onShare?.((epoch + 1) / epochs);
    }
    const layout = optimiser.embedding.slice();
    if (!layout.every(Number.isFinite)) {
      throw new IsoscopeError('engine', 'UMAP found no finite layout of these rows: try another seed.');
    }
    return layout;
  } finally {
    optimiser.destroy();
  }
}
