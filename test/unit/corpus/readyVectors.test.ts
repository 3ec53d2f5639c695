import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readTextPieces } from '../../../src/core/corpus/textPieces';
import { readTableColumn } from '../../../src/core/corpus/textColumn';
import { parseNumber, parseVectorCell } from '../../../src/core/corpus/vectorCell';
import { listVectorNames, readVectorFile } from '../../../src/core/corpus/vectorFile';
import { IsoscopeError } from '../../../src/core/protocol/errors';

// Files by the ecosystem's own writers (test/golden/corpus/makeVectors.py): all hold x, or fine = x + 0.1 in float32.

const golden = path.join(__dirname, '../../golden/corpus/vectors');
const expected = JSON.parse(readFileSync(path.join(golden, 'expected.json'), 'utf8')) as {
  rows: number;
  columns: number;
  x: number[];
  fine: number[];
  texts: string[];
};
const x32 = Float32Array.from(expected.x);
const fine32 = Float32Array.from(expected.fine);
const fine64 = Float64Array.from(expected.fine);

const folder = mkdtempSync(path.join(tmpdir(), 'isoscope-ready-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function save(name: string, content: string | Uint8Array): string {
  const file = path.join(folder, name);
  writeFileSync(file, content);
  return file;
}

async function read(name: string, array?: string) {
  const { vectors, notes } = await readVectorFile(path.join(golden, name), { array });
  return { ...vectors, notes };
}

describe('Parquet', () => {
  it.each([
    'list32',
    'fixed32',
    'half',
    'halfFixedSplit',
    'largeList',
    'required',
    'requiredList',
    'oldNames',
    'split',
    'plain',
    'groups',
    'delta',
    ...['none', 'snappy', 'gzip', 'brotli', 'zstd', 'lz4'].flatMap((codec) => [`codec_${codec}`, `codec_${codec}_v2`]),
  ])('%s: float32, and float16 as float32, to the bit', async (name) => {
    const { data, rows, columns } = await read(`${name}.parquet`);
    expect([rows, columns]).toEqual([7, 4]);
    expect(data).toEqual(x32);
  });

  it('keeps the precision that the file has', async () => {
    expect((await read('list32fine.parquet')).data).toEqual(fine32);
    expect((await read('list64.parquet')).data).toEqual(fine64);
    expect((await read('fixed64.parquet')).data).toEqual(Float64Array.from(expected.x));
    expect((await read('pandas.parquet')).data).toEqual(fine32);
  });

  it('follows rows across pages of both versions', async () => {
    for (const name of ['pages.parquet', 'pages1.parquet']) {
      const { data, rows } = await read(name);
      expect(rows).toBe(700);
      for (let copy = 0; copy < 100; copy++) expect(data.subarray(copy * 28, (copy + 1) * 28)).toEqual(x32);
    }
  });

  it('names the fields of records without what lists put around them', async () => {
    expect(await listVectorNames(path.join(golden, 'struct.parquet'))).toEqual(['doc.emb']);
    expect((await read('struct.parquet', 'doc.emb')).data).toEqual(x32);
  });

  it('lists the columns that could serve, and takes the one that is named or numbered', async () => {
    await expect(read('two.parquet')).rejects.toThrow(
      /two\.parquet holds several columns: choose one with --array \(title, body\)\.$/,
    );
    expect((await read('two.parquet', 'body')).data).toEqual(x32.map((value) => -value));
    expect((await read('two.parquet', '2')).data).toEqual(x32);
    await expect(read('two.parquet', 'head')).rejects.toThrow(
      'has no column "head"; its columns are text, title, body.',
    );
    await expect(read('list32.parquet', 'id')).rejects.toThrow(
      'column id holds integers, where a list of floating-point numbers is needed in each row; embedding could serve.',
    );
  });

  it('reads vectors that are written as text, as float64', async () => {
    expect((await read('asText.parquet')).data).toEqual(Float64Array.from(expected.x));
  });

  it('takes a table of numbers as a whole, and leaves out what counts its rows', async () => {
    expect(await read('pandasWide.parquet')).toMatchObject({ data: fine32, rows: 7, columns: 4, notes: [] });
    const indexed = await read('pandasWideIndex.parquet');
    expect(indexed).toMatchObject({ data: fine32, columns: 4 });
    expect(indexed.notes[0].message).toBe(
      'The column "__index_level_0__" counts the rows and is not part of the vectors.',
    );
  });

  it.each([
    ['nullVector', 'row 3: the vector is null; every row needs a whole vector.'],
    ['emptyVector', 'row 4: the vector is empty'],
    ['emptyFirst', 'row 1: the vector is empty'],
    ['nullElement', 'row 5: a number of the vector is null'],
    ['ragged', 'row 7: 3 numbers, where the first row has 4'],
    ['nan', 'row 6: column 2 is not a number (NaN)'],
    ['integers', 'no column of vectors (a list of floating-point numbers in each row); its columns are tokens.'],
    ['listsOfLists', 'no column of vectors'],
    ['categories', 'no column of vectors'],
    ['noRows', 'holds no vectors: its shape is (0, 0).'],
  ])('refuses %s', async (name, message) => {
    const error: unknown = await read(`${name}.parquet`).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(IsoscopeError);
    expect((error as IsoscopeError).reason).toBe('input');
    expect((error as IsoscopeError).message).toContain(message);
  });

  it('stops when it is cancelled', async () => {
    const controller = new AbortController();
    const reading = readVectorFile(path.join(golden, 'pages.parquet'), { signal: controller.signal });
    setTimeout(() => controller.abort(), 0);
    await expect(reading).rejects.toThrow(/abort/i);
  });
});

describe('texts in Parquet', () => {
  const texts = (name: string, column?: string) => readTableColumn(readFileSync(path.join(golden, name)), column, name);
  const kept = expected.texts.filter((text) => text !== '');

  it.each([
    ['list32.parquet', 'text'],
    ['list32.parquet', '2'],
    ['largeList.parquet', 'text'],
    ['plain.parquet', 'text'],
    ['groups.parquet', 'text'],
    ['categories.parquet', 'text'],
    ['struct.parquet', 'doc.text'],
    ['delta.parquet', 'length'],
    ['codec_zstd_v2.parquet', undefined],
    ['nullTexts.parquet', undefined],
  ])('%s, column %s: every cell that is not blank, with its row', async (name, column) => {
    const { sentences, lines } = await texts(name, column);
    expect(sentences).toEqual(kept);
    expect([...lines]).toEqual([0, 1, 3, 4, 5, 6]);
  });

  it('reads prefixed texts, booleans and integers beyond 2^53', async () => {
    expect((await texts('delta.parquet', 'array')).sentences[1]).toBe('prefix 1 Zwei – drei');
    expect((await texts('delta.parquet', 'count')).sentences[1]).toBe('9007199254740993');
    expect((await texts('delta.parquet', 'small')).sentences).toEqual(['0', '1', '2', '3', '4', '5', '6']);
    expect((await texts('categories.parquet', 'flag')).sentences).toEqual([
      'true',
      'false',
      'true',
      'true',
      'false',
      'true',
    ]);
    expect((await texts('pages.parquet')).sentences).toHaveLength(600);
  });

  it.each([
    ['several columns of texts', 'delta.parquet', undefined, 'choose one with --text-column (length, array).'],
    ['no column of texts', 'pandasWide.parquet', undefined, 'has no column of texts; its columns are dim0, dim1'],
    ['a column that is not there', 'list32.parquet', 'texts', 'its columns are id, text, embedding.'],
    [
      'a column of lists',
      'list32.parquet',
      'embedding',
      'column embedding holds lists of float32 numbers, which are no text.',
    ],
    ['dates', 'categories.parquet', 'when', 'column when holds timestamp, which are no text'],
    ['bytes', 'categories.parquet', 'raw', 'row 1: column raw holds bytes that are no UTF-8 text.'],
  ])('refuses %s', async (_what, name, column, message) => {
    await expect(texts(name, column)).rejects.toThrow(message);
  });
});

describe('.npz and .safetensors', () => {
  it('take the only array that could serve', async () => {
    expect((await read('embeddingsAndLabels.npz')).data).toEqual(x32);
    expect((await read('one.safetensors')).data).toEqual(x32);
  });

  it('list those that could when there are several', async () => {
    await expect(read('twoMatrices.npz')).rejects.toThrow('several arrays: choose one with --array (first, second).');
    await expect(read('several.safetensors')).rejects.toThrow(/several tensors: choose one with --array \(.*\)\.$/);
    expect([...(await listVectorNames(path.join(golden, 'several.safetensors')))].sort()).toEqual([
      'body',
      'half',
      'title',
    ]);
    expect((await read('several.safetensors', 'body')).data).toEqual(Float64Array.from(expected.x, (value) => -value));
    expect((await read('several.safetensors', 'half')).data).toEqual(x32);
    await expect(read('several.safetensors', 'mean')).rejects.toThrow('tensor "mean" has 1 axis');
    await expect(read('several.safetensors', 'other')).rejects.toThrow('holds no tensor named other');
  });

  it('are recognised whatever their name', async () => {
    const file = save('unnamed.bin', readFileSync(path.join(golden, 'one.safetensors')));
    expect((await readVectorFile(file)).vectors.data).toEqual(x32);
    const parquet = save('unnamed', readFileSync(path.join(golden, 'list32.parquet')));
    expect((await readVectorFile(parquet)).vectors.data).toEqual(x32);
  });
});

describe('JSON Lines', () => {
  it('take a key, or bare arrays, as float64', async () => {
    await expect(read('records.jsonl')).rejects.toThrow('several keys: choose one with --array (embedding, other).');
    expect((await read('records.jsonl', 'embedding')).data).toEqual(fine64);
    expect((await read('bare.jsonl')).data).toEqual(fine64);
    expect(Float32Array.from((await read('pandas.jsonl')).data)).toEqual(fine32);
  });

  it.each([
    ['a line that is no JSON', '{"v":[1,2]}\n{"v":[1,2', 'line 2: this is no JSON'],
    ['NaN', readFileSync(path.join(golden, 'pythonNan.jsonl'), 'utf8'), 'line 2: NaN is no number'],
    ['null', '{"v":[1,2]}\n\n{"v":null}', 'line 3, "v": the vector is null'],
    ['null within', '{"v":[1,2]}\n{"v":[1,null]}', 'line 2, "v": element 2 is null, not a number'],
    ['a text', '{"v":[1,2]}\n{"v":"[1,2]"}', 'line 2, "v": an array of numbers is needed'],
    ['a missing key', '{"v":[1,2]}\n{"w":[1,2]}', 'line 2: there is no "v".'],
    ['ragged rows', '{"v":[1,2]}\n{"v":[1,2,3]}', 'line 2: 3 numbers, where the first row has 2'],
    ['an overflow', '{"v":[1,2]}\n{"v":[1,1e999]}', 'line 2: number 2 is infinite'],
    [
      'no vectors at all',
      '{"text":"a","n":1}',
      'has no key with an array of numbers; the keys of its first line are text, n.',
    ],
    ['a matrix in one line', '[[1,2],[3,4]]', 'line 1 holds several vectors'],
    ['blank lines only', '\n \n', 'all its lines are blank'],
  ])('refuse %s', async (_what, text, message) => {
    await expect(readVectorFile(save('bad.jsonl', text))).rejects.toThrow(message);
  });

  it('name what could serve when the key is not there', async () => {
    await expect(read('records.jsonl', 'vector')).rejects.toThrow(
      'there is no "vector"; embedding, other could serve.',
    );
  });
});

describe('CSV and TSV', () => {
  it.each(['pandas.csv', 'csvModule.tsv', 'projector.tsv', 'pandasWideNoIndex.csv', 'savetxt.csv', 'savetxt.txt'])(
    '%s',
    async (name) => {
      const { data, rows, columns } = await read(name);
      expect([rows, columns]).toEqual([7, 4]);
      expect(data).toBeInstanceOf(Float64Array);
      expect(Float32Array.from(data)).toEqual(fine32);
    },
  );

  it('read a frame with its index, and NumPy arrays over several lines', async () => {
    const wide = await read('pandasWide.csv');
    expect(Float32Array.from(wide.data)).toEqual(fine32);
    expect(wide.notes[0].message).toBe(
      'The first column, which has no name, counts the rows and is not part of the vectors.',
    );
    // NumPy prints eight digits of a float32.
    const printed = (await read('pandasArrays.csv')).data;
    fine32.forEach((value, i) => expect(Math.abs(printed[i] - value)).toBeLessThan(1e-7));
  });

  it('take a column by name or number', async () => {
    const file = save('two.csv', 'id,a,b\n1,"[1, 2]","[3, 4]"\n2,"[5, 6]","[7, 8]"\n');
    await expect(readVectorFile(file)).rejects.toThrow('several columns: choose one with --array (a, b).');
    expect([...(await readVectorFile(file, { array: 'b' })).vectors.data]).toEqual([3, 4, 7, 8]);
    expect([...(await readVectorFile(file, { array: '2' })).vectors.data]).toEqual([1, 2, 5, 6]);
    await expect(readVectorFile(file, { array: 'c' })).rejects.toThrow('has no column "c"; a, b could serve.');
    const spaced = save('spaced.csv', 'text,v\n"a, b",0.5 -1\nc,2 3e2\n');
    expect([...(await readVectorFile(spaced, { array: 'v' })).vectors.data]).toEqual([0.5, -1, 2, 300]);
  });

  it('allow a delimiter at the end of every line, a header of words, semicolons', async () => {
    expect((await readVectorFile(save('closing.tsv', '1\t2\t\n3\t4\t\n'))).vectors).toMatchObject({
      rows: 2,
      columns: 2,
    });
    expect((await readVectorFile(save('named.csv', 'x;y\n1;2\n'))).vectors).toMatchObject({ rows: 1, columns: 2 });
    const ids = await readVectorFile(save('ids.csv', 'id,x,y\n5,1,2\n6,3,4\n'));
    expect([...ids.vectors.data]).toEqual([1, 2, 3, 4]);
    // What does not count the rows is a dimension like any other.
    expect((await readVectorFile(save('notIds.csv', 'id,x\n5,1\n9,3\n'))).vectors.columns).toBe(2);
  });

  it.each([
    [
      'an elided array',
      readFileSync(path.join(golden, 'pandasElided.csv'), 'utf8'),
      'e.csv',
      'line 2, column embedding: the middle of the vector is missing',
    ],
    ['ragged rows', '1,2\n3\n', 'r.csv', 'r.csv, line 2: 1 number, where the first row has 2'],
    ['NaN', '1,2\n3,nan\n', 'n.csv', 'n.csv, line 2: number 2 is not a number (NaN)'],
    ['an infinity', '1\t2\n3\t-inf\n', 'i.tsv', 'i.tsv, line 2: number 2 is infinite'],
    ['an empty cell', '1,2\n,3\n', 'm.csv', 'm.csv, line 2: column 1 is empty.'],
    ['a word', 'a,b\n1,2\n3,four\n', 'w.csv', 'w.csv, line 3: column 2, "four", is no number.'],
    ['a decimal comma', 'a;b\n1;2\n3;0,5\n', 'd.csv', 'is no number (decimals are written with a point).'],
    ['texts', 'id,text\n1,hello\n', 't.csv', 'nothing but numbers is needed, and column text is neither.'],
    ['word vectors', 'the 0.1 0.2 0.3\nof 0.4 0.5 0.6\n', 'glove.txt', 'choose it as the encoder'],
    ['a web page', '<!DOCTYPE html>\n<html>', 'page.tsv', 'is a web page or XML'],
    ['blank lines', '\n\n', 'b.csv', 'all its lines are blank'],
    [
      'a vector cell that is none',
      'v\n"[1, 2]"\n"[1, x]"\n',
      'c.csv',
      'c.csv, line 3, column v: "[1, x]" is no list of numbers.',
    ],
  ])('refuse %s', async (_what, text, name, message) => {
    await expect(readVectorFile(save(name, text))).rejects.toThrow(message);
  });

  it('refuse a Git LFS pointer, a pickle and an empty file with the words of before', async () => {
    const pointer = 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n';
    await expect(readVectorFile(save('pointer.tsv', pointer))).rejects.toThrow('Git LFS pointer');
    await expect(readVectorFile(save('p.pkl', Uint8Array.of(0x80, 4, 0x95, 0)))).rejects.toThrow('Python pickle');
    await expect(readVectorFile(save('none.tsv', ''))).rejects.toThrow('is empty');
  });
});

describe('parseVectorCell', () => {
  it.each([
    ['[0.1, -2e3]', [0.1, -2000]],
    ['(1,2,)', [1, 2]],
    ['[1 2\n 3]', [1, 2, 3]],
    ['array([1., .5], dtype=float32)', [1, 0.5]],
    ['np.array([1, 2])', [1, 2]],
    ['1 2', [1, 2]],
    ['1;2', [1, 2]],
    ['[7]', [7]],
    ['[nan, 1]', [NaN, 1]],
  ])('%s', (cell, numbers) => {
    expect(Array.from(parseVectorCell(cell) ?? [])).toEqual(numbers);
  });

  it.each(['', '7', '[]', 'a b', '[1, [2]]', '[1, 2', '{"a": 1}', '1,,2', '0x1f 2'])('is no vector: %s', (cell) => {
    expect(parseVectorCell(cell)).toBeNull();
  });

  it('reads numbers as they are written and nothing else', () => {
    expect([' 1e-5 ', '+.5', '-0', 'NaN', '-Infinity', 'None'].map(parseNumber)).toEqual([
      1e-5,
      0.5,
      -0,
      NaN,
      -Infinity,
      NaN,
    ]);
    expect(['', ' ', '0x10', '1_000', '1,5', 'one'].map(parseNumber)).toEqual(
      Array.from({ length: 6 }, () => undefined),
    );
  });
});

describe('readTextPieces', () => {
  async function pieces(text: string, pieceBytes: number, isQuoted = true) {
    const found: { text: string; firstLine: number }[] = [];
    for await (const piece of readTextPieces(Buffer.from(text), 'X', { isQuoted, pieceBytes })) found.push(piece);
    return found;
  }

  it('cuts at line ends outside quotation marks and counts lines of every kind', async () => {
    const text = 'a\r\n"b\nb"\rc\nd';
    expect(await pieces(text, 1)).toEqual([
      { text: 'a\r\n', firstLine: 0 },
      { text: '"b\nb"\r', firstLine: 1 },
      { text: 'c\n', firstLine: 3 },
      { text: 'd', firstLine: 4 },
    ]);
    expect((await pieces(text, 1, false)).map((piece) => piece.text)).toEqual(['a\r\n', '"b\n', 'b"\r', 'c\n', 'd']);
  });

  it('gives the same records whatever the size of the pieces', async () => {
    const text = Array.from({ length: 200 }, (_, i) => `${String(i)},"[${String(i)},\n2]"`).join('\n');
    for (const size of [1, 7, 64, 1000, 1e6]) {
      expect((await pieces(text, size)).map((piece) => piece.text).join('')).toBe(text);
    }
  });

  it('names the line of bytes that are no UTF-8 in a later piece', async () => {
    const bytes = Buffer.concat([Buffer.from('aaaa\nbbbb\ncc'), Buffer.from([0xff]), Buffer.from('\n')]);
    const read = async () => {
      for await (const { text } of readTextPieces(bytes, 'X', { isQuoted: true, pieceBytes: 2 }))
        expect(text).not.toBe('');
    };
    await expect(read()).rejects.toThrow('X, line 3: the bytes are not valid UTF-8');
  });
});
