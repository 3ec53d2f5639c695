import type { Products } from '../linalg/products';
import { breathe } from './breathe';
import { scanForNearest } from './exhaustiveScan';
import { NearestList } from './nearestList';
import { candidatesCover, type Candidates } from './neighbourCandidates';
import { MOST_AT_ONCE, type PointDistances, withPointDistances } from './pointDistances';
import type { Points } from './points';

const POINTS_PER_TURN = 512;
/** Candidates that are looked at together after the first k. */
const FURTHER = 3;

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
  const unsettled: number[] = [];
  await withPointDistances(points, async (distances) => {
    for (let point = 0; point < count; point++) {
      if (point % POINTS_PER_TURN === 0) await breathe(signal);
      if (settle(point, list, candidates, distances, toCandidateRadius)) visit(point, list);
      else unsettled.push(point);
    }
  });
  await scanForNearest(points, unsettled, list, products, visit, signal);
}

/**
 * Fills the list with the nearest candidates of a point. Mostly those soon after the k-th are too far already, so they are taken a few at a time.
 * @returns whether no other point can be nearer
 */
function settle(
  point: number,
  list: NearestList,
  candidates: Candidates,
  distances: PointDistances,
  toCandidateRadius: (radius: number) => number,
): boolean {
  const { k } = candidates;
  const wanted = list.points.length;
  list.clear();
  distances.start(point);
  for (let slot = 0; slot < k;) {
    const end = Math.min(k, slot === 0 ? Math.min(wanted + FURTHER, MOST_AT_ONCE) : slot + FURTHER);
    const others = candidates.points.subarray(point * k + slot, point * k + end);
    const squares = distances.squaresTo(others);
    for (let at = 0; at < others.length; at++) list.offer(others[at], squares[at]);
    slot = end;
    if (list.length < wanted) continue;
    const radius = Math.sqrt(list.largestSquare() + list.resolution);
    if (candidatesCover(candidates, point, toCandidateRadius(radius), slot - 1)) return true;
  }
  return k === 0;
}
