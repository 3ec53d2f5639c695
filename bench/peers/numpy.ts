import { timePython } from './python';

/**
 * Times an expression of NumPy on one thread, in a process of its own.
 * @param expression Python, of the float64 matrix `x`
 * @param x row-major, handed over as it is
 * @returns the shortest of `repetitions` runs in milliseconds, or `undefined` where there is no Python with NumPy
 */
export function timeNumpy(
  expression: string,
  x: Float64Array,
  rows: number,
  columns: number,
  repetitions: number,
): number | undefined {
  return timePython({ setup: '', statement: expression, x, rows, columns, threads: 1, repetitions })?.wall;
}

export const noNumpy = 'no Python with NumPy was found (set PYTHON to one): no comparison with NumPy';
