/** Second moments of pairs of numbers (a, b): enough for a correlation, mergeable, so that the pairs need not be kept. */
export interface CoMoments {
  readonly count: number;
  readonly meanA: number;
  readonly meanB: number;
  /** Σ(a − mean)², Σ(b − mean)², Σ(a − mean)(b − mean) */
  readonly squaresA: number;
  readonly squaresB: number;
  readonly cross: number;
}

export const NO_PAIRS: CoMoments = { count: 0, meanA: 0, meanB: 0, squaresA: 0, squaresB: 0, cross: 0 };

/** In two passes: means, then centred sums. @param count how many of the numbers to take */
export function coMomentsOf(a: Float64Array, b: Float64Array, count: number): CoMoments {
  if (count === 0) return NO_PAIRS;
  let sumA = 0;
  let sumB = 0;
  for (let i = 0; i < count; i++) {
    sumA += a[i];
    sumB += b[i];
  }
  const meanA = sumA / count;
  const meanB = sumB / count;
  let squaresA = 0;
  let squaresB = 0;
  let cross = 0;
  for (let i = 0; i < count; i++) {
    const offA = a[i] - meanA;
    const offB = b[i] - meanB;
    squaresA += offA * offA;
    squaresB += offB * offB;
    cross += offA * offB;
  }
  return { count, meanA, meanB, squaresA, squaresB, cross };
}

/** Co-moments of the union (Chan, Golub & LeVeque 1983). */
export function mergeCoMoments(x: CoMoments, y: CoMoments): CoMoments {
  if (x.count === 0) return y;
  if (y.count === 0) return x;
  const count = x.count + y.count;
  const share = y.count / count;
  const between = x.count * share;
  const offA = y.meanA - x.meanA;
  const offB = y.meanB - x.meanB;
  return {
    count,
    meanA: x.meanA + offA * share,
    meanB: x.meanB + offB * share,
    squaresA: x.squaresA + y.squaresA + offA * offA * between,
    squaresB: x.squaresB + y.squaresB + offB * offB * between,
    cross: x.cross + y.cross + offA * offB * between,
  };
}

/**
 * Squared Pearson correlation; `null` where a or b does not vary.
 * @param rounding standard deviations up to it are rounding
 */
export function squaredCorrelation(moments: CoMoments, rounding: number): number | null {
  const { count, squaresA, squaresB, cross } = moments;
  const least = count * rounding ** 2;
  if (count < 2 || squaresA <= least || squaresB <= least) return null;
  return Math.min(1, ((cross / squaresA) * cross) / squaresB);
}
