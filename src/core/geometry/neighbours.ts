import type { Matrix } from '../linalg/matrix';
import type { Products } from '../linalg/products';
import { groupEqualRows, type DistinctRows } from './distinctRows';
import { withCandidates, type Candidates } from './neighbourCandidates';
import { NearestList } from './nearestList';
import { visitNearest } from './nearestPoints';
import type { Points } from './points';
import { inverseNorms, rowNorms } from './rowNorms';

/** The k rows with the largest cosine for each of N rows, [N, k], largest first, equal cosines by row number. */
export interface CosineNeighbours {
  readonly k: number;
  /** −1 for a row of length 0, which is nobody's neighbour either */
  readonly rows: Int32Array;
  /** good to 1e-13 of the cloud's spread; NaN for a row of length 0 */
  readonly cosines: Float64Array;
}

/**
 * Cosines that are equal in exact arithmetic (multiples of a row, counts, quantised vectors) differ by 1e-16 in float64, and must not be told apart by it:
 * squared distances of unit rows, good to about 1e-15 of the cloud's squared radius, are equal within this share of it.
 */
const EQUAL_DISTANCES = 2 ** -42;

/** Directions of the rows of length > 0: the points whose Euclidean neighbours are the rows' cosine neighbours, ‖x̂ − ŷ‖² = 2 − 2cos. */
export interface Directions {
  readonly points: Points;
  readonly distinct: DistinctRows;
}

/** @param only the rows that count, ascending; `null` = all */
export function directionsOf(matrix: Matrix, only: Uint32Array | null = null): Directions {
  const all = inverseNorms(rowNorms(matrix));
  // A row whose factor is 0 is left out.
  const factors = only === null ? all : new Float64Array(matrix.rows);
  if (only !== null) for (const row of only) factors[row] = all[row];
  const distinct = groupEqualRows(matrix, factors);
  return { distinct, points: { matrix, rows: distinct.firstRows, factors, resolution: EQUAL_DISTANCES } };
}

/**
 * Float32 products may swap the k-th neighbour with the next few, so that many more are taken before float64 decides: how many candidates settle nearly
 * every row without a scan.
 */
export function candidateCount(k: number): number {
  return k + 12;
}

/**
 * Exact cosine neighbours in the full dimension, the row itself excluded. Rows of equal direction are searched for once.
 * @param k how many; M − 1 where only M rows have a length > 0
 */
export async function cosineNeighbours(
  matrix: Matrix,
  k: number,
  products: Products,
  signal?: AbortSignal,
): Promise<CosineNeighbours> {
  const directions = directionsOf(matrix);
  return withCandidates(
    directions.points,
    candidateCount(k),
    products,
    (candidates) => settleNeighbours(directions, k, candidates, products, signal),
    signal,
  );
}

/** Cosine neighbours of the rows that `directions` come from, out of candidates among them. */
export async function settleNeighbours(
  { points, distinct }: Directions,
  k: number,
  candidates: Candidates,
  products: Products,
  signal?: AbortSignal,
): Promise<CosineNeighbours> {
  const rowCount = distinct.groupOf.length;
  const { starts, members } = membersOf(distinct);
  const kept = Math.max(0, Math.min(k, members.length - 1));
  const rows = new Int32Array(rowCount * kept).fill(-1);
  const cosines = new Float64Array(rowCount * kept).fill(NaN);
  const list = new NearestList(kept);

  // From neighbours among groups of equal rows to neighbours among rows.
  await visitNearest(
    points,
    k,
    candidates,
    products,
    (group, nearestGroups) => {
      for (let member = starts[group]; member < starts[group + 1]; member++) {
        const row = members[member];
        list.clear();
        offerGroup(group, 0, row);
        for (let at = 0; at < nearestGroups.length; at++) {
          offerGroup(nearestGroups.points[at], nearestGroups.squares[at], row);
        }
        rows.set(list.points, row * kept);
        for (let at = 0; at < kept; at++) cosines[row * kept + at] = 1 - list.squares[at] / 2;
      }
    },
    signal,
  );
  return { k: kept, rows, cosines };

  function offerGroup(group: number, square: number, row: number): void {
    // Of one group no more than k rows and the row itself can matter.
    const end = Math.min(starts[group + 1], starts[group] + k + 1);
    for (let at = starts[group]; at < end; at++) if (members[at] !== row) list.offer(members[at], square);
  }
}

/** Rows by group, each group's ascending: those of group g from starts[g] to starts[g + 1] − 1. */
function membersOf({ groupOf, firstRows }: DistinctRows): { starts: Int32Array; members: Int32Array } {
  const starts = new Int32Array(firstRows.length + 1);
  for (const group of groupOf) if (group >= 0) starts[group + 1]++;
  for (let group = 0; group < firstRows.length; group++) starts[group + 1] += starts[group];
  const next = starts.slice();
  const members = new Int32Array(starts[firstRows.length]);
  groupOf.forEach((group, row) => {
    if (group >= 0) members[next[group]++] = row;
  });
  return { starts, members };
}

/** Cosine of each row with its nearest other row, length N; NaN where there is none. */
export function nearestCosines(neighbours: CosineNeighbours, rowCount: number): Float64Array {
  const { k, cosines } = neighbours;
  return new Float64Array(rowCount).map((_, row) => (k > 0 ? cosines[row * k] : NaN));
}
