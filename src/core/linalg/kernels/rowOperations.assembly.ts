/** Operations on rows of float64 in place, and the ways to float64 and back. */
import { lengthOf, sumOfSquares } from './lengths.assembly';
import { Address, elementOf, numberAt, rowOf, setNumber } from './memory.assembly';

/** float32 → float64 */
export function widen(from: Address, to: Address, count: i32): void {
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const four = v128.load(from + ((<usize>i) << 2));
    v128.store(elementOf(to, i), f64x2.promote_low_f32x4(four));
    v128.store(elementOf(to, i), f64x2.promote_low_f32x4(v128.shuffle<f64>(four, four, 1, 1)), 16);
  }
  for (; i < count; i++) setNumber(to, i, <f64>load<f32>(from + ((<usize>i) << 2)));
}

/** float64 → float32, rounded to the nearest. */
export function narrow(from: Address, to: Address, count: i32): void {
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const low = f32x4.demote_f64x2_zero(v128.load(elementOf(from, i)));
    const high = f32x4.demote_f64x2_zero(v128.load(elementOf(from, i), 16));
    v128.store(to + ((<usize>i) << 2), v128.shuffle<f64>(low, high, 0, 2));
  }
  for (; i < count; i++) store<f32>(to + ((<usize>i) << 2), <f32>numberAt(from, i));
}

/** Each row minus `mean` [d]. @param rows [count, d] */
export function subtractFromRows(rows: Address, count: i32, d: i32, mean: Address): void {
  for (let r = 0; r < count; r++) {
    const row = rowOf(rows, r, d);
    let k = 0;
    for (; k + 2 <= d; k += 2) {
      const at = elementOf(row, k);
      v128.store(at, f64x2.sub(v128.load(at), v128.load(elementOf(mean, k))));
    }
    if (k < d) setNumber(row, k, numberAt(row, k) - numberAt(mean, k));
  }
}

/** Column k times factors[k]. @param rows [count, d] */
export function scaleColumns(rows: Address, count: i32, d: i32, factors: Address): void {
  for (let r = 0; r < count; r++) {
    const row = rowOf(rows, r, d);
    let k = 0;
    for (; k + 2 <= d; k += 2) {
      const at = elementOf(row, k);
      v128.store(at, f64x2.mul(v128.load(at), v128.load(elementOf(factors, k))));
    }
    if (k < d) setNumber(row, k, numberAt(row, k) * numberAt(factors, k));
  }
}

/** Each row divided by its length; a row of length 0 stays. @param rows [count, d] */
export function scaleToUnitLength(rows: Address, count: i32, d: i32): void {
  for (let r = 0; r < count; r++) {
    const row = rowOf(rows, r, d);
    const length = lengthOf(row, d, sumOfSquares(row, d));
    if (length === 0) continue;
    const lengths = f64x2.splat(length);
    let k = 0;
    for (; k + 2 <= d; k += 2) v128.store(elementOf(row, k), f64x2.div(v128.load(elementOf(row, k)), lengths));
    if (k < d) setNumber(row, k, numberAt(row, k) / length);
  }
}

/** Not finite as soon as one of the numbers is not. */
export function sumOfNumbers(numbers: Address, count: i32): f64 {
  let a = f64x2.splat(0);
  let b = a;
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    a = f64x2.add(a, v128.load(elementOf(numbers, i)));
    b = f64x2.add(b, v128.load(elementOf(numbers, i), 16));
  }
  const sums = f64x2.add(a, b);
  let sum = f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
  for (; i < count; i++) sum += numberAt(numbers, i);
  return sum;
}
