/** Inner products of one row of float64 with chosen ones. */
import { Address, numberAt, rowOf, setNumber } from './memory.assembly';

/**
 * products[p] ← Σ_k row_k · rows[chosen[p]]_k, float64
 * @param rows [n, d] float64
 * @param chosen int32, length count
 */
export function chosenInnerProducts64(
  row: Address,
  rows: Address,
  d: i32,
  chosen: Address,
  count: i32,
  products: Address,
): void {
  for (let p = 0; p < count; p++) {
    const other = load<i32>(chosen + ((<usize>p) << 2));
    setNumber(products, p, innerProduct64(row, rowOf(rows, other, d), d));
  }
}

/** The same for rows of float32, widened on the way. */
export function chosenInnerProducts32(
  row: Address,
  rows: Address,
  d: i32,
  chosen: Address,
  count: i32,
  products: Address,
): void {
  for (let p = 0; p < count; p++) {
    const other = load<i32>(chosen + ((<usize>p) << 2));
    setNumber(products, p, innerProduct32(row, rows + ((<usize>other * <usize>d) << 2), d));
  }
}

function innerProduct64(x: Address, y: Address, n: i32): f64 {
  let a = f64x2.splat(0);
  let b = a;
  let c = a;
  let d = a;
  let i = 0;
  for (; i + 8 <= n; i += 8) {
    const at = (<usize>i) << 3;
    a = f64x2.add(a, f64x2.mul(v128.load(x + at), v128.load(y + at)));
    b = f64x2.add(b, f64x2.mul(v128.load(x + at, 16), v128.load(y + at, 16)));
    c = f64x2.add(c, f64x2.mul(v128.load(x + at, 32), v128.load(y + at, 32)));
    d = f64x2.add(d, f64x2.mul(v128.load(x + at, 48), v128.load(y + at, 48)));
  }
  let sum = sumOfFour(a, b, c, d);
  for (; i < n; i++) sum += numberAt(x, i) * numberAt(y, i);
  return sum;
}

function innerProduct32(x: Address, y: Address, n: i32): f64 {
  let a = f64x2.splat(0);
  let b = a;
  let c = a;
  let d = a;
  let i = 0;
  for (; i + 8 <= n; i += 8) {
    const at = x + ((<usize>i) << 3);
    const other = y + ((<usize>i) << 2);
    a = f64x2.add(a, f64x2.mul(v128.load(at), f64x2.promote_low_f32x4(v128.load64_zero(other))));
    b = f64x2.add(b, f64x2.mul(v128.load(at, 16), f64x2.promote_low_f32x4(v128.load64_zero(other, 8))));
    c = f64x2.add(c, f64x2.mul(v128.load(at, 32), f64x2.promote_low_f32x4(v128.load64_zero(other, 16))));
    d = f64x2.add(d, f64x2.mul(v128.load(at, 48), f64x2.promote_low_f32x4(v128.load64_zero(other, 24))));
  }
  let sum = sumOfFour(a, b, c, d);
  for (; i < n; i++) sum += numberAt(x, i) * <f64>load<f32>(y + ((<usize>i) << 2));
  return sum;
}

function sumOfFour(a: v128, b: v128, c: v128, d: v128): f64 {
  const sums = f64x2.add(f64x2.add(a, b), f64x2.add(c, d));
  return f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
}
