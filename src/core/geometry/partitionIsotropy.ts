import { rowRange, type Matrix } from '../linalg/matrix';
import type { Products } from '../linalg/products';
import type { SymmetricEigen } from '../linalg/symmetricEigen';
import { decomposeSymmetric } from '../linalg/symmetricEigenSolver';
import { breathe } from './breathe';
import { rowsPerTile, secondMomentAboutZero, type Moments } from './moments';
import { countRank } from './rank';

/** Error of an eigenvalue, as a share of the largest: products over N rows and the solver. An eigenvector turns by this over its relative gap. */
const EIGEN_ERROR = 1e-14;
/** An eigenvector that turns by less is determined. */
const LEAST_TURN = 1e-6;
/** Error of ln Z, and so relative error of the value, up to which the value stands. */
const TOLERATED = 1e-6;
/** Eigenvalues all this near to each other, relatively, are those of a whitened matrix whose rows were rounded to float32. */
const FLATNESS = 1e-5;

/** `value` is `null` with `isArbitrary` where Z takes its extremes along eigenvectors that nothing determines. */
export interface PartitionIsotropy {
  readonly value: number | null;
  readonly isArbitrary: boolean;
}

/**
 * min Z/max Z, Z(c) = Σ_i exp(c·x_i), c over ± the eigenvectors of XᵀX (Mu & Viswanath 2018, eq. 4 with Arora et al.'s Z). Not scale-invariant.
 * In logarithms throughout: Z itself overflows at c·x of 710.
 * @param matrix shape [N, d], N ≥ 1
 * @param moments of its rows
 */
export async function partitionIsotropy(
  matrix: Matrix,
  moments: Moments,
  products: Products,
  signal?: AbortSignal,
): Promise<PartitionIsotropy> {
  const eigen = decomposeSymmetric(secondMomentAboutZero(moments));
  if (isFlat(eigen.values)) return { value: null, isArbitrary: true };
  const { logs, reach } = await logPartitions(matrix, eigen, products, signal);
  const least = extremeAt(logs, (a, b) => a < b);
  const most = extremeAt(logs, (a, b) => a > b);
  const isArbitrary = [least, most].some((at) => isUndetermined(eigen.values, reach, at >> 1));
  return { value: isArbitrary ? null : Math.exp(logs[least] - logs[most]), isArbitrary };
}

interface LogPartitions {
  /** ln Z(c), length 2d: entry 2i for eigenvector i, 2i + 1 for its opposite */
  readonly logs: Float64Array;
  /** max |c·x_i| over the rows, length d */
  readonly reach: Float64Array;
}

async function logPartitions(
  matrix: Matrix,
  { vectors }: SymmetricEigen,
  products: Products,
  signal?: AbortSignal,
): Promise<LogPartitions> {
  const { rows, columns } = matrix;
  // Running log-sum-exp: the largest exponent so far and the sum of exponentials relative to it.
  const largest = new Float64Array(2 * columns).fill(-Infinity);
  const sums = new Float64Array(2 * columns);
  const tileRows = rowsPerTile(columns);
  const memory = new Float64Array(Math.min(tileRows, rows) * columns);
  const exponents = new Float64Array(memory.length);
  for (let start = 0; start < rows; start += tileRows) {
    await breathe(signal);
    const tile = rowRange(matrix, start, Math.min(start + tileRows, rows));
    memory.set(tile.data);
    const tile64 = { ...tile, data: memory.subarray(0, tile.data.length) };
    const { data } = await products.multiplyTransposed(tile64, vectors, exponents.subarray(0, tile.data.length));
    for (let direction = 0; direction < columns; direction++) {
      let highest = -Infinity;
      let lowest = Infinity;
      for (let at = direction; at < data.length; at += columns) {
        if (data[at] > highest) highest = data[at];
        if (data[at] < lowest) lowest = data[at];
      }
      raise(largest, sums, 2 * direction, highest);
      raise(largest, sums, 2 * direction + 1, -lowest);
      const top = largest[2 * direction];
      const bottom = largest[2 * direction + 1];
      let sum = 0;
      let opposite = 0;
      for (let at = direction; at < data.length; at += columns) {
        sum += Math.exp(data[at] - top);
        opposite += Math.exp(-data[at] - bottom);
      }
      sums[2 * direction] += sum;
      sums[2 * direction + 1] += opposite;
    }
  }
  return {
    logs: largest.map((exponent, at) => exponent + Math.log(sums[at])),
    reach: new Float64Array(columns).map((_, i) => Math.max(largest[2 * i], largest[2 * i + 1])),
  };
}

function raise(largest: Float64Array, sums: Float64Array, at: number, exponent: number): void {
  if (exponent <= largest[at]) return;
  sums[at] *= Math.exp(largest[at] - exponent);
  largest[at] = exponent;
}

function extremeAt(logs: Float64Array, beats: (a: number, b: number) => boolean): number {
  let best = 0;
  logs.forEach((log, at) => {
    if (beats(log, logs[best])) best = at;
  });
  return best;
}

/** All eigenvalues that do not count as 0 are equal: a whitened space. */
function isFlat(values: Float64Array): boolean {
  const rank = countRank(values);
  return rank > 1 && values[rank - 1] >= (1 - FLATNESS) * values[0];
}

/**
 * Whether an eigenvector is so ill determined that ln Z along it is: turned by θ towards a neighbour v, ln Z changes by at most θ·max|v·x_i|. Null
 * directions are as ill determined as can be, but Z is N along all of them.
 */
function isUndetermined(values: Float64Array, reach: Float64Array, index: number): boolean {
  if (index >= countRank(values)) return false;
  return [index - 1, index + 1].some((other) => {
    if (other < 0 || other >= values.length) return false;
    const turn = (EIGEN_ERROR * values[0]) / Math.abs(values[index] - values[other]);
    return turn > LEAST_TURN && turn * reach[other] > TOLERATED;
  });
}
