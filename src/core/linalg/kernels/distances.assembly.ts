/** Squared distances as geometry/points.ts takes them, to the bit: differences first, four sums. */
import { Address, elementOf, numberAt, setNumber } from './memory.assembly';

/**
 * squares[p] ← Σ_k (from_k − rows_pk·factors[p])²
 * @param from float64, length d
 * @param rows [count, d] float64
 */
export function squaredDistances64(
  from: Address,
  rows: Address,
  factors: Address,
  d: i32,
  count: i32,
  squares: Address,
): void {
  for (let p = 0; p < count; p++) {
    const row = rows + ((<usize>p * <usize>d) << 3);
    const factor = numberAt(factors, p);
    const scale = f64x2.splat(factor);
    let low = f64x2.splat(0);
    let high = low;
    let k = 0;
    for (; k + 4 <= d; k += 4) {
      low = addSquare(low, elementOf(from, k), v128.load(elementOf(row, k)), scale);
      high = addSquare(high, elementOf(from, k + 2), v128.load(elementOf(row, k + 2)), scale);
    }
    let first: f64 = f64x2.extract_lane(low, 0);
    for (; k < d; k++) {
      const difference = numberAt(from, k) - numberAt(row, k) * factor;
      first += difference * difference;
    }
    setNumber(squares, p, sumOfLanes(first, low, high));
  }
}

/** The same for rows of float32. */
export function squaredDistances32(
  from: Address,
  rows: Address,
  factors: Address,
  d: i32,
  count: i32,
  squares: Address,
): void {
  for (let p = 0; p < count; p++) {
    const row = rows + ((<usize>p * <usize>d) << 2);
    const factor = numberAt(factors, p);
    const scale = f64x2.splat(factor);
    let low = f64x2.splat(0);
    let high = low;
    let k = 0;
    for (; k + 4 <= d; k += 4) {
      const at = row + ((<usize>k) << 2);
      low = addSquare(low, elementOf(from, k), f64x2.promote_low_f32x4(v128.load64_zero(at)), scale);
      high = addSquare(high, elementOf(from, k + 2), f64x2.promote_low_f32x4(v128.load64_zero(at, 8)), scale);
    }
    let first: f64 = f64x2.extract_lane(low, 0);
    for (; k < d; k++) {
      const difference = numberAt(from, k) - <f64>load<f32>(row + ((<usize>k) << 2)) * factor;
      first += difference * difference;
    }
    setNumber(squares, p, sumOfLanes(first, low, high));
  }
}

function addSquare(sum: v128, from: Address, row: v128, scale: v128): v128 {
  const difference = f64x2.sub(v128.load(from), f64x2.mul(row, scale));
  return f64x2.add(sum, f64x2.mul(difference, difference));
}

/** @param first lane 0 of `low`, to which the columns beyond the last four were added */
function sumOfLanes(first: f64, low: v128, high: v128): f64 {
  return first + f64x2.extract_lane(low, 1) + (f64x2.extract_lane(high, 0) + f64x2.extract_lane(high, 1));
}
