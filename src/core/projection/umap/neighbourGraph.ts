import { candidateCount } from '../../geometry/neighbours';
import { withCandidates } from '../../geometry/neighbourCandidates';
import { visitNearest, type VisitNearest } from '../../geometry/nearestPoints';
import type { Points } from '../../geometry/points';
import type { Products } from '../../linalg/products';

/** k neighbours of each of n points, itself first: what UMAP builds its graph from. Row-major [n, k]. */
export interface NeighbourGraph {
  readonly count: number;
  readonly k: number;
  readonly neighbours: Int32Array;
  /** cosine distances 1 − cos, ascending in each row, 0 first */
  readonly distances: Float32Array;
}

/**
 * The exact nearest of each point, in the full dimension.
 * @param directions distinct unit rows: ‖x̂ − ŷ‖² = 2(1 − cos)
 * @param k neighbours, the point itself among them, 1 … n
 * @param onShare gets the share of the pairs that were looked at, 0 … 1
 */
export async function findNeighbourGraph(
  directions: Points,
  k: number,
  products: Products,
  signal?: AbortSignal,
  onShare?: (share: number) => void,
): Promise<NeighbourGraph> {
  const count = directions.rows.length;
  const others = k - 1;
  const neighbours = new Int32Array(count * k);
  const distances = new Float32Array(count * k);
  const watched = watchPairs(products, count ** 2 / 2, onShare);
  const keep: VisitNearest = (point, nearest) => {
    neighbours[point * k] = point;
    for (let at = 0; at < nearest.length; at++) {
      neighbours[point * k + 1 + at] = nearest.points[at];
      distances[point * k + 1 + at] = nearest.squares[at] / 2;
    }
  };
  await withCandidates(
    directions,
    candidateCount(others),
    watched,
    (candidates) => visitNearest(directions, others, candidates, products, keep, signal),
    signal,
  );
  return { count, k, neighbours, distances };
}

/** Products that tell how much of a search among all pairs is done: each pair once. */
function watchPairs(products: Products, pairs: number, onShare?: (share: number) => void): Products {
  if (onShare === undefined) return products;
  let done = 0;
  return {
    ...products,
    multiplyTransposed: async (a, b, into) => {
      const product = await products.multiplyTransposed(a, b, into);
      done += a.rows * b.rows;
      onShare(Math.min(1, done / pairs));
      return product;
    },
  };
}
