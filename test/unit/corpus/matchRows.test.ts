import { describe, expect, it } from 'vitest';
import { matchRows, pickRows, type MatchedText } from '../../../src/core/corpus/matchRows';
import { readSentences } from '../../../src/core/corpus/sentences';
import { readTextColumn } from '../../../src/core/corpus/textColumn';

const match = (text: Omit<MatchedText, 'source'>, rows: number) =>
  matchRows({ source: 'X.txt', ...text }, { name: 'V.npy', rows });
const matchText = (text: string, rows: number) => match(readSentences(text), rows);
const matchColumn = (text: string, column: string, rows: number) =>
  match({ ...readTextColumn(text, column, 'X.csv'), isTable: true }, rows);

describe('matchRows', () => {
  it('takes all rows where there are as many as sentences', () => {
    expect(matchText('a\n\nb\n', 2)).toBeNull();
  });

  it('takes the rows of a part of the text when the vectors are of the whole', () => {
    const rows = Uint32Array.of(1, 3);
    expect(match({ sentences: ['b', 'd'], rows, rowCount: 4 }, 4)).toBe(rows);
    expect(match({ sentences: ['b', 'd'], rows }, 4)).toBe(rows);
    // Vectors of the part alone.
    expect(match({ sentences: ['b', 'd'], rows, rowCount: 4 }, 2)).toBeNull();
  });

  it('does not take rows of a part when the whole has another count', () => {
    const part = { sentences: ['b', 'd'], rows: Uint32Array.of(1, 3), rowCount: 4 };
    expect(() => match(part, 5)).toThrow(
      'V.npy has 5 rows and X.txt 4 sentences (2 of them chosen); row i must belong',
    );
    expect(() => match({ ...part, rows: Uint32Array.of(1) }, 4)).toThrow('2 sentences have 1 row numbers');
    expect(() => match({ sentences: ['b', 'd'], rows: Uint32Array.of(1, 9) }, 4)).toThrow('V.npy has 4 rows');
  });

  it.each([
    ['one blank line', 'a\n\nb', 3, 'the blank line was encoded too'],
    [
      'blank lines',
      'a\n\n \nb\n',
      4,
      'the 2 blank lines were encoded too, and blank lines are no sentences; encode the others only',
    ],
    ['the text behind the last line end', 'a\nb\n', 3, 'the empty text behind the last line end was encoded too'],
    ['a header that was taken off', 'a\nb\nc', 2, 'the first line was taken for a header, as pandas.read_csv does'],
    ['repeated sentences', 'a\nb\na\nb\nc', 3, 'each of the 3 distinct sentences was encoded once'],
    [
      'two reasons at once',
      'a\nb\na',
      2,
      'header=None; encode it too, or each of the 2 distinct sentences was encoded once',
    ],
    ["Python's splitlines", 'a\u2028b\nc\fd', 4, "Python's splitlines() does"],
    ['several rows for a sentence', 'a\nb', 26, 'there are 13 rows for each sentence'],
    ['another text', 'a\nb\nc\nd\ne', 1, 'the text may have been edited since the vectors were made'],
  ])('explains %s', (_what, text, rows, reason) => {
    expect(() => matchText(text, rows)).toThrow(reason);
    expect(() => matchText(text, rows)).toThrow(
      new RegExp(`^V\\.npy has ${String(rows)} rows? and X\\.txt \\d+ sentences`),
    );
  });

  it('explains header and empty cells of a table', () => {
    expect(() => matchColumn('t\na\nb\n', 't', 3)).toThrow('the header line was encoded too');
    expect(() => matchColumn('t\na\nb\n', '1', 2)).toThrow('the first row is a header; choose the column by its name');
    expect(() => matchColumn('id,t\n1,a\n2,\n3,b\n', 't', 3)).toThrow('the empty cell was encoded too');
  });

  it('groups large numbers', () => {
    const sentences = Array.from({ length: 12_345 }, (_, i) => String(i));
    expect(() => match({ sentences }, 7)).toThrow('V.npy has 7 rows and X.txt 12,345 sentences; row i must belong');
  });
});

describe('pickRows', () => {
  it('keeps order and precision', () => {
    const data = Float32Array.of(1, 2, 3, 4, 5, 6);
    expect(pickRows({ data, rows: 3, columns: 2 }, Uint32Array.of(2, 0))).toEqual({
      data: Float32Array.of(5, 6, 1, 2),
      rows: 2,
      columns: 2,
    });
    expect(pickRows({ data: Float64Array.from(data), rows: 3, columns: 2 }, Uint32Array.of(1)).data).toEqual(
      Float64Array.of(3, 4),
    );
  });
});
