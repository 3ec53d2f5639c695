/**
 * Householder reduction to tridiagonal form, A = H₁…Hₙ₋₁ · T · Hₙ₋₁…H₁ with Hᵢ = I − τᵢ vᵢ vᵢᵀ, from the last row upwards (Golub & Van Loan, §8.3).
 * Half of the time goes into reading A. So the rank-two update of one step waits until the next step multiplies by A: one pass does both.
 */
import {
  Address,
  allocate,
  copyNumbers,
  fillZeros,
  markMemory,
  numberAt,
  releaseMemory,
  rowOf,
  setNumber,
} from './memory.assembly';
import { dot, multiplyAdd, multiplySubtract, subtractMultiples, sumOfLanes } from './vectors.assembly';

/** A square sum below this is zero to working accuracy, the matrix being scaled to max|a| ≈ 1; also keeps the square root's square away from underflow. */
const TINY_SQUARE: f64 = 1e-280;

/**
 * @param matrix [n, n], lower triangle, max|a| ≈ 1. On return row i holds vᵢ in its first i numbers
 * @param diagonal n numbers of T
 * @param coupling coupling[i] stands between i − 1 and i in T; coupling[0] = 0
 * @param factor τᵢ; 0 where Hᵢ = I
 */
export function tridiagonalize(matrix: Address, n: i32, diagonal: Address, coupling: Address, factor: Address): void {
  const mark = markMemory();
  const product = allocate(n);
  // The update that waits: A − v wᵀ − w vᵀ. None at first.
  const v = allocate(n);
  const w = allocate(n);
  fillZeros(v, n);
  fillZeros(w, n);
  setNumber(coupling, 0, 0);
  setNumber(factor, 0, 0);
  for (let i = n - 1; i >= 1; i--) {
    const row = rowOf(matrix, i, n);
    subtractMultiples(row, numberAt(v, i), w, numberAt(w, i), v, i + 1);
    setNumber(diagonal, i, numberAt(row, i));
    const tau = makeReflector(row, i, coupling);
    setNumber(factor, i, tau);
    updateAndMultiply(matrix, n, i, v, w, row, product);
    // H A H = A − v wᵀ − w vᵀ with w = τ A v − ½ τ² (vᵀ A v) v.
    const share = 0.5 * tau * tau * dot(product, row, i);
    for (let j = 0; j < i; j++) setNumber(w, j, tau * numberAt(product, j) - share * numberAt(row, j));
    copyNumbers(v, row, i);
  }
  setNumber(diagonal, 0, numberAt(matrix, 0) - 2 * numberAt(v, 0) * numberAt(w, 0));
  releaseMemory(mark);
}

/**
 * The reflector that takes the first `length` numbers of `row` to their last place, written over them (its own last number is 1).
 * @returns τ; coupling[length] gets what the row becomes
 */
function makeReflector(row: Address, length: i32, coupling: Address): f64 {
  const last = length - 1;
  const alpha = numberAt(row, last);
  const square = dot(row, row, last);
  if (square < TINY_SQUARE) {
    fillZeros(row, length);
    setNumber(coupling, length, alpha);
    return 0;
  }
  const beta = -copysign(sqrt(alpha * alpha + square), alpha);
  const scale = 1 / (alpha - beta);
  for (let j = 0; j < last; j++) setNumber(row, j, numberAt(row, j) * scale);
  setNumber(row, last, 1);
  setNumber(coupling, length, beta);
  return (beta - alpha) / beta;
}

function copysign(size: f64, sign: f64): f64 {
  return f64.copysign(size, sign);
}

/** A ← A − v wᵀ − w vᵀ in the lower triangle of the leading m rows, and product ← A·x with the new A. Two rows at a time. */
function updateAndMultiply(
  matrix: Address,
  n: i32,
  m: i32,
  v: Address,
  w: Address,
  x: Address,
  product: Address,
): void {
  fillZeros(product, m);
  let r = 0;
  for (; r + 1 < m; r += 2) {
    const row0 = rowOf(matrix, r, n);
    const row1 = rowOf(matrix, r + 1, n);
    const v0 = numberAt(v, r);
    const w0 = numberAt(w, r);
    const v1 = numberAt(v, r + 1);
    const w1 = numberAt(w, r + 1);
    const x0 = numberAt(x, r);
    const x1 = numberAt(x, r + 1);
    const v0s = f64x2.splat(v0);
    const w0s = f64x2.splat(w0);
    const v1s = f64x2.splat(v1);
    const w1s = f64x2.splat(w1);
    const x0s = f64x2.splat(x0);
    const x1s = f64x2.splat(x1);
    let sum0 = f64x2.splat(0);
    let sum1 = sum0;
    const end = (<usize>r) << 3;
    for (let o: usize = 0; o < end; o += 16) {
      const wo = v128.load(w + o);
      const vo = v128.load(v + o);
      const xo = v128.load(x + o);
      const a0 = multiplySubtract(multiplySubtract(v128.load(row0 + o), v0s, wo), w0s, vo);
      v128.store(row0 + o, a0);
      const a1 = multiplySubtract(multiplySubtract(v128.load(row1 + o), v1s, wo), w1s, vo);
      v128.store(row1 + o, a1);
      // Below the diagonal each entry serves twice: in its own row's sum and, mirrored, in its column's.
      sum0 = multiplyAdd(sum0, a0, xo);
      sum1 = multiplyAdd(sum1, a1, xo);
      v128.store(product + o, multiplyAdd(multiplyAdd(v128.load(product + o), a0, x0s), a1, x1s));
    }
    const corner00 = numberAt(row0, r) - 2 * v0 * w0;
    const corner10 = numberAt(row1, r) - (v1 * w0 + w1 * v0);
    const corner11 = numberAt(row1, r + 1) - 2 * v1 * w1;
    setNumber(row0, r, corner00);
    setNumber(row1, r, corner10);
    setNumber(row1, r + 1, corner11);
    setNumber(product, r, sumOfLanes(sum0) + corner00 * x0 + corner10 * x1);
    setNumber(product, r + 1, sumOfLanes(sum1) + corner10 * x0 + corner11 * x1);
  }
  if (r < m) {
    const row = rowOf(matrix, r, n);
    subtractMultiples(row, numberAt(v, r), w, numberAt(w, r), v, r + 1);
    const xr = numberAt(x, r);
    for (let j = 0; j < r; j++) setNumber(product, j, numberAt(product, j) + numberAt(row, j) * xr);
    setNumber(product, r, dot(row, x, r + 1));
  }
}
