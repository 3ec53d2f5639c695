import { IsoscopeError } from '../protocol/errors';
import type { Note } from '../protocol/snapshot';
import type { DelimitedRecord } from './delimited';
import { leftOutNote, looksLikeIndexName } from './indexColumn';
import { createRowSink } from './rowSink';
import { readLayout, readRecords, type TableLayout } from './tableLayout';
import { isVectorText, parseNumber, readVectorText } from './vectorCell';
import { couldServe, listNames, type ReadVectors, type VectorSource } from './vectorSource';

/**
 * Ready vectors in a table as text: CSV or TSV with one column of cells such as "[0.1, 0.2]" or "0.1 0.2"; or a table of numbers only, each column a dimension
 * (TensorFlow Projector's vectors.tsv, numpy.savetxt, a pandas frame), with or without a header.
 * @throws IsoscopeError `input` naming the line (from 1)
 */
export async function openDelimitedVectors(
  bytes: Uint8Array,
  name: string,
  signal?: AbortSignal,
): Promise<VectorSource> {
  const layout = await readLayout(bytes, name, signal);
  const label = (column: number) => layout.header?.[column] ?? String(column + 1);
  const names = layout.sample.flatMap((cell, column) => (isVectorText(cell) ? [label(column)] : []));
  const records = () => readRecords(bytes, name, layout, signal);
  return {
    noun: 'column',
    names,
    read: async (wanted) =>
      wanted === undefined
        ? readNumbers(records, layout, name)
        : readColumn(records(), findColumn(layout, wanted, names, name), wanted, name),
  };
}

function findColumn({ header, sample }: TableLayout, wanted: string, names: readonly string[], name: string): number {
  const found = header?.indexOf(wanted.trim()) ?? -1;
  if (found >= 0 && header?.includes(wanted.trim(), found + 1)) {
    throw new IsoscopeError('usage', `${name} has several columns "${wanted}": choose one by its number, from 1.`);
  }
  const column = found >= 0 ? found : /^[1-9]\d{0,5}$/.test(wanted) ? Number(wanted) - 1 : -1;
  if (column < 0 || column >= sample.length) {
    throw new IsoscopeError('usage', `${name} has no column "${wanted}"; ${couldServe(names)}.`);
  }
  return column;
}

async function readColumn(
  records: AsyncIterable<DelimitedRecord>,
  column: number,
  label: string,
  name: string,
): Promise<ReadVectors> {
  const sink = createRowSink(name);
  for await (const { cells, line } of records) {
    const where = `${name}, line ${line + 1}, column ${label}`;
    if (column >= cells.length) {
      throw new IsoscopeError('input', `${name}, line ${line + 1}: there is no column ${label}.`);
    }
    sink.push(readVectorText(cells[column], where), where);
  }
  return { vectors: sink.finish(), notes: [] };
}

/** Every cell a number: the record is the vector. */
async function readNumbers(
  records: () => AsyncIterable<DelimitedRecord>,
  layout: TableLayout,
  name: string,
): Promise<ReadVectors> {
  const { header, sample } = layout;
  requireNumbers(layout, name);
  // Some writers close every line with a delimiter.
  const closing = sample.length > 1 && sample[sample.length - 1].trim() === '' ? 1 : 0;
  const indexName = header?.[0] ?? null;
  const hasIndex = indexName !== null && looksLikeIndexName(indexName) && sample.length > 1;
  const first = hasIndex && (await countsRows(records())) ? 1 : 0;
  const sink = createRowSink(name);
  for await (const { cells, line } of records()) {
    const where = `${name}, line ${line + 1}`;
    const width = cells.length - first - (closing === 1 && cells[cells.length - 1].trim() === '' ? 1 : 0);
    const row = new Float64Array(Math.max(0, width));
    for (let i = 0; i < width; i++) row[i] = readNumber(cells[first + i], first + i, where);
    sink.push(row, where);
  }
  const notes: Note[] = first === 1 && indexName !== null ? [leftOutNote(indexName)] : [];
  return { vectors: sink.finish(), notes };
}

/** A table with other columns than numbers is refused as a whole, with a word on what it may be. */
function requireNumbers({ header, sample, delimiter }: TableLayout, name: string): void {
  const isNumber = (cell: string) => parseNumber(cell) !== undefined;
  const others = sample.flatMap((cell, i) =>
    isNumber(cell) || cell.trim() === '' ? [] : [header?.[i] ?? String(i + 1)],
  );
  if (others.length === 0) return;
  const isWordVectors = delimiter === null && sample.length > 2 && sample.slice(1).every(isNumber);
  if (isWordVectors) {
    throw new IsoscopeError(
      'input',
      `${name} begins with words, each before its numbers, as GloVe and word2vec files do: choose it as the encoder.`,
    );
  }
  const needed = 'a column of cells such as "[0.1, 0.2]" or nothing but numbers is needed';
  const which = `column${others.length === 1 ? '' : 's'} ${listNames(others)} ${others.length === 1 ? 'is' : 'are'} neither`;
  throw new IsoscopeError(
    'input',
    delimiter === null
      ? `${name} holds text and no vectors: ${needed}.`
      : `${name} holds no vectors: ${needed}, and ${which}.`,
  );
}

function readNumber(cell: string, column: number, where: string): number {
  const number = parseNumber(cell);
  if (number !== undefined) return number;
  const shown = JSON.stringify(cell.length > 40 ? `${cell.slice(0, 40)}…` : cell);
  const hint = /^\s*[+-]?\d+,\d+\s*$/.test(cell) ? ' (decimals are written with a point)' : '';
  throw new IsoscopeError(
    'input',
    cell.trim() === ''
      ? `${where}: column ${column + 1} is empty.`
      : `${where}: column ${column + 1}, ${shown}, is no number${hint}.`,
  );
}

async function countsRows(records: AsyncIterable<DelimitedRecord>): Promise<boolean> {
  let expected: number | undefined;
  for await (const { cells } of records) {
    const number = /^\d+$/.test(cells[0].trim()) ? Number(cells[0]) : NaN;
    if (number !== (expected ?? number)) return false;
    expected = number + 1;
  }
  return true;
}
