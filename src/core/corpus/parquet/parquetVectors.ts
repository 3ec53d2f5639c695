import { IsoscopeError } from '../../protocol/errors';
import type { Note } from '../../protocol/snapshot';
import { leftOutNote, looksLikeIndexName } from '../indexColumn';
import { createRowSink } from '../rowSink';
import { isVectorText, readVectorText } from '../vectorCell';
import { couldServe, type ReadVectors, type VectorSource } from '../vectorSource';
import { findParquetColumn, readParquetCells } from './parquetCells';
import { listColumns, openParquet, type ParquetColumn, type ParquetFile } from './parquetFile';
import { readListColumn, readWideColumns } from './parquetMatrix';

/**
 * Ready vectors in a Parquet file: a column of lists of floating-point numbers (of fixed length or not), a column of texts such as "[0.1, 0.2]",
 * or a file whose columns are all numbers, each a dimension.
 * @throws IsoscopeError `input` for a file that is no sound Parquet
 */
export async function openParquetVectors(bytes: Uint8Array, name: string, signal?: AbortSignal): Promise<VectorSource> {
  const file = openParquet(bytes, name);
  const names = file.columns.filter(({ kind }) => kind === 'vector').map((column) => column.name);
  if (names.length === 0) names.push(...(await findVectorTexts(file, signal)));
  return {
    noun: 'column',
    names,
    read: (wanted) => (wanted === undefined ? readWide(file, signal) : readColumn(file, wanted, names, signal)),
  };
}

/** Columns of texts whose first text is a vector. */
async function findVectorTexts(file: ParquetFile, signal?: AbortSignal): Promise<readonly string[]> {
  const found: string[] = [];
  for (const column of file.columns.filter(({ kind, maxRepetition }) => kind === 'text' && maxRepetition === 0)) {
    const first = await firstText(file, column, signal);
    if (first !== null && isVectorText(first)) found.push(column.name);
  }
  return found;
}

/** `null` where there is none: bytes that are no text are no vector either. */
async function firstText(file: ParquetFile, column: ParquetColumn, signal?: AbortSignal): Promise<string | null> {
  try {
    for await (const cell of readParquetCells(file, column, signal)) if (cell !== null) return String(cell);
  } catch (error) {
    if (!(error instanceof IsoscopeError)) throw error;
  }
  return null;
}

async function readColumn(
  file: ParquetFile,
  wanted: string,
  names: readonly string[],
  signal?: AbortSignal,
): Promise<ReadVectors> {
  const column = findParquetColumn(file, wanted);
  if (column.kind === 'vector') return { vectors: await readListColumn(file, column, signal), notes: [] };
  if (column.kind === 'text') return { vectors: await readTexts(file, column, signal), notes: [] };
  throw new IsoscopeError(
    'usage',
    `${file.name}: column ${column.name} holds ${column.what}, where a list of floating-point numbers is needed in each row; ${couldServe(names)}.`,
  );
}

async function readTexts(file: ParquetFile, column: ParquetColumn, signal?: AbortSignal) {
  const sink = createRowSink(file.name);
  for await (const cell of readParquetCells(file, column, signal)) {
    const where = `${file.name}, row ${sink.rows + 1}, column ${column.name}`;
    if (cell === null)
      throw new IsoscopeError('input', `${where}: the vector is null; every row needs a whole vector.`);
    sink.push(readVectorText(String(cell), where), where);
  }
  return sink.finish();
}

/** Every column a number: the row is the vector. */
async function readWide(file: ParquetFile, signal?: AbortSignal): Promise<ReadVectors> {
  const notes: Note[] = [];
  let { columns } = file;
  const index = columns.find(({ name, kind }) => kind === 'integer' && looksLikeIndexName(name));
  if (index !== undefined && columns.length > 1 && (await countsRows(file, index, signal))) {
    columns = columns.filter((column) => column !== index);
    notes.push(leftOutNote(index.name));
  }
  const others = columns.filter(
    ({ kind, maxRepetition }) => maxRepetition > 0 || (kind !== 'float' && kind !== 'integer'),
  );
  if (columns.length === 0 || others.length > 0) {
    throw new IsoscopeError(
      'input',
      `${file.name} has no column of vectors (a list of floating-point numbers in each row); its columns are ${listColumns(file.columns)}.`,
    );
  }
  return { vectors: await readWideColumns(file, columns, signal), notes };
}

async function countsRows(file: ParquetFile, column: ParquetColumn, signal?: AbortSignal): Promise<boolean> {
  let expected: number | undefined;
  for await (const cell of readParquetCells(file, column, signal)) {
    if (cell === null || Number(cell) !== (expected ?? Number(cell))) return false;
    expected = Number(cell) + 1;
  }
  return true;
}
