import { Address, allocate, elementOf, fillZeros, markMemory, releaseMemory, rowOf } from './memory.assembly';
import { multiplyTile, packPanels, panelOf, storeTile, TILE, wholeTiles } from './productTile.assembly';

/** Rows of A that stay in the cache while every panel of B passes by. */
const BLOCK = 48;

/**
 * C = A·B, row-major.
 * @param a [rows, inner]; memory for whole tiles of rows must exist, what lies in the surplus rows does not matter
 * @param b [inner, columns]
 * @param c [rows, columns]
 */
export function multiply(
  a: Address,
  aStride: i32,
  b: Address,
  bStride: i32,
  c: Address,
  cStride: i32,
  rows: i32,
  inner: i32,
  columns: i32,
): void {
  if (inner == 0) {
    for (let r = 0; r < rows; r++) fillZeros(rowOf(c, r, cStride), columns);
    return;
  }
  const mark = markMemory();
  const panels = allocate(<usize>inner * <usize>wholeTiles(columns));
  packPanels(b, bStride, inner, columns, panels);
  for (let block = 0; block < rows; block += BLOCK) {
    const end = min(block + BLOCK, rows);
    for (let column = 0; column < columns; column += TILE) {
      const panel = panelOf(panels, column / TILE, inner);
      const width = min(columns - column, TILE);
      for (let r = block; r < end; r += TILE) {
        multiplyTile(rowOf(a, r, aStride), aStride, panel, inner);
        storeTile(elementOf(rowOf(c, r, cStride), column), cStride, min(end - r, TILE), width);
      }
    }
  }
  releaseMemory(mark);
}
