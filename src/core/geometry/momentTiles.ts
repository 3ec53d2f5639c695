import { type Kernels, withKernels } from '../linalg/kernels';
import { type Matrix, type Matrix64, rowRange, zeros64 } from '../linalg/matrix';
import type { Products } from '../linalg/products';
import { mirrorLower } from '../linalg/symmetricProduct';
import { breathe } from './breathe';
import { requireFinite } from './finite';

/** Numbers of one tile, 12 MB: sums over enough rows for a fast product, and few enough for the processor's last cache. */
const TILE_NUMBERS = 3 * 2 ** 19;
/** Rows of one tile: below it adding the products up costs as much as they do; above it nothing is won. */
const TILE_ROWS = { least: 248, most: 4088 } as const;
/** Numbers that are brought to the kernels at a time, 256 KB: they stay in the cache that is nearest. */
const PIECE_NUMBERS = 2 ** 15;
/** Kernels take rows by eights. */
const GROUP = 8;

type TileKernels = Kernels<ReturnType<typeof layoutOf>>;

/** What one pass over N rows x_i of d numbers gives. */
export interface RowSums {
  /** μ, length d; zeros for N = 0 */
  readonly mean: Float64Array;
  /** Σ(x_i − μ)ᵀ(x_i − μ), NOT divided, shape [d, d], symmetric to the bit */
  readonly scatter: Matrix64;
  /** rows of length > 0: those that have a direction x̂_i = x_i/‖x_i‖ */
  readonly unitCount: number;
  /** Σ x̂_i, length d */
  readonly unitSum: Float64Array;
  /** Σ x̂_ik² for each dimension k, length d */
  readonly unitSquareSum: Float64Array;
  /** mean of ‖x_i‖; 0 for N = 0 */
  readonly normMean: number;
  /** Σ(‖x_i‖ − normMean)², NOT divided */
  readonly normScatter: number;
}

/**
 * One pass over the rows in tiles, float64 throughout. Each tile is summed about the mean m of the rows before it (the first about its own): with n rows
 * before, t in the tile and δ = its mean − m, the scatter S grows by Σ(x − m)ᵀ(x − m) − t·δᵀδ + nt/(n + t)·δᵀδ (Chan, Golub & LeVeque 1983, eq. 2.1). What
 * is taken off is at most half of what the sum holds once n ≥ t, in every direction, so that nothing cancels, whatever the order of the rows.
 * @throws IsoscopeError `input` as `requireFinite`
 */
export async function sumRows(matrix: Matrix, products: Products, signal?: AbortSignal): Promise<RowSums> {
  const { rows, columns: d } = matrix;
  const tileRows = Math.min(Math.ceil(rows / GROUP) * GROUP, tileRowsFor(d));
  return withKernels(layoutOf(matrix, tileRows), async (kernels) => {
    const { origin, sums, norms, tile } = kernels.arrays;
    sums.fill(0);
    norms.fill(0);
    await breathe(signal);
    startOrigin(matrix, Math.min(tileRows, rows), kernels);
    const scatter = zeros64(d, d);
    // What rounding took off the mean when it moved last.
    const carry = new Float64Array(d);
    for (let start = 0; start < rows; start += tileRows) {
      if (start > 0) await breathe(signal);
      const count = Math.min(tileRows, rows - start);
      const padded = Math.ceil(count / GROUP) * GROUP;
      sums.fill(0, 0, d);
      loadTile(matrix, start, count, padded, kernels);
      await products.addSymmetricProduct({ data: tile.subarray(0, d * padded), rows: d, columns: padded }, scatter);
      moveMean(origin, carry, sums, start, count, scatter);
    }
    // Squares of numbers near 0 may have vanished all.
    if (norms[4] < d * 1e-279) requireFinite(matrix);
    mirrorLower(scatter);
    return {
      mean: origin.slice(),
      scatter,
      unitCount: rows - norms[3],
      unitSum: sums.slice(d, 2 * d),
      unitSquareSum: sums.slice(2 * d, 3 * d),
      normMean: norms[1],
      normScatter: norms[2],
    };
  });
}

