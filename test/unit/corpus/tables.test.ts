import fc from 'fast-check';
import Papa from 'papaparse';
import { describe, expect, it } from 'vitest';
import { guessDelimiter, parseDelimited } from '../../../src/core/corpus/delimited';
import { readTextColumn } from '../../../src/core/corpus/textColumn';

const cellsOf = (text: string, delimiter = ',') =>
  [...parseDelimited(text, delimiter, 'X.csv')].map(({ cells }) => cells);

describe('parseDelimited', () => {
  it('reads quotes, doubled quotes, delimiters and line ends within cells', () => {
    expect(cellsOf('a,"b ""quoted"" , b",c\n"two\r\nlines",,""\n')).toEqual([
      ['a', 'b "quoted" , b', 'c'],
      ['two\r\nlines', '', ''],
    ]);
  });

  it('takes all three line ends, mixed, and skips blank lines', () => {
    expect(cellsOf('a\r\nb\rc\n\n\r\nd')).toEqual([['a'], ['b'], ['c'], ['d']]);
  });

  it('keeps empty cells and empty quoted records', () => {
    expect(cellsOf(',\n""\na,')).toEqual([['', ''], [''], ['a', '']]);
  });

  it('tells the line of each record', () => {
    const records = [...parseDelimited('a\n"b\nb\r\nb"\n\nc', ',', 'X')];
    expect(records.map(({ line }) => line)).toEqual([0, 1, 5]);
  });

  it('names the line of a quotation mark that does not match', () => {
    expect(() => cellsOf('a,b\nc,"d\ne')).toThrow('X.csv, line 2: a quotation mark is never closed.');
    expect(() => cellsOf('a\n"b\nc" d\n')).toThrow('X.csv, line 3: a closing quotation mark is followed by " "');
  });

  it('lets a TSV that knows no quoting have its marks', () => {
    expect(cellsOf('"Yes," she said.\tb\n"c"\t"d ""e"""\n"open\tf', '\t')).toEqual([
      ['"Yes," she said.', 'b'],
      ['c', 'd "e"'],
      ['"open', 'f'],
    ]);
  });

  it('agrees with papaparse on what papaparse writes', () => {
    // Papaparse guesses one kind of line end for a file, so the cells here hold line feeds only, as its records do.
    const cell = fc.string({ unit: fc.constantFrom('a', 'ä', '"', ',', '\n', ' ', '') });
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell, cell), { minLength: 1 }), (rows) => {
        const text = Papa.unparse(rows, { newline: '\n' });
        expect(cellsOf(text)).toEqual(rows);
        expect(cellsOf(text)).toEqual(Papa.parse<string[]>(text, { delimiter: ',', newline: '\n' }).data);
      }),
      { seed: 1 },
    );
  });

  it('guesses the delimiter from the first line, outside quotation marks', () => {
    expect(guessDelimiter('id;"a,b,c";text\n1,2,3,4')).toBe(';');
    expect(guessDelimiter('\na\tb\n')).toBe('\t');
    expect(guessDelimiter('just text')).toBe(',');
  });
});

describe('readTextColumn', () => {
  const csv = 'id,text\n1,hello\n2,"a, b"\n3,\n4,  kept  \n';

  it('takes a column by its name, the first record being the header', () => {
    const { sentences, lines } = readTextColumn(csv, 'text', 'X.csv');
    expect(sentences).toEqual(['hello', 'a, b', '  kept  ']);
    expect([...lines]).toEqual([1, 2, 4]);
  });

  it('takes a column by its number, every record counting', () => {
    expect(readTextColumn(csv, '2', 'X.csv').sentences).toEqual(['text', 'hello', 'a, b', '  kept  ']);
  });

  it('reads JSON Lines: objects by key, arrays by number', () => {
    expect(readTextColumn('{"t":"a","n":1}\n\n{"t":null}\n{"t":"b\\nc"}', 't', 'X.jsonl').sentences).toEqual([
      'a',
      'b\nc',
    ]);
    expect(readTextColumn('["x","a"]\n["y","b"]', '2', 'X.jsonl').sentences).toEqual(['a', 'b']);
  });

  it('tells the format by the content where the name does not', () => {
    expect(readTextColumn('{"t":"a"}', 't', 'standard input').sentences).toEqual(['a']);
    expect(readTextColumn('t\tu\na\tb', 'u', 'standard input').sentences).toEqual(['b']);
  });

  it.each([
    [
      'a column that is not there',
      csv,
      'txt',
      'X.csv',
      'X.csv has no column "txt"; its first line names "id", "text".',
    ],
    ['a name that occurs twice', 't,t\n1,2', 't', 'X.csv', 'several columns "t"'],
    [
      'a record that is too short',
      'a,b\nc\n',
      '2',
      'X.csv',
      'X.csv, line 2: there is 1 column, and number 2 is needed.',
    ],
    ['a line that is no JSON', '{"t":"a"}\n{t}', 't', 'X.jsonl', 'X.jsonl, line 2: this is no JSON.'],
    ['a number for text', '{"t":1}', 't', 'X.jsonl', 'X.jsonl, line 1: "t" is no text.'],
    ['a key that is not there', '{"t":"a"}\n{"u":"a"}', 't', 'X.jsonl', 'X.jsonl, line 2: there is no "t".'],
    ['an inherited key', '{"t":"a"}', 'constructor', 'X.jsonl', 'there is no "constructor"'],
    ['a record that is no object', '7', 't', 'X.jsonl', 'an object with a key "t" is needed'],
    ['a text by the name of Parquet', 'text', 't', 'X.parquet', 'is no Parquet file'],
    ['one JSON document', '[]', 't', 'X.json', 'one JSON document'],
  ])('refuses %s', (_what, text, column, name, message) => {
    expect(() => readTextColumn(text, column, name)).toThrow(message);
  });
});
