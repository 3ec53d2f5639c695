/**
 * One pass over rows for everything that moments need but the products themselves: sums of differences from an origin, lengths, sums of unit rows and of
 * their squares; and the differences, transposed, for the products (geometry/moments.ts).
 */
import { lengthOf, sumOfSquares } from './lengths.assembly';
import { addNumber, Address, elementOf, numberAt, rowOf, setNumber } from './memory.assembly';

/** Rows at a time: eight numbers of float64 are a cache line of the transposed tile. */
const GROUP = 8;
/** 1/length of the rows of a group, 0 for rows without direction and for those that fill the group up. */
const inverses: Address = memory.data(64, 16);

/** sums[k] += Σ_i (x_ik − origin_k). @param rows [count, d] */
export function addColumnSums(rows: Address, count: i32, d: i32, origin: Address, sums: Address): void {
  for (let r = 0; r < count; r++) {
    const row = rowOf(rows, r, d);
    let k = 0;
    for (; k + 2 <= d; k += 2) {
      const sum = elementOf(sums, k);
      const difference = f64x2.sub(v128.load(elementOf(row, k)), v128.load(elementOf(origin, k)));
      v128.store(sum, f64x2.add(v128.load(sum), difference));
    }
    if (k < d) addNumber(sums, k, numberAt(row, k) - numberAt(origin, k));
  }
}

/**
 * @param rows [padded, d] with padded = count rounded up to a multiple of 8; rows from `count` on are overwritten
 * @param origin length d
 * @param sums [3, d]: Σ(x − origin), Σ x̂ and Σ x̂² are added to
 * @param norms count, mean and centred square sum of the lengths so far, how many of them are 0, largest sum of squares: brought up to date
 * @param tile [d, width]: x − origin goes to columns first … first + padded − 1, zeros where there is no row
 * @returns 1 when a sum of squares is NaN or too large for its numbers to be known as good, else 0
 */
export function addRows(
  rows: Address,
  count: i32,
  d: i32,
  origin: Address,
  sums: Address,
  norms: Address,
  tile: Address,
  width: i32,
  first: i32,
): i32 {
  let isDoubtful = 0;
  for (let start = 0; start < count; start += GROUP) {
    const group = rowOf(rows, start, d);
    const size = min(GROUP, count - start);
    isDoubtful |= addLengths(group, size, d, norms);
    for (let r = size; r < GROUP; r++) memory.copy(rowOf(group, r, d), origin, (<usize>d) << 3);
    addGroup(group, d, origin, sums, elementOf(tile, first + start), width);
  }
  return isDoubtful;
}

function addLengths(group: Address, size: i32, d: i32, norms: Address): i32 {
  let isDoubtful = 0;
  for (let r = 0; r < GROUP; r++) setNumber(inverses, r, 0);
  let count = numberAt(norms, 0);
  let mean = numberAt(norms, 1);
  let scatter = numberAt(norms, 2);
  for (let r = 0; r < size; r++) {
    const row = rowOf(group, r, d);
    const squares = sumOfSquares(row, d);
    // Written so that a NaN fails.
    if (!(squares <= 1e280)) isDoubtful = 1;
    if (squares > numberAt(norms, 4)) setNumber(norms, 4, squares);
    const length = lengthOf(row, d, squares);
    // Welford's recurrence: lengths that differ little keep their variance.
    count += 1;
    const off = length - mean;
    mean += off / count;
    scatter += off * (length - mean);
    if (length > 0) setNumber(inverses, r, 1 / length);
    else addNumber(norms, 3, 1);
  }
  setNumber(norms, 0, count);
  setNumber(norms, 1, mean);
  setNumber(norms, 2, scatter);
  return isDoubtful;
}

/** @param to where the tile has row 0 of the group in its first row of `width` numbers */
function addGroup(group: Address, d: i32, origin: Address, sums: Address, to: Address, width: i32): void {
  const unitSums = rowOf(sums, 1, d);
  const unitSquares = rowOf(sums, 2, d);
  const step = (<usize>d) << 3;
  const line = (<usize>width) << 3;
  let k = 0;
  for (; k + 2 <= d; k += 2) {
    const at = (<usize>k) << 3;
    const o = v128.load(origin + at);
    let sum = v128.load(sums + at);
    let unitSum = v128.load(unitSums + at);
    let unitSquare = v128.load(unitSquares + at);
    let row = group + at;
    let even = to + <usize>k * line;
    for (let pair: usize = 0; pair < 64; pair += 16) {
      const x = v128.load(row);
      const y = v128.load(row + step);
      const u = f64x2.mul(x, v128.load64_splat(inverses + pair));
      const v = f64x2.mul(y, v128.load64_splat(inverses + pair, 8));
      unitSum = f64x2.add(unitSum, f64x2.add(u, v));
      unitSquare = f64x2.add(unitSquare, f64x2.add(f64x2.mul(u, u), f64x2.mul(v, v)));
      const p = f64x2.sub(x, o);
      const q = f64x2.sub(y, o);
      sum = f64x2.add(sum, f64x2.add(p, q));
      v128.store(even, v128.shuffle<f64>(p, q, 0, 2));
      v128.store(even + line, v128.shuffle<f64>(p, q, 1, 3));
      row += step << 1;
      even += 16;
    }
    v128.store(sums + at, sum);
    v128.store(unitSums + at, unitSum);
    v128.store(unitSquares + at, unitSquare);
  }
  if (k < d) addLastColumn(group, d, origin, sums, to + <usize>k * line);
}

function addLastColumn(group: Address, d: i32, origin: Address, sums: Address, to: Address): void {
  const k = d - 1;
  for (let r = 0; r < GROUP; r++) {
    const x = numberAt(rowOf(group, r, d), k);
    const unit = x * numberAt(inverses, r);
    const difference = x - numberAt(origin, k);
    addNumber(sums, k, difference);
    addNumber(rowOf(sums, 1, d), k, unit);
    addNumber(rowOf(sums, 2, d), k, unit * unit);
    setNumber(to, r, difference);
  }
}
