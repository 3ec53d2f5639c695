/**
 * Linear memory as arrays of float64 and int32. An array is its address; no bounds are checked and nothing is collected. Temporary arrays are taken from
 * a stack: a function marks it, allocates, and releases to its mark.
 */

/** Bytes from the start of memory. */
export type Address = usize;

/** Cache lines are 64 bytes: arrays start on one. */
const ALIGNMENT: usize = 64;

let top: Address = (__heap_base + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
const bottom: Address = top;

/** Room for `count` numbers of 8 bytes, not cleared. Traps when memory cannot grow. */
export function allocate(count: usize): Address {
  const array = top;
  top += ((count << 3) + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
  const pages = <i32>((top + 0xffff) >> 16);
  const missing = pages - memory.size();
  if (missing > 0 && memory.grow(missing) < 0) unreachable();
  return array;
}

export function markMemory(): Address {
  return top;
}

export function releaseMemory(mark: Address): void {
  top = mark;
}

export function releaseAll(): void {
  top = bottom;
}

export function numberAt(array: Address, i: i32): f64 {
  return load<f64>(array + ((<usize>i) << 3));
}

export function setNumber(array: Address, i: i32, value: f64): void {
  store<f64>(array + ((<usize>i) << 3), value);
}

export function integerAt(array: Address, i: i32): i32 {
  return load<i32>(array + ((<usize>i) << 2));
}

export function setInteger(array: Address, i: i32, value: i32): void {
  store<i32>(array + ((<usize>i) << 2), value);
}

/** Row `r` of a row-major matrix whose rows lie `stride` numbers apart; also: the address of number r·stride. */
export function rowOf(matrix: Address, r: i32, stride: i32): Address {
  return matrix + ((<usize>r * <usize>stride) << 3);
}

/** The address of number `i`. */
export function elementOf(array: Address, i: i32): Address {
  return array + ((<usize>i) << 3);
}

export function fillZeros(array: Address, count: i32): void {
  memory.fill(array, 0, (<usize>count) << 3);
}

export function copyNumbers(to: Address, from: Address, count: i32): void {
  memory.copy(to, from, (<usize>count) << 3);
}