/** A multiple of 8 that is none of 16: in a tile whose rows lie a power of two apart all of them would share few places of the cache. */
function tileRowsFor(columns: number): number {
  const rows = Math.max(TILE_ROWS.least, Math.min(TILE_ROWS.most, Math.floor(TILE_NUMBERS / Math.max(1, columns))));
  return Math.floor((rows - GROUP) / (2 * GROUP)) * 2 * GROUP + GROUP;
}

function pieceRowsFor(columns: number): number {
  return Math.max(1, Math.floor(PIECE_NUMBERS / Math.max(1, columns) / GROUP)) * GROUP;
}

function layoutOf({ data, columns: d }: Matrix, tileRows: number) {
  const piece = Math.min(tileRows, pieceRowsFor(d)) * d;
  return {
    narrow: ['float32', data instanceof Float32Array ? piece : 0],
    piece: ['float64', piece],
    origin: ['float64', d],
    sums: ['float64', 3 * d],
    norms: ['float64', 5],
    tile: ['float64', tileRows * d],
  } as const;
}

/**
 * The mean of the first `count` rows, summed as differences from the first row: a column that is constant gets exactly its value as mean, and a variance of
 * exactly 0.
 */
function startOrigin(matrix: Matrix, count: number, kernels: TileKernels): void {
  const { columns: d } = matrix;
  const { origin, sums, piece } = kernels.arrays;
  if (count === 0) {
    origin.fill(0);
    return;
  }
  origin.set(matrix.data.subarray(0, d));
  forEachPiece(matrix, 0, count, kernels, (rows) => {
    kernels.addColumnSums(piece.byteOffset, rows, d, origin.byteOffset, sums.byteOffset);
  });
  for (let k = 0; k < d; k++) origin[k] += sums[k] / count;
}

/** Rows start … start + count − 1 less the origin, transposed, shape [d, padded], and the sums that they add to. */
function loadTile(matrix: Matrix, start: number, count: number, padded: number, kernels: TileKernels): void {
  const { origin, sums, norms, piece, tile } = kernels.arrays;
  let isDoubtful = 0;
  forEachPiece(matrix, start, count, kernels, (rows, first) => {
    isDoubtful |= kernels.addRows(
      piece.byteOffset,
      rows,
      matrix.columns,
      origin.byteOffset,
      sums.byteOffset,
      norms.byteOffset,
      tile.byteOffset,
      padded,
      first,
    );
  });
  if (isDoubtful !== 0) requireFinite(matrix);
}

/** Brings rows to `piece` in float64, some at a time. @param visit gets how many, and the number of the first from `start` on */
function forEachPiece(
  matrix: Matrix,
  start: number,
  count: number,
  { arrays: { narrow, piece }, widen }: TileKernels,
  visit: (rows: number, first: number) => void,
): void {
  const pieceRows = piece.length / Math.max(1, matrix.columns);
  for (let first = 0; first < count; first += pieceRows) {
    const rows = Math.min(pieceRows, count - first);
    const { data } = rowRange(matrix, start + first, start + first + rows);
    if (data instanceof Float32Array) {
      narrow.set(data);
      widen(narrow.byteOffset, piece.byteOffset, data.length);
    } else {
      piece.set(data);
    }
    visit(rows, first);
  }
}

/**
 * From sums about the origin to sums about the mean of all rows so far, which becomes the origin.
 * @param sums Σ(x − origin) of the tile, then others
 */
function moveMean(
  origin: Float64Array,
  carry: Float64Array,
  sums: Float64Array,
  before: number,
  count: number,
  scatter: Matrix64,
): void {
  const { data, columns: d } = scatter;
  const all = before + count;
  const between = before * (count / all);
  const fromOrigin = sums.subarray(0, d).map((sum) => sum / count);
  const fromMean = fromOrigin.map((value, k) => value - carry[k]);
  for (let i = 0, at = 0; i < d; i++, at = i * d) {
    const own = -count * fromOrigin[i];
    const other = between * fromMean[i];
    for (let j = 0; j <= i; j++) data[at + j] += own * fromOrigin[j] + other * fromMean[j];
  }
  for (let k = 0; k < d; k++) {
    const step = carry[k] + fromMean[k] * (count / all);
    const moved = origin[k] + step;
    // TwoSum (Knuth): origin + step = moved + carry exactly.
    const part = moved - origin[k];
    carry[k] = origin[k] - (moved - part) + (step - part);
    origin[k] = moved;
  }
}
