/**
 * The kernel of every matrix product here: a 4 × 4 tile of A·B, whose sixteen sums stay in eight SIMD registers. B comes in panels, each four of its
 * columns packed row after row, so that the kernel reads memory in order.
 */
import { Address, elementOf, numberAt, rowOf, setNumber } from './memory.assembly';
import { multiplyAdd } from './vectors.assembly';

/** Rows and columns of a tile. */
export const TILE = 4;
const ROW_BYTES: usize = 32;

/** Where the kernel leaves its sums, row-major. */
const sums: Address = memory.data(128, 64);

/** `count` rounded up to whole tiles. */
export function wholeTiles(count: i32): i32 {
  return (count + TILE - 1) & ~(TILE - 1);
}

/** Panel number `p`, columns 4p … 4p + 3, of a matrix of `rows` rows. */
export function panelOf(panels: Address, p: i32, rows: i32): Address {
  return rowOf(panels, p * TILE, rows);
}

/** Packs a matrix [rows, columns]; columns that the last panel has too many are 0. `panels` has room for rows · wholeTiles(columns) numbers. */
export function packPanels(matrix: Address, stride: i32, rows: i32, columns: i32, panels: Address): void {
  for (let first = 0; first < columns; first += TILE) {
    const width = min(columns - first, TILE);
    let to = panelOf(panels, first / TILE, rows);
    for (let r = 0; r < rows; r++, to += ROW_BYTES) {
      const from = elementOf(rowOf(matrix, r, stride), first);
      if (width == TILE) {
        v128.store(to, v128.load(from));
        v128.store(to, v128.load(from, 16), 16);
      } else {
        for (let c = 0; c < TILE; c++) setNumber(to, c, c < width ? numberAt(from, c) : 0);
      }
    }
  }
}

/** Four rows of A (`length` numbers each) times one panel; what becomes of the sums is for `storeTile` or `subtractTile` to say. */
export function multiplyTile(a: Address, stride: i32, panel: Address, length: i32): void {
  let a0 = a;
  let a1 = rowOf(a, 1, stride);
  let a2 = rowOf(a, 2, stride);
  let a3 = rowOf(a, 3, stride);
  let s00 = f64x2.splat(0);
  let s01 = s00;
  let s10 = s00;
  let s11 = s00;
  let s20 = s00;
  let s21 = s00;
  let s30 = s00;
  let s31 = s00;
  const end = panel + <usize>length * ROW_BYTES;
  for (let b = panel; b < end; b += ROW_BYTES) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let x = v128.load64_splat(a0);
    s00 = multiplyAdd(s00, x, b0);
    s01 = multiplyAdd(s01, x, b1);
    x = v128.load64_splat(a1);
    s10 = multiplyAdd(s10, x, b0);
    s11 = multiplyAdd(s11, x, b1);
    x = v128.load64_splat(a2);
    s20 = multiplyAdd(s20, x, b0);
    s21 = multiplyAdd(s21, x, b1);
    x = v128.load64_splat(a3);
    s30 = multiplyAdd(s30, x, b0);
    s31 = multiplyAdd(s31, x, b1);
    a0 += 8;
    a1 += 8;
    a2 += 8;
    a3 += 8;
  }
  v128.store(sums, s00);
  v128.store(sums, s01, 16);
  v128.store(sums, s10, 32);
  v128.store(sums, s11, 48);
  v128.store(sums, s20, 64);
  v128.store(sums, s21, 80);
  v128.store(sums, s30, 96);
  v128.store(sums, s31, 112);
}

/** out ← tile, its first `rows` rows and `columns` columns. */
export function storeTile(out: Address, stride: i32, rows: i32, columns: i32): void {
  for (let r = 0; r < rows; r++) {
    const from = rowOf(sums, r, TILE);
    const to = rowOf(out, r, stride);
    if (columns == TILE) {
      v128.store(to, v128.load(from));
      v128.store(to, v128.load(from, 16), 16);
    } else {
      for (let c = 0; c < columns; c++) setNumber(to, c, numberAt(from, c));
    }
  }
}

/** out ← out − tile, all four rows of it and its first `columns` columns. */
export function subtractTile(out: Address, stride: i32, columns: i32): void {
  for (let r = 0; r < TILE; r++) {
    const from = rowOf(sums, r, TILE);
    const to = rowOf(out, r, stride);
    if (columns == TILE) {
      v128.store(to, f64x2.sub(v128.load(to), v128.load(from)));
      v128.store(to, f64x2.sub(v128.load(to, 16), v128.load(from, 16)), 16);
    } else {
      for (let c = 0; c < columns; c++) setNumber(to, c, numberAt(to, c) - numberAt(from, c));
    }
  }
}
