import type { Matrix } from '../linalg/matrix';
import { IsoscopeError } from '../protocol/errors';
import { isBlank } from './sentences';

/** Sentences that ready vectors are to belong to, with all that is known of where they stand. */
export interface MatchedText {
  /** named in errors */
  readonly source: string;
  readonly sentences: readonly string[];
  /** line of each sentence, from 0; rows of a table */
  readonly lines?: Uint32Array | undefined;
  /** lines of the text in all, blank ones and the empty one behind a closing line end included; of a table: its cells, blank ones included */
  readonly lineCount?: number | undefined;
  /** whether the sentences are cells of a table */
  readonly isTable?: boolean | undefined;
  /** where the sentences are a part of the text's: their numbers among all of them, from 0 */
  readonly rows?: Uint32Array | undefined;
  /** sentences of the whole text */
  readonly rowCount?: number | undefined;
}

/**
 * The rows of ready vectors that belong to the sentences, in their order; `null` = all rows as they stand. Nothing is guessed: the counts must agree, of the sentences or, for a part of a
 * text, of all its sentences.
 * @throws IsoscopeError `input` with the likely reason of a mismatch and the way on
 */
export function matchRows(
  text: MatchedText,
  vectors: { readonly name: string; readonly rows: number },
): Uint32Array | null {
  const { sentences, rows, rowCount } = text;
  if (rows !== undefined) {
    if (rows.length !== sentences.length) {
      throw new IsoscopeError(
        'usage',
        `${text.source}: ${sentences.length} sentences have ${rows.length} row numbers.`,
      );
    }
    const largest = rows.reduce((most, row) => Math.max(most, row), -1);
    if (rowCount === undefined ? largest < vectors.rows : rowCount === vectors.rows && largest < rowCount) return rows;
  }
  if (sentences.length === vectors.rows) return null;
  throw mismatch(text, vectors);
}

/** The rows named, in their order. */
export function pickRows({ data, columns }: Matrix, rows: Uint32Array): Matrix {
  const picked =
    data instanceof Float32Array ? new Float32Array(rows.length * columns) : new Float64Array(rows.length * columns);
  rows.forEach((row, i) => {
    picked.set(data.subarray(row * columns, (row + 1) * columns), i * columns);
  });
  return { data: picked, rows: rows.length, columns };
}

function mismatch(text: MatchedText, { name, rows }: { readonly name: string; readonly rows: number }): IsoscopeError {
  const { source, sentences, rowCount } = text;
  const isPart = text.rows !== undefined && rowCount !== undefined;
  const reasons = isPart ? [] : likelyReasons(text, rows);
  const why =
    reasons.length > 0
      ? `: it looks as if ${reasons.join(', or ')}`
      : '; row i must belong to sentence i: the text may have been edited since the vectors were made, or they belong to another text';
  const part = isPart ? ` (${grouped(sentences.length)} of them chosen)` : '';
  return new IsoscopeError(
    'input',
    `${name} has ${count(rows, 'row')} and ${source} ${count(isPart ? rowCount : sentences.length, 'sentence')}${part}${why}.`,
  );
}

/** Reasons that explain the number of rows exactly, the most usual first, two at most. */
function likelyReasons({ sentences, lines, lineCount, isTable }: MatchedText, rows: number): string[] {
  const count = sentences.length;
  const reasons: string[] = [];
  // Lines of a table are no measure of its rows: a cell may hold several.
  const all =
    isTable === true ? (lineCount ?? count) : lines === undefined || count === 0 ? count : lines[count - 1] + 1;
  const blank = all - count;
  if (blank > 0 && rows === all) {
    const what = isTable === true ? 'empty cell' : 'blank line';
    const were = blank === 1 ? `the ${what} was` : `the ${grouped(blank)} ${what}s were`;
    reasons.push(`${were} encoded too, and ${what}s are no sentences; encode the others only`);
  } else if (isTable !== true && rows === lineCount) {
    reasons.push('the empty text behind the last line end was encoded too; leave out its row');
  }
  if (isTable === true && rows === all + 1) reasons.push('the header line was encoded too; leave out its row');
  if (rows === count - 1) {
    reasons.push(
      isTable === true
        ? 'the first row is a header; choose the column by its name'
        : 'the first line was taken for a header, as pandas.read_csv does unless told header=None; encode it too',
    );
  }
  if (rows < count && rows === new Set(sentences).size) {
    reasons.push(`each of the ${grouped(rows)} distinct sentences was encoded once; encode repeated ones again`);
  }
  const pieces = countPythonLines(sentences);
  if (pieces !== count && (rows === pieces || rows === pieces + blank)) {
    reasons.push(
      "the text was split at form feeds, U+0085 or U+2028 too, as Python's splitlines() does; split it at line ends only",
    );
  }
  if (count > 0 && rows > count && rows % count === 0 && reasons.length === 0) {
    reasons.push(`there are ${rows / count} rows for each sentence; keep one of them`);
  }
  return reasons.slice(0, 2);
}

/** What `str.splitlines` of Python breaks lines at, beside line ends. */
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const PYTHON_BREAKS = /[\v\f\x1c-\x1e\x85\u2028\u2029]/;

function countPythonLines(sentences: readonly string[]): number {
  let count = 0;
  for (const sentence of sentences) {
    count += PYTHON_BREAKS.test(sentence) ? sentence.split(PYTHON_BREAKS).filter((piece) => !isBlank(piece)).length : 1;
  }
  return count;
}

function count(number: number, noun: string): string {
  return `${grouped(number)} ${noun}${number === 1 ? '' : 's'}`;
}

/** 10000 → "10,000", whatever the locale of the machine. */
function grouped(number: number): string {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ',');
}
