import { breathe } from '../geometry/breathe';
import { rowsPerTile } from '../geometry/moments';
import type { Matrix } from '../linalg/matrix';

/** Share of the squared length of a centred row that one dimension must hold, and how many times its fair share of 1/d at least. */
const DOMINANT = 0.3;
const TIMES_FAIR = 12;
/** With fewer dimensions one of them always holds much. */
const LEAST_DIMENSIONS = 16;
/** Squared lengths below this share of the squared length of the mean are rounding. */
const ROUNDING = 1e-12;

export interface DominatedLine {
  readonly row: number;
  readonly dimension: number;
  /** 0 … 1 */
  readonly share: number;
}

/** Rows that differ from the mean mostly in one dimension: (x_k − μ_k)²/‖x − μ‖² > max(0.3, 12/d). */
export async function findDominatedLines(
  { data, rows, columns }: Matrix,
  mean: Float64Array,
  signal?: AbortSignal,
): Promise<DominatedLine[]> {
  const found: DominatedLine[] = [];
  if (columns < LEAST_DIMENSIONS || rows < 2) return found;
  const least = ROUNDING * mean.reduce((sum, value) => sum + value * value, 0);
  const dominant = Math.max(DOMINANT, TIMES_FAIR / columns);
  const tileRows = rowsPerTile(columns);
  for (let row = 0; row < rows; row++) {
    if (row % tileRows === 0) await breathe(signal);
    let sum = 0;
    let largest = 0;
    let dimension = 0;
    for (let k = 0; k < columns; k++) {
      const square = (data[row * columns + k] - mean[k]) ** 2;
      sum += square;
      if (square > largest) {
        largest = square;
        dimension = k;
      }
    }
    if (sum > least && largest > dominant * sum) found.push({ row, dimension, share: largest / sum });
  }
  return found;
}
