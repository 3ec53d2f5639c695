import { breathe } from '../../geometry/breathe';
import { IsoscopeError } from '../../protocol/errors';
import { uniteNeighbourhoods } from './fuzzyGraph';
import type { NeighbourGraph } from './neighbourGraph';
import { openOptimiser } from './optimiser';
import { spectralStart } from './spectralStart';

export interface LayoutOptions {
  readonly seed: number;
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
 * @throws IsoscopeError `engine` when there is no start, or points leave the real numbers
 */
export async function layOutGraph(
  graph: NeighbourGraph,
  { seed, epochs, signal, onShare }: LayoutOptions,
): Promise<Float32Array> {
  await breathe(signal);
  const start = await spectralStart(graph, seed);
  await breathe(signal);
  const { layout, pass } = openOptimiser(uniteNeighbourhoods(graph), start, epochs, seed);
  for (let epoch = 0; epoch < epochs; epoch++) {
    await breathe(signal);
    pass(epoch);
    onShare?.((epoch + 1) / epochs);
  }
  if (!layout.every(Number.isFinite)) {
    throw new IsoscopeError('engine', 'UMAP found no finite layout of these rows: try another seed.');
  }
  return layout;
}
