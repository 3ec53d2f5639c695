/**
 * From eigenvectors of the tridiagonal matrix to those of the full one: rows z ← H₁ … Hₙ₋₁ z. Reflectors are applied in groups in the compact WY form
 * (Schreiber & Van Loan 1989), H₁…H_g = I − Vᵀ T V with T triangular: two matrix products per group instead of one pass over memory per reflector.
 */
import {
  Address,
  allocate,
  elementOf,
  fillZeros,
  markMemory,
  numberAt,
  releaseMemory,
  rowOf,
  setNumber,
} from './memory.assembly';
import { multiplyTile, packPanels, panelOf, storeTile, subtractTile, TILE, wholeTiles } from './productTile.assembly';
import { dot } from './vectors.assembly';

/** Reflectors per group. */
const GROUP = 32;
/** Eigenvectors at a time: they stay in the cache between the two products. A multiple of TILE. */
const BLOCK = 48;

/**
 * @param reflectors row i holds vᵢ in its first i numbers
 * @param factors τᵢ
 * @param vectors [wholeTiles(n), n]: eigenvectors as rows, then rows of zeros
 */
export function transformBack(reflectors: Address, factors: Address, n: i32, vectors: Address): void {
  const mark = markMemory();
  const group = allocate(<usize>GROUP * <usize>n);
  const columns = allocate(<usize>GROUP * <usize>n);
  const rows = allocate(<usize>GROUP * <usize>wholeTiles(n));
  const triangle = allocate(GROUP * GROUP);
  const trianglePanels = allocate(GROUP * GROUP);
  const inner = allocate(BLOCK * GROUP);
  const weights = allocate(BLOCK * GROUP);
  for (let first = 1; first < n; first += GROUP) {
    const length = min(first + GROUP, n) - 1; // of the longest reflector of the group
    const count = length - first + 1;
    gatherReflectors(reflectors, n, first, count, length, group);
    fillTriangle(group, length, factors, first, count, triangle);
    packTransposed(group, length, count, columns);
    packPanels(group, length, count, length, rows);
    packPanels(triangle, GROUP, count, count, trianglePanels);
    for (let start = 0; start < n; start += BLOCK) {
      const end = min(start + BLOCK, n);
      applyGroup(vectors, n, start, end, length, count, first, columns, trianglePanels, rows, inner, weights);
    }
  }
  releaseMemory(mark);
}

/** V of the group, [count, length], with zeros where a reflector is shorter. */
function gatherReflectors(reflectors: Address, n: i32, first: i32, count: i32, length: i32, group: Address): void {
  fillZeros(group, count * length);
  for (let r = 0; r < count; r++) {
    memory.copy(rowOf(group, r, length), rowOf(reflectors, first + r, n), (<usize>(first + r)) << 3);
  }
}

/** T upper triangular: T_cc = τ_c, T_{0…c−1, c} = −τ_c T_{0…c−1, 0…c−1} (V v_c). */
function fillTriangle(group: Address, length: i32, factors: Address, first: i32, count: i32, triangle: Address): void {
  const mark = markMemory();
  const products = allocate(GROUP);
  fillZeros(triangle, GROUP * GROUP);
  for (let c = 0; c < count; c++) {
    const tau = numberAt(factors, first + c);
    for (let r = 0; r < c; r++) {
      setNumber(products, r, dot(rowOf(group, r, length), rowOf(group, c, length), first + r));
    }
    for (let r = 0; r < c; r++) {
      const row = rowOf(triangle, r, GROUP);
      setNumber(row, c, -tau * dot(elementOf(row, r), elementOf(products, r), c - r));
    }
    setNumber(rowOf(triangle, c, GROUP), c, tau);
  }
  releaseMemory(mark);
}

/** Packs Vᵀ [length, count] into panels of four reflectors. */
function packTransposed(group: Address, length: i32, count: i32, panels: Address): void {
  for (let r = 0; r < wholeTiles(count); r++) {
    let to = elementOf(panelOf(panels, r / TILE, length), r % TILE);
    for (let j = 0; j < length; j++, to += TILE << 3) {
      store<f64>(to, r < count ? numberAt(rowOf(group, r, length), j) : 0);
    }
  }
}

/** Z ← Z − ((Z Vᵀ) T) V for rows start … end − 1 of Z and those that make the last tile whole. */
function applyGroup(
  vectors: Address,
  n: i32,
  start: i32,
  end: i32,
  length: i32,
  count: i32,
  first: i32,
  columns: Address,
  trianglePanels: Address,
  rows: Address,
  inner: Address,
  weights: Address,
): void {
  for (let c = 0; c < count; c += TILE) {
    const panel = panelOf(columns, c / TILE, length);
    const reach = min(first + c + TILE - 1, length); // the panel's longest reflector
    for (let r = start; r < end; r += TILE) {
      multiplyTile(rowOf(vectors, r, n), n, panel, reach);
      storeTile(elementOf(rowOf(inner, r - start, GROUP), c), GROUP, TILE, TILE);
    }
  }
  for (let c = 0; c < count; c += TILE) {
    const panel = panelOf(trianglePanels, c / TILE, count);
    for (let r = start; r < end; r += TILE) {
      multiplyTile(rowOf(inner, r - start, GROUP), GROUP, panel, min(count, c + TILE));
      storeTile(elementOf(rowOf(weights, r - start, GROUP), c), GROUP, TILE, TILE);
    }
  }
  for (let column = 0; column < length; column += TILE) {
    const panel = panelOf(rows, column / TILE, count);
    for (let r = start; r < end; r += TILE) {
      multiplyTile(rowOf(weights, r - start, GROUP), GROUP, panel, count);
      subtractTile(elementOf(rowOf(vectors, r, n), column), n, min(TILE, length - column));
    }
  }
}
