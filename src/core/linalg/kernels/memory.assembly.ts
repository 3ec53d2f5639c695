/** Linear memory: the caller lays out arrays from a base on. An array is its address; nothing is collected. */

/** Bytes from the start of memory. */
export type Address = usize;

/** Cache lines are 64 bytes: the base starts one. */
const ALIGNMENT: usize = 64;
const base: Address = (__heap_base + ALIGNMENT - 1) & ~(ALIGNMENT - 1);

/** The address of `count` bytes, not cleared; 0 when memory cannot grow. What was laid out before is given up. */
export function reserve(count: usize): Address {
  const pages = <i32>((base + count + 0xffff) >> 16);
  const missing = pages - memory.size();
  return missing > 0 && memory.grow(missing) < 0 ? 0 : base;
}

/** The address of number `i` of float64. */
export function elementOf(array: Address, i: i32): Address {
  return array + ((<usize>i) << 3);
}

export function numberAt(array: Address, i: i32): f64 {
  return load<f64>(elementOf(array, i));
}

export function setNumber(array: Address, i: i32, value: f64): void {
  store<f64>(elementOf(array, i), value);
}

export function addNumber(array: Address, i: i32, value: f64): void {
  setNumber(array, i, numberAt(array, i) + value);
}

/** Row `r` of a row-major matrix of float64 with `columns` columns. */
export function rowOf(matrix: Address, r: i32, columns: i32): Address {
  return matrix + ((<usize>r * <usize>columns) << 3);
}
