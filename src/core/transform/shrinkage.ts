import { breathe } from '../geometry/breathe';
import type { Matrix } from '../linalg/matrix';
import type { LinearMoments } from './transformMoments';

/**
 * The intensity s of Σ_s = (1 − s) Σ + s·(tr Σ/d)·I, as scikit-learn finds it. Both estimators are ratios in which the
 * divisor of Σ cancels, except that Ledoit–Wolf is defined on the covariance with divisor N: the intensity is taken
 * there and applied to Σ with N − 1, so that Σ_s is scikit-learn's times N/(N − 1), a global scale.
 */

/**
 * Ledoit & Wolf (2004), as `sklearn.covariance.ledoit_wolf_shrinkage`.
 * @param fourthPowers Σ‖x − μ‖⁴ over the rows (`sumFourthPowers`): scikit-learn's ΣΣ(X²)ᵀX² is this, row by row
 * @returns 0…1; 0 for one dimension or no variance
 */
export function ledoitWolfIntensity(moments: LinearMoments, fourthPowers: number): number {
  const { count, dimension, scatter } = moments;
  if (dimension === 1) return 0;
  const trace = sumDiagonal(scatter.data, dimension) / count;
  const squares = sumSquares(scatter.data) / (count * count);
  const distance = (squares - (trace * trace) / dimension) / dimension;
  const error = (fourthPowers / count - squares) / (dimension * count);
  const bounded = Math.min(error, distance);
  return bounded > 0 ? bounded / distance : 0;
}

/**
 * Oracle approximating shrinkage (Chen et al. 2010, eq. 23 without its 2/d terms), as `sklearn.covariance.oas`.
 * @returns 0…1; 0 for one dimension
 */
export function oasIntensity(moments: LinearMoments): number {
  const { count, dimension, scatter } = moments;
  if (dimension === 1) return 0;
  const meanSquare = sumSquares(scatter.data) / (dimension * dimension);
  const meanVariance = sumDiagonal(scatter.data, dimension) / dimension;
  const denominator = (count + 1) * (meanSquare - (meanVariance * meanVariance) / dimension);
  return denominator === 0 ? 1 : Math.min((meanSquare + meanVariance * meanVariance) / denominator, 1);
}

/**
 * Σ‖x − μ‖⁴ over the rows, in float64: the one number of Ledoit–Wolf that moments do not hold.
 * @param rows shape [n, d]
 * @param mean shape [d]
 */
export async function sumFourthPowers(rows: Matrix, mean: Float64Array, signal?: AbortSignal): Promise<number> {
  const { data, columns } = rows;
  let total = 0;
  for (let row = 0; row < rows.rows; row++) {
    if (row % 4096 === 0) await breathe(signal);
    let squares = 0;
    for (let column = 0, at = row * columns; column < columns; column++, at++) {
      const difference = data[at] - mean[column];
      squares += difference * difference;
    }
    total += squares * squares;
  }
  return total;
}

function sumDiagonal(data: Float64Array, dimension: number): number {
  let sum = 0;
  for (let i = 0; i < dimension; i++) sum += data[i * dimension + i];
  return sum;
}

function sumSquares(data: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < data.length; i++) sum += data[i] * data[i];
  return sum;
}
