import type { Products } from '../linalg/products';
import { breathe } from './breathe';
import { scanForNearest } from './exhaustiveScan';
import { NearestList } from './nearestList';
import { candidatesCover, type Candidates } from './neighbourCandidates';
import { loadPoint, squaredDistance, type Points } from './points';

const POINTS_PER_TURN = 512;

/** Gets a point and its nearest others; the list is reused afterwards. */
export type VisitNearest = (point: number, nearest: NearestList) => void;

/**
 * Visits each of n points with its k exact nearest others (n − 1 where there are no more): distances of the candidates taken anew in float64, and where
 * rounding could have kept a neighbour from the candidates, a scan of all points. Those come last, so points are visited in no order that means anything.
 * @param toCandidateRadius when the candidates are those of other, nearly equal points: a radius among them that holds every point within `radius` here
 */
export async function visitNearest(
  points: Points,
  k: number,
  candidates: Candidates,
  products: Products,
  visit: VisitNearest,
  signal?: AbortSignal,
  toCandidateRadius: (radius: number) => number = (radius) => radius,
): Promise<void> {
  const count = points.rows.length;
  const resolution = points.resolution / candidates.frame.factor ** 2;
  const list = new NearestList(Math.max(0, Math.min(k, count - 1)), resolution);
  const from = new Float64Array(points.matrix.columns);
  const unsettled: number[] = [];
  for (let point = 0; point < count; point++) {
    if (point % POINTS_PER_TURN === 0) await breathe(signal);
    loadPoint(points, point, from);
    list.clear();
    let isSettled = candidates.k === 0;
    for (let slot = 0; slot < candidates.k && !isSettled; slot++) {
      const other = candidates.points[point * candidates.k + slot];
      list.offer(other, squaredDistance(points, from, other));
      // Mostly the first few candidates after the k-th are too far already.
      if (slot >= list.points.length - 1) {
        const radius = Math.sqrt(list.largestSquare() + resolution);
        isSettled = candidatesCover(candidates, point, toCandidateRadius(radius), slot);
      }
    }
    if (isSettled) visit(point, list);
    else unsettled.push(point);
  }
  await scanForNearest(points, unsettled, list, products, visit, signal);
}
