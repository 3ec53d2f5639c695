import type { Matrix } from '../linalg/matrix';
import type { Products } from '../linalg/products';
import type { Geometry } from '../protocol/snapshot';
import { groupEqualRows } from './distinctRows';
import { HUBNESS_K } from './hubness';
import { estimateMaximumLikelihood, estimateTwoNN, inverseLocalDimension, logRatio, MLE_K } from './intrinsicDimension';
import type { NearestList } from './nearestList';
import { withCandidates, type Candidates } from './neighbourCandidates';
import { candidateCount, directionsOf, settleNeighbours, type CosineNeighbours, type Directions } from './neighbours';
import { visitNearest } from './nearestPoints';
import type { Points } from './points';
import { rowNorms } from './rowNorms';

/** Lengths that differ by no more, relatively, are those of normalised rows: one search serves cosines and distances. */
const EQUAL_LENGTHS = 1e-5;

export interface Neighbourhoods {
  readonly cosine: CosineNeighbours;
  readonly intrinsicDimension: NonNullable<Geometry['intrinsicDimension']>;
  readonly distinctRows: number;
}

/**
 * Cosine neighbours of the rows and the intrinsic dimension of the distinct rows (Euclidean). Both need a search among all pairs, which is most of the
 * time that a geometry takes; for normalised rows they share it.
 */
export async function measureNeighbourhoods(
  matrix: Matrix,
  products: Products,
  signal?: AbortSignal,
): Promise<Neighbourhoods> {
  const directions = directionsOf(matrix);
  const points: Points = { matrix, rows: groupEqualRows(matrix, null).firstRows, factors: null, resolution: 0 };
  const lengths = commonLength(matrix, points, directions);
  const { cosine, shared } = await withCandidates(
    directions.points,
    candidateCount(lengths ? MLE_K : HUBNESS_K),
    products,
    async (candidates) => {
      const neighbours = await settleNeighbours(directions, HUBNESS_K, candidates, products, signal);
      if (!lengths) return { cosine: neighbours, shared: null };
      // ‖x − y‖ ≥ R‖x̂ − ŷ‖ − 2Rδ for lengths R(1 ± δ)
      const toCandidateRadius = (radius: number): number => radius / lengths.mean + 2 * lengths.spread;
      const dimension = await intrinsicDimensionOf(points, candidates, products, signal, toCandidateRadius);
      return { cosine: neighbours, shared: dimension };
    },
    signal,
  );
  const intrinsicDimension = shared ?? (await searchForDimension(points, products, signal));
  return { cosine, intrinsicDimension, distinctRows: points.rows.length };
}

function searchForDimension(points: Points, products: Products, signal?: AbortSignal) {
  return withCandidates(
    points,
    candidateCount(MLE_K),
    products,
    (candidates) => intrinsicDimensionOf(points, candidates, products, signal),
    signal,
  );
}

async function intrinsicDimensionOf(
  points: Points,
  candidates: Candidates,
  products: Products,
  signal?: AbortSignal,
  toCandidateRadius?: (radius: number) => number,
): Promise<Neighbourhoods['intrinsicDimension']> {
  const count = points.rows.length;
  const logRatios = new Float64Array(count > 2 ? count : 0);
  const inverses = new Float64Array(count > MLE_K ? count : 0);
  const collect = (point: number, { squares }: NearestList): void => {
    if (logRatios.length > 0) logRatios[point] = logRatio(squares);
    if (inverses.length > 0) inverses[point] = inverseLocalDimension(squares);
  };
  await visitNearest(points, MLE_K, candidates, products, collect, signal, toCandidateRadius);
  return { twoNN: estimateTwoNN(logRatios), mle: estimateMaximumLikelihood(inverses) };
}

/** The length of all rows and its relative spread, where they are equal but for rounding and distinct rows have distinct directions. */
function commonLength(matrix: Matrix, points: Points, directions: Directions): { mean: number; spread: number } | null {
  const norms = rowNorms(matrix);
  const mean = norms.reduce((sum, norm) => sum + norm, 0) / norms.length;
  const spread = norms.reduce((most, norm) => Math.max(most, Math.abs(norm / mean - 1)), 0);
  const same = points.rows.length === directions.points.rows.length;
  return mean > 0 && spread <= EQUAL_LENGTHS && same ? { mean, spread } : null;
}
