import { lengthOf } from '../geometry/rowNorms';
import { rowRange, type Matrix32, type Matrix64 } from '../linalg/matrix';
import type { Products } from '../linalg/products';
import type { CosineHistogram } from '../protocol/views';
import { HISTOGRAM_BINS } from './space';

/** All pairs within blocks of so many rows: a product of 500 × 500 × 384 takes 2 ms, and 20,000 single pairs take 8. */
const BLOCK_ROWS = 512;
/** Fine bins per shown one: quantiles are read off them, to 5e-4. */
const FINENESS = 20;

/** Rows of unit length, float32 (a preview's cosines are good to 1e-6, which no chart shows); those of length 0 are left out. */
export type UnitRows = Matrix32;

/**
 * Unit rows of the first `scales.length` columns of `rows`, each times its scale. One pass, because memory is what it takes.
 * @param order of the rows in the result
 * @param scales `null` = all columns as they are
 */
export function unitRowsOf({ data, columns }: Matrix64, order: Uint32Array, scales: Float64Array | null): UnitRows {
  const kept = scales?.length ?? columns;
  const factors = scales ?? new Float64Array(kept).fill(1);
  const units = new Float32Array(order.length * kept);
  const scaled = new Float64Array(kept);
  let to = 0;
  for (const row of order) {
    const start = row * columns;
    let squares = 0;
    for (let i = 0; i < kept; i++) {
      const value = data[start + i] * factors[i];
      scaled[i] = value;
      squares += value * value;
    }
    // Written out, because a call would cost more than the row; and again with care where squares leave float64.
    const length = squares > 1e-280 && squares < 1e280 ? Math.sqrt(squares) : lengthOf(scaled, 0, kept);
    if (length === 0) continue;
    const inverse = 1 / length;
    for (let i = 0; i < kept; i++) units[to + i] = scaled[i] * inverse;
    to += kept;
  }
  return { data: units.subarray(0, to), rows: kept === 0 ? 0 : to / kept, columns: kept };
}

/** Cosines of the pairs within blocks of rows: of all pairs where there are at most 512 rows. */
export async function histogramOfBlocks(
  units: UnitRows,
  products: Products,
  signal: AbortSignal | undefined,
): Promise<CosineHistogram> {
  const fine = new Uint32Array(HISTOGRAM_BINS * FINENESS);
  const perUnit = fine.length / 2;
  const blockCount = Math.max(1, Math.ceil(units.rows / BLOCK_ROWS));
  let pairCount = 0;
  for (let index = 0; index < blockCount; index++) {
    signal?.throwIfAborted();
    const start = Math.floor((index * units.rows) / blockCount);
    const end = Math.floor(((index + 1) * units.rows) / blockCount);
    const block = rowRange(units, start, end);
    const { data, columns } = await products.multiplyTransposed(block, block);
    for (let i = 0; i < columns; i++) {
      for (let at = i * columns + i + 1; at < (i + 1) * columns; at++) {
        const bin = Math.floor((data[at] + 1) * perUnit);
        // Rounding can carry a cosine past ±1.
        fine[bin < 0 ? 0 : bin < fine.length ? bin : fine.length - 1]++;
      }
    }
    pairCount += (columns * (columns - 1)) / 2;
  }
  return {
    binCount: HISTOGRAM_BINS,
    randomPairs: Uint32Array.from({ length: HISTOGRAM_BINS }, (_, bin) =>
      fine.subarray(bin * FINENESS, (bin + 1) * FINENESS).reduce((sum, count) => sum + count, 0),
    ),
    randomPairCount: pairCount,
    nearest: null,
    nearestCount: 0,
    floor:
      pairCount === 0
        ? null
        : ([0.05, 0.5, 0.95].map((share) => quantileOfBins(fine, share * pairCount)) as [number, number, number]),
  };
}

/** Mean cosine over all pairs i ≠ j: (‖Σx̂‖² − M)/(M² − M); `null` for M < 2. */
export function averageCosineOf({ data, rows, columns }: UnitRows): number | null {
  if (rows < 2) return null;
  const sum = new Float64Array(columns);
  for (let at = 0; at < data.length; at += columns) {
    for (let i = 0; i < columns; i++) sum[i] += data[at + i];
  }
  const squared = sum.reduce((total, value) => total + value * value, 0);
  return (squared - rows) / (rows * (rows - 1));
}

/** The value that `wanted` of the counted cosines are below, linear within its bin. */
function quantileOfBins(bins: Uint32Array, wanted: number): number {
  let below = 0;
  let bin = 0;
  while (bin < bins.length - 1 && below + bins[bin] < wanted) below += bins[bin++];
  const within = bins[bin] === 0 ? 0 : (wanted - below) / bins[bin];
  return ((bin + within) / bins.length) * 2 - 1;
}
