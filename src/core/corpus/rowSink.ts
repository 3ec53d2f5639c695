import type { Matrix64 } from '../linalg/matrix';
import { IsoscopeError } from '../protocol/errors';

/** Gathers rows of equal length into a matrix whose size is not known before the end. */
export interface RowSink {
  readonly rows: number;
  /**
   * @param where of the row, for errors: "X.csv, line 3"
   * @throws IsoscopeError `input` for another length than the first row's, or a number that is not finite
   */
  push(row: ArrayLike<number>, where: string): void;
  /** @throws IsoscopeError `input` when there is no row */
  finish(): Matrix64;
}

/**
 * Float64: a text does not say in which precision its numbers were made, and rounding those of a float64 writer to float32 would lose what is written there.
 * @param name of the file, for errors
 */
export function createRowSink(name: string): RowSink {
  let data = new Float64Array(1024);
  let columns = -1;
  let rows = 0;
  return {
    get rows() {
      return rows;
    },
    push(row, where) {
      if (columns < 0) {
        if (row.length === 0) throw new IsoscopeError('input', `${where}: the vector is empty.`);
        columns = row.length;
      }
      if (row.length !== columns) {
        throw new IsoscopeError(
          'input',
          `${where}: ${row.length} number${row.length === 1 ? '' : 's'}, where the first row has ${columns}; all vectors must be of one length.`,
        );
      }
      const start = rows * columns;
      if (start + columns > data.length) {
        const larger = new Float64Array(2 * (start + columns));
        larger.set(data.subarray(0, start));
        data = larger;
      }
      for (let i = 0; i < columns; i++) {
        const number = row[i];
        if (!Number.isFinite(number)) {
          const what = Number.isNaN(number) ? 'not a number (NaN)' : 'infinite';
          throw new IsoscopeError('input', `${where}: number ${i + 1} is ${what}; every number must be finite.`);
        }
        data[start + i] = number;
      }
      rows++;
    },
    finish() {
      if (rows === 0) throw new IsoscopeError('input', `${name} holds no vectors.`);
      return { data: data.slice(0, rows * columns), rows, columns };
    },
  };
}
