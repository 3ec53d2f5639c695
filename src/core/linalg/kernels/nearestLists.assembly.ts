/**
 * For each of many points a list of the others with the largest scores, from tiles of products (geometry/neighbourCandidates.ts): the score of y for x is
 * x·y − ‖y‖²/2, largest for the nearest. A product serves both of its points.
 */
import { Address } from './memory.assembly';

/** Products that are compared before it is asked whether any of them matters. */
const STRIDE = 16;

// What all tiles have in common.
let halves: Address = 0;
let scores: Address = 0;
let points: Address = 0;
let least: Address = 0;
let k: i32 = 0;

/**
 * @param halfSquares ‖y‖²/2 of n points, float32
 * @param listScores [n, k] float32, descending, −Infinity where there is none yet; and `listPoints`, int32
 * @param leastScores the last of each list, length n
 */
export function startLists(
  halfSquares: Address,
  listScores: Address,
  listPoints: Address,
  leastScores: Address,
  size: i32,
): void {
  halves = halfSquares;
  scores = listScores;
  points = listPoints;
  least = leastScores;
  k = size;
}

/**
 * Offers each pair of a tile to both lists, but for pairs whose second point is not the higher one.
 * @param products [rows, columns] float32, of points firstRow … with points firstColumn …
 */
export function offerTile(products: Address, rows: i32, columns: i32, firstRow: i32, firstColumn: i32): void {
  const columnHalves = numberOf(halves, firstColumn);
  const columnLeast = numberOf(least, firstColumn);
  for (let r = 0; r < rows; r++) {
    const i = firstRow + r;
    const row = products + ((<usize>r * <usize>columns) << 2);
    const half = load<f32>(numberOf(halves, i));
    const ownHalf = f32x4.splat(half);
    let c = max(0, i + 1 - firstColumn);
    for (; c + STRIDE <= columns; c += STRIDE) {
      const ownLeast = f32x4.splat(load<f32>(numberOf(least, i)));
      const at = (<usize>c) << 2;
      const a = matters(row + at, columnHalves + at, columnLeast + at, ownHalf, ownLeast);
      const b = matters(row + at + 16, columnHalves + at + 16, columnLeast + at + 16, ownHalf, ownLeast);
      const d = matters(row + at + 32, columnHalves + at + 32, columnLeast + at + 32, ownHalf, ownLeast);
      const e = matters(row + at + 48, columnHalves + at + 48, columnLeast + at + 48, ownHalf, ownLeast);
      if (!v128.any_true(v128.or(v128.or(a, b), v128.or(d, e)))) continue;
      let found = i32x4.bitmask(a) | (i32x4.bitmask(b) << 4) | (i32x4.bitmask(d) << 8) | (i32x4.bitmask(e) << 12);
      for (; found !== 0; found &= found - 1) {
        const s = c + ctz(found);
        offerPair(load<f32>(numberOf(row, s)), i, half, firstColumn + s);
      }
    }
    for (; c < columns; c++) offerPair(load<f32>(numberOf(row, c)), i, half, firstColumn + c);
  }
}

function matters(product: Address, half: Address, leastOfColumn: Address, ownHalf: v128, ownLeast: v128): v128 {
  const p = v128.load(product);
  const forRow = f32x4.gt(f32x4.sub(p, v128.load(half)), ownLeast);
  const forColumn = f32x4.gt(f32x4.sub(p, ownHalf), v128.load(leastOfColumn));
  return v128.or(forRow, forColumn);
}

function offerPair(product: f32, i: i32, half: f32, j: i32): void {
  const forRow = product - load<f32>(numberOf(halves, j));
  if (forRow > load<f32>(numberOf(least, i))) insert(i, forRow, j);
  const forColumn = product - half;
  if (forColumn > load<f32>(numberOf(least, j))) insert(j, forColumn, i);
}

function insert(point: i32, score: f32, other: i32): void {
  const start = <usize>point * <usize>k;
  const listScores = scores + (start << 2);
  const listPoints = points + (start << 2);
  let at = (<usize>k - 1) << 2;
  while (at > 0) {
    const before = load<f32>(listScores + at - 4);
    if (before >= score) break;
    store<f32>(listScores + at, before);
    store<i32>(listPoints + at, load<i32>(listPoints + at - 4));
    at -= 4;
  }
  store<f32>(listScores + at, score);
  store<i32>(listPoints + at, other);
  store<f32>(numberOf(least, point), load<f32>(listScores + ((<usize>k - 1) << 2)));
}

/** The address of number `i` of 4 bytes. */
function numberOf(array: Address, i: i32): Address {
  return array + ((<usize>i) << 2);
}
