/** A dense matrix, row-major, shape [rows, columns]. */
export interface Matrix<Data extends FloatArray = FloatArray> {
  readonly data: Data;
  readonly rows: number;
  readonly columns: number;
}

export type FloatArray = Float32Array | Float64Array;
export type Matrix64 = Matrix<Float64Array>;
export type Matrix32 = Matrix<Float32Array>;

/** A matrix over existing data. @throws RangeError when the length is not rows × columns */
export function matrixOf<Data extends FloatArray>(data: Data, rows: number, columns: number): Matrix<Data> {
  if (data.length !== rows * columns) {
    throw new RangeError(`${String(data.length)} numbers are not a matrix of ${String(rows)} × ${String(columns)}`);
  }
  return { data, rows, columns };
}

/** Zeros, float64, shape [rows, columns]. */
export function zeros64(rows: number, columns: number): Matrix64 {
  return { data: new Float64Array(rows * columns), rows, columns };
}

/** Rows start … end − 1 of `matrix`, sharing its memory. */
export function rowRange<Data extends FloatArray>(matrix: Matrix<Data>, start: number, end: number): Matrix<Data> {
  const { columns } = matrix;
  return { data: matrix.data.subarray(start * columns, end * columns) as Data, rows: end - start, columns };
}
