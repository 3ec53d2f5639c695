import type { Products } from '../linalg/products';
import { breathe } from './breathe';
import { scanForNearest } from './exhaustiveScan';
import { candidatesCover, type Candidates } from './neighbourCandidates';
import { NearestList } from './nearestList';
import { loadPoint, squaredDistance, type Points } from './points';

const POINTS_PER_TURN = 512;

/** The k nearest other points of each of n points, [n, k], nearest first, equal distances by point number. */
export interface NearestPoints {
  readonly k: number;
  readonly points: Int32Array;
  /** Euclidean, float64 */
  readonly distances: Float64Array;
}

/**
 * Exact nearest neighbours: distances of the candidates taken anew in float64, and where rounding could have kept a neighbour from the candidates, a scan
 * of all points.
 * @param k how many; n − 1 where there are no more
 * @param toCandidateRadius when the candidates are those of other, nearly equal points: a radius among them that holds every point within `radius` here
 */
export async function nearestPoints(
  points: Points,
  k: number,
  candidates: Candidates,
  products: Products,
  signal?: AbortSignal,
  toCandidateRadius: (radius: number) => number = (radius) => radius,
): Promise<NearestPoints> {
  const count = points.rows.length;
  const kept = Math.max(0, Math.min(k, count - 1));
  const nearest: NearestPoints = {
    k: kept,
    points: new Int32Array(count * kept),
    distances: new Float64Array(count * kept),
  };
  if (kept === 0) return nearest;
  const from = new Float64Array(points.matrix.columns);
  const list = new NearestList(kept);
  const unsettled: number[] = [];
  for (let point = 0; point < count; point++) {
    if (point % POINTS_PER_TURN === 0) await breathe(signal);
    loadPoint(points, point, from);
    list.clear();
    for (let slot = point * candidates.k; slot < (point + 1) * candidates.k; slot++) {
      const other = candidates.points[slot];
      list.offer(other, squaredDistance(points, from, other));
    }
    const radius = Math.sqrt(list.largestSquare() + points.resolution);
    if (candidatesCover(candidates, point, toCandidateRadius(radius))) list.writeTo(nearest, point);
    else unsettled.push(point);
  }
  await scanForNearest(points, unsettled, nearest, products, signal);
  return nearest;
}
