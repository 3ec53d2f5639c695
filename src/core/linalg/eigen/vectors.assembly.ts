/** Vectors of float64, two lanes at a time. */
import { Address, numberAt, setNumber } from './memory.assembly';

/** The distance from 1 to the next float64. */
export const EPSILON: f64 = 2.220446049250313e-16;
/** Half of it: the largest relative error of one rounding, LAPACK's `dlamch('E')`. */
export const ROUNDING: f64 = 1.1102230246251565e-16;

export function sumOfLanes(a: v128): f64 {
  return f64x2.extract_lane(a, 0) + f64x2.extract_lane(a, 1);
}

/** sum + a·b */
export function multiplyAdd(sum: v128, a: v128, b: v128): v128 {
  return f64x2.add(sum, f64x2.mul(a, b));
}

/** sum − a·b */
export function multiplySubtract(sum: v128, a: v128, b: v128): v128 {
  return f64x2.sub(sum, f64x2.mul(a, b));
}

export function dot(x: Address, y: Address, n: i32): f64 {
  let even = f64x2.splat(0);
  let odd = even;
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const offset = (<usize>i) << 3;
    even = multiplyAdd(even, v128.load(x + offset), v128.load(y + offset));
    odd = multiplyAdd(odd, v128.load(x + offset, 16), v128.load(y + offset, 16));
  }
  let sum = sumOfLanes(f64x2.add(even, odd));
  for (; i < n; i++) sum += numberAt(x, i) * numberAt(y, i);
  return sum;
}

/** row −= a·x + b·y */
export function subtractMultiples(row: Address, a: f64, x: Address, b: f64, y: Address, n: i32): void {
  for (let j = 0; j < n; j++) {
    setNumber(row, j, numberAt(row, j) - (a * numberAt(x, j) + b * numberAt(y, j)));
  }
}

export function swapNumbers(x: Address, y: Address, n: i32): void {
  for (let j = 0; j < n; j++) {
    const kept = numberAt(x, j);
    setNumber(x, j, numberAt(y, j));
    setNumber(y, j, kept);
  }
}

/** The plane rotation of two rows: (x, y) ← (c·x + s·y, c·y − s·x). */
export function rotate(x: Address, y: Address, n: i32, c: f64, s: f64): void {
  const cosines = f64x2.splat(c);
  const sines = f64x2.splat(s);
  const pairs = (<usize>(n & ~1)) << 3;
  for (let offset: usize = 0; offset < pairs; offset += 16) {
    const a = v128.load(x + offset);
    const b = v128.load(y + offset);
    v128.store(x + offset, multiplyAdd(f64x2.mul(cosines, a), sines, b));
    v128.store(y + offset, multiplySubtract(f64x2.mul(cosines, b), sines, a));
  }
  if (n & 1) {
    const a = numberAt(x, n - 1);
    const b = numberAt(y, n - 1);
    setNumber(x, n - 1, c * a + s * b);
    setNumber(y, n - 1, c * b - s * a);
  }
}
