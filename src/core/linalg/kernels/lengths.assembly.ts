/** Lengths of rows, by the rules of geometry/rowNorms.ts. */
import { Address, numberAt } from './memory.assembly';

/** Outside this range a sum of squares has lost digits to overflow or to subnormal numbers, and is taken again on scaled values. */
export const LEAST_SAFE: f64 = 1e-280;
export const MOST_SAFE: f64 = 1e280;
/** The smallest normal float64: the inverse of anything shorter overflows. */
const SHORTEST: f64 = 2.2250738585072014e-308;

export function sumOfSquares(row: Address, n: i32): f64 {
  let a = f64x2.splat(0);
  let b = a;
  let c = a;
  let d = a;
  let i = 0;
  for (; i + 8 <= n; i += 8) {
    const at = row + ((<usize>i) << 3);
    const p = v128.load(at);
    const q = v128.load(at, 16);
    const r = v128.load(at, 32);
    const s = v128.load(at, 48);
    a = f64x2.add(a, f64x2.mul(p, p));
    b = f64x2.add(b, f64x2.mul(q, q));
    c = f64x2.add(c, f64x2.mul(r, r));
    d = f64x2.add(d, f64x2.mul(s, s));
  }
  const sums = f64x2.add(f64x2.add(a, b), f64x2.add(c, d));
  let sum = f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
  for (; i < n; i++) sum += numberAt(row, i) * numberAt(row, i);
  return sum;
}

/** @param squares the row's sum of squares */
export function lengthOf(row: Address, n: i32, squares: f64): f64 {
  const isSafe = squares > LEAST_SAFE && squares < MOST_SAFE;
  const length = isSafe ? sqrt(squares) : scaledLength(row, n);
  return length < SHORTEST ? 0 : length;
}

function scaledLength(row: Address, n: i32): f64 {
  let largest: f64 = 0;
  for (let i = 0; i < n; i++) {
    const size = abs(numberAt(row, i));
    // Written so that a NaN is not passed over.
    if (!(size <= largest)) largest = size;
  }
  if (largest === 0 || !isFinite(largest)) return largest;
  let squares: f64 = 0;
  for (let i = 0; i < n; i++) {
    const share = numberAt(row, i) / largest;
    squares += share * share;
  }
  return largest * sqrt(squares);
}
