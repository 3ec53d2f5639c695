import { readSentences } from '../../core/corpus/sentences';

/** Where some of a text's sentences stand among all of them. */
export interface RowNumbers {
  /** ascending, from 0 */
  readonly rows: Uint32Array;
  /** sentences of the whole text */
  readonly rowCount: number;
}

/**
 * Numbers of the sentences on some lines among all sentences of a text: a file of ready vectors has a row for each of those, also when only some are analysed.
 * @param lines of the sentences, from 0, ascending
 */
export function rowsOfLines(text: string, lines: Uint32Array): RowNumbers {
  const all = readSentences(text).lines;
  const rowOfLine = new Map(Array.from(all, (line, row) => [line, row]));
  return { rows: Uint32Array.from(lines, (line) => rowOfLine.get(line) ?? 0), rowCount: all.length };
}
