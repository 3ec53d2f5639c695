import type { Matrix } from '../linalg/matrix';
import { IsoscopeError } from '../protocol/errors';

/** Beyond it squares, and products of squares, leave float64; a matrix whose largest number is nearer to 0 than its inverse loses them to 0. */
const LARGEST = 1e140;

/**
 * Refuses what no statistic can be computed from.
 * @throws IsoscopeError `input`, naming row and column (from 1) of the first NaN, infinity or number beyond ±1e140; or when all numbers are 0 but for
 * some nearer to it than 1e-140
 */
export function requireFinite(matrix: Matrix): void {
  const { data } = matrix;
  let largest = 0;
  for (let at = 0; at < data.length; at++) {
    const size = Math.abs(data[at]);
    // Written so that a NaN fails the comparison.
    if (!(size <= LARGEST)) throw unusable(matrix, at);
    if (size > largest) largest = size;
  }
  if (largest > 0 && largest < 1 / LARGEST) {
    throw new IsoscopeError(
      'input',
      `No number of the vectors is larger than ${String(largest)}: scale them up, their squares vanish in double precision.`,
    );
  }
}

function unusable({ data, columns }: Matrix, at: number): IsoscopeError {
  const value = data[at];
  const place = `row ${String(Math.floor(at / columns) + 1)}, column ${String((at % columns) + 1)}`;
  return new IsoscopeError(
    'input',
    Number.isFinite(value)
      ? `The vectors hold ${String(value)} (${place}): scale them so that no number lies beyond ±1e140.`
      : `The vectors hold ${Number.isNaN(value) ? 'NaN (not a number)' : 'an infinite value'} (${place}): leave that row out or mend it.`,
  );
}
