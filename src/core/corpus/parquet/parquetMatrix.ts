import { widenFloat16 } from '../float16';
import type { FloatArray, Matrix } from '../../linalg/matrix';
import { IsoscopeError } from '../../protocol/errors';
import { damaged, type ParquetColumn, type ParquetFile } from './parquetFile';
import type { PageValues } from './pageValues';
import { type ParquetPage, readPages } from './parquetPages';

/**
 * A column with a list of numbers in each row, as a matrix: float32 (of float16 and float32) or float64. Pages go straight into it: nothing else of its size is made.
 * @throws IsoscopeError `input` naming the row (from 1) that is null, empty, of another length, or holds a null; AbortError
 */
export async function readListColumn(file: ParquetFile, column: ParquetColumn, signal?: AbortSignal): Promise<Matrix> {
  const label = `${file.name}, column ${column.name}`;
  const data = newArray(column, valueCount(column));
  let filled = 0;
  let row = -1;
  let rowStart = 0;
  let length = -1;
  const closeRow = (end: number) => {
    if (row < 0) return;
    if (length < 0) length = end - rowStart;
    if (end - rowStart !== length) {
      throw new IsoscopeError(
        'input',
        `${label}, row ${row + 1}: ${end - rowStart} numbers, where the first row has ${length}; all vectors must be of one length.`,
      );
    }
  };
  for await (const page of readPages(file, column, signal)) {
    for (let slot = 0; slot < page.slots; slot++) {
      if (page.repetitions === null || page.repetitions[slot] === 0) {
        closeRow(filled + slot);
        rowStart = filled + slot;
        row++;
      }
      if (page.definitions !== null) requireValue(page.definitions[slot], column, `${label}, row ${row + 1}`);
    }
    data.set(toFloats(page.values, column), filled);
    filled += page.slots;
  }
  closeRow(filled);
  if (row + 1 !== file.rows) throw damaged(label, `it has ${row + 1} rows and the file ${file.rows}`);
  return { data: filled === data.length ? data : data.slice(0, filled), rows: file.rows, columns: Math.max(0, length) };
}

/**
 * Columns of single numbers, side by side, as a matrix: float32 when all of them are float32 or shorter, else float64.
 * @throws IsoscopeError `input` naming row and column of a null; AbortError
 */
export async function readWideColumns(
  file: ParquetFile,
  columns: readonly ParquetColumn[],
  signal?: AbortSignal,
): Promise<Matrix> {
  const isFloat64 = columns.some(({ type }) => type === 'DOUBLE' || type === 'INT32' || type === 'INT64');
  for (const column of columns) {
    if (valueCount(column) !== file.rows) {
      throw damaged(file.name, `column ${column.name} has ${valueCount(column)} values and the file ${file.rows} rows`);
    }
  }
  const size = file.rows * columns.length;
  const data = isFloat64 ? new Float64Array(size) : new Float32Array(size);
  for (const [at, column] of columns.entries()) {
    let row = 0;
    for await (const page of readPages(file, column, signal)) {
      requireNoNull(page, column, row, file.name);
      const floats = toFloats(page.values, column);
      for (let slot = 0; slot < page.slots; slot++, row++) data[row * columns.length + at] = floats[slot];
    }
  }
  return { data, rows: file.rows, columns: columns.length };
}

function valueCount({ chunks }: ParquetColumn): number {
  return chunks.reduce((sum, chunk) => sum + Number(chunk.num_values), 0);
}

function newArray({ type }: ParquetColumn, length: number): FloatArray {
  return type === 'DOUBLE' ? new Float64Array(length) : new Float32Array(length);
}

function requireValue(definition: number, { maxDefinition, listDefinition }: ParquetColumn, where: string): void {
  if (definition === maxDefinition) return;
  const what =
    definition >= listDefinition
      ? 'a number of the vector is null'
      : definition === listDefinition - 1
        ? 'the vector is empty'
        : 'the vector is null';
  throw new IsoscopeError('input', `${where}: ${what}; every row needs a whole vector.`);
}

function requireNoNull({ definitions }: ParquetPage, column: ParquetColumn, firstRow: number, name: string): void {
  const slot = definitions?.findIndex((level) => level < column.maxDefinition) ?? -1;
  if (slot < 0) return;
  throw new IsoscopeError(
    'input',
    `${name}, row ${firstRow + slot + 1}: column ${column.name} is null; every row needs a whole vector.`,
  );
}

/** @throws IsoscopeError `input` for values of another type than the column's, which only damage explains */
function toFloats(values: PageValues, { type, name }: ParquetColumn): ArrayLike<number> {
  if (values.length === 0) return [];
  if (type === 'FIXED_LEN_BYTE_ARRAY' && values[0] instanceof Uint8Array) {
    const halves = new Uint16Array(values.length);
    (values as readonly Uint8Array[]).forEach((bytes, i) => (halves[i] = bytes[0] | (bytes[1] << 8)));
    return widenFloat16(halves);
  }
  if (values instanceof BigInt64Array && type === 'INT64') return Float64Array.from(values, Number);
  const isExpected =
    (type === 'FLOAT' && values instanceof Float32Array) ||
    (type === 'DOUBLE' && values instanceof Float64Array) ||
    (type === 'INT32' && values instanceof Int32Array);
  if (!isExpected) throw damaged(name, `a page holds other values than ${type}`);
  return values;
}
