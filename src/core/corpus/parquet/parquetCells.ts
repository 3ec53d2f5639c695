import { IsoscopeError } from '../../protocol/errors';
import { listColumns, type ParquetColumn, type ParquetFile } from './parquetFile';
import { readPages } from './parquetPages';

export type ParquetCell = string | number | bigint | boolean | null;

/**
 * The values of a column that has one in each row: texts (plain, large, dictionary-encoded, categorical alike), numbers, booleans; `null` where there is none.
 * @throws IsoscopeError `input` for bytes that are no UTF-8 (naming the row, from 1), `usage` for a column of lists, dates or bytes; AbortError
 */
export async function* readParquetCells(
  file: ParquetFile,
  column: ParquetColumn,
  signal?: AbortSignal,
): AsyncGenerator<ParquetCell> {
  if (column.maxRepetition > 0 || column.kind === 'other' || column.kind === 'vector') {
    throw new IsoscopeError('usage', `${file.name}: column ${column.name} holds ${column.what}, which are no text.`);
  }
  let row = 0;
  for await (const { slots, definitions, values, isFromDictionary } of readPages(file, column, signal)) {
    const texts = isFromDictionary ? new Map<unknown, ParquetCell>() : undefined;
    let next = 0;
    for (let slot = 0; slot < slots; slot++, row++) {
      if (definitions !== null && definitions[slot] < column.maxDefinition) {
        yield null;
        continue;
      }
      const value = values[next++];
      let cell = texts?.get(value);
      if (cell === undefined) {
        cell = toCell(value, file, column, row);
        texts?.set(value, cell);
      }
      yield cell;
    }
  }
}

/**
 * The column of a name, or of a number from 1.
 * @throws IsoscopeError `usage` listing the columns when there is none or several
 */
export function findParquetColumn({ columns, name }: ParquetFile, wanted: string): ParquetColumn {
  const named = columns.filter((column) => column.name === wanted);
  if (named.length > 1) {
    throw new IsoscopeError('usage', `${name} has several columns "${wanted}": choose one by its number, from 1.`);
  }
  const numbered = /^[1-9]\d{0,5}$/.test(wanted) ? columns.at(Number(wanted) - 1) : undefined;
  const column = named.at(0) ?? numbered;
  if (column === undefined) {
    throw new IsoscopeError('usage', `${name} has no column "${wanted}"; its columns are ${listColumns(columns)}.`);
  }
  return column;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function toCell(value: unknown, file: ParquetFile, column: ParquetColumn, row: number): ParquetCell {
  if (!(value instanceof Uint8Array)) return value as ParquetCell;
  try {
    return utf8.decode(value);
  } catch (cause) {
    throw new IsoscopeError(
      'input',
      `${file.name}, row ${row + 1}: column ${column.name} holds bytes that are no UTF-8 text.`,
      { cause },
    );
  }
}
