import { type Kernels, withKernels } from '../linalg/kernels';
import { loadPoint, type Points } from './points';

/** Points that one call takes. */
export const MOST_AT_ONCE = 64;

type DistanceKernels = Kernels<ReturnType<typeof layoutOf>>;

/** Runs `work` with a way to take distances that equal `squaredDistance` to the bit and cost a third. */
export function withPointDistances<Result>(
  points: Points,
  work: (distances: PointDistances) => Promise<Result>,
): Promise<Result> {
  return withKernels(layoutOf(points), (kernels) => work(new PointDistances(points, kernels)));
}

function layoutOf({ matrix: { data, columns: d } }: Points) {
  const isNarrow = data instanceof Float32Array;
  return {
    from: ['float64', d],
    narrowRows: ['float32', isNarrow ? MOST_AT_ONCE * d : 0],
    rows: ['float64', isNarrow ? 0 : MOST_AT_ONCE * d],
    factors: ['float64', MOST_AT_ONCE],
    squares: ['float64', MOST_AT_ONCE],
  } as const;
}

/** Squared distances of one point after the other from some others. */
export class PointDistances {
  private readonly points: Points;
  private readonly kernels: DistanceKernels;

  constructor(points: Points, kernels: DistanceKernels) {
    this.points = points;
    this.kernels = kernels;
  }

  /** The point that distances are taken from. */
  start(point: number): void {
    loadPoint(this.points, point, this.kernels.arrays.from);
  }

  /**
   * @param others at most {@link MOST_AT_ONCE} points
   * @returns as many squared distances; reused by the next call
   */
  squaresTo(others: Int32Array): Float64Array {
    const { matrix, rows: rowOf, factors: factorOf } = this.points;
    const { data, columns: d } = matrix;
    const { from, narrowRows, rows, factors, squares } = this.kernels.arrays;
    const isNarrow = data instanceof Float32Array;
    for (let p = 0; p < others.length; p++) {
      const row = rowOf[others[p]];
      factors[p] = factorOf ? factorOf[row] : 1;
      if (isNarrow) narrowRows.set(data.subarray(row * d, (row + 1) * d), p * d);
      else rows.set(data.subarray(row * d, (row + 1) * d), p * d);
    }
    const take = isNarrow ? this.kernels.squaredDistances32 : this.kernels.squaredDistances64;
    const source = isNarrow ? narrowRows : rows;
    take(from.byteOffset, source.byteOffset, factors.byteOffset, d, others.length, squares.byteOffset);
    return squares;
  }
}
