import { projectToUmap } from '../projection/umap/umapPlane';
import { IsoscopeError } from '../protocol/errors';
import type { UmapPlane } from '../protocol/umap';
import type { Analysis } from './analysis';
import type { Space } from './space';

export interface UmapQuestion {
  readonly side: 'raw' | 'transformed';
  readonly seed: number;
  /** of each point, itself among them */
  readonly neighbours: number;
}

export interface UmapProgress {
  readonly signal?: AbortSignal | undefined;
  /** gets the share of the work that is done, 0 … 1 */
  readonly onShare?: ((share: number) => void) | undefined;
}

/** Layouts take long: each is kept as long as its space. The raw space outlives the transforms that are tried on it. */
const kept = new WeakMap<Space, Map<string, UmapPlane>>();
const KEPT_PER_SPACE = 4;

/**
 * UMAP of the rows that the planes of an analysis show.
 * @throws IsoscopeError `usage` for neighbours out of range, or for a transformed space that there is not; AbortError when cancelled
 */
export async function umapOfAnalysis(
  analysis: Analysis,
  { side, seed, neighbours }: UmapQuestion,
  { signal, onShare }: UmapProgress = {},
): Promise<UmapPlane> {
  const space = side === 'raw' ? analysis.raw : analysis.transformed;
  if (space === null) {
    throw new IsoscopeError('usage', 'There is no transformed space to lay out: the transform is none.');
  }
  const planes = kept.get(space) ?? new Map<string, UmapPlane>();
  kept.set(space, planes);
  const key = `${seed}|${neighbours}`;
  const known = planes.get(key);
  if (known !== undefined) return known;
  const { products, shownRows } = analysis;
  const plane = await projectToUmap(space.matrix, { seed, neighbours, products, rows: shownRows, signal, onShare });
  planes.set(key, plane);
  for (const oldest of planes.keys()) {
    if (planes.size <= KEPT_PER_SPACE) break;
    planes.delete(oldest);
  }
  return plane;
}
