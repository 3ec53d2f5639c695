import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openWordVectors } from '../../../../src/core/encoder/static/openWordVectors';
import { createPlace, readAll, refusalOf, rowsOf, word2vecBinary, type Place } from './files';

let place: Place;
beforeAll(() => {
  place = createPlace();
});
afterAll(() => {
  place.remove();
});

const expected: [string, number[]][] = [
  ['the', [0.5, -1.25, 3]],
  ['été', [-0.0078125, 2 ** -10, 0]],
  ['1998', [1, 2, 3]],
];
const lines = ['the 0.5 -1.25 3', 'été -7.8125e-3 0.0009765625 0', '1998 1 2 3'];

describe('formats', () => {
  it.each([
    ['GloVe', lines.join('\n') + '\n'],
    ['GloVe without a last line feed', lines.join('\n')],
    ['GloVe with carriage returns', lines.join('\r\n') + '\r\n'],
    ['GloVe with a byte-order mark', '\ufeff' + lines.join('\n')],
    ['GloVe with tabs', lines.join('\n').replaceAll(' ', '\t')],
    ['GloVe with empty lines at the end', lines.join('\n') + '\n\n\n'],
    ['word2vec text', ['3 3', ...lines].join('\n') + '\n'],
    ["fastText's .vec (a space after each vector)", ['3 3', ...lines].join(' \n') + ' \n'],
    ["gensim's binary", word2vecBinary(expected)],
    ["the original tool's binary", word2vecBinary(expected, '\n')],
  ])('%s, as it is and gzip-compressed', async (_, content) => {
    // Named as what it is not: only the content counts.
    expect(await readAll(place.write('vectors.dat', content), place)).toEqual(expected);
    expect(await readAll(place.write('vectors.dat', gzipSync(content)), place)).toEqual(expected);
  });

  it('a word may hold spaces: the last fields are the numbers (glove.840B)', async () => {
    const file = place.write('spaces.txt', '. 1 2\n. . . 3 4\nat name@domain.com 5 6\n');
    expect(await readAll(file, place)).toEqual([
      ['.', [1, 2]],
      ['. . .', [3, 4]],
      ['at name@domain.com', [5, 6]],
    ]);
  });

  it('the first line may be one of a word with spaces, or of a number', async () => {
    expect(await readAll(place.write('first.txt', '. . . 3 4\na 1 2\n'), place)).toHaveLength(2);
    expect(await readAll(place.write('number.txt', '7 3 4 5\na 1 2 3\n'), place)).toEqual([
      ['7', [3, 4, 5]],
      ['a', [1, 2, 3]],
    ]);
  });

  it('of a word that repeats, the first vector counts', async () => {
    for (const content of [
      'a 1\nb 2\na 3\n',
      word2vecBinary([
        ['a', [1]],
        ['b', [2]],
        ['a', [3]],
      ]),
    ]) {
      const opened = await openWordVectors(place.write('twice', content), { cacheFolder: place.cacheFolder });
      expect(await rowsOf(opened)).toEqual([
        ['a', [1]],
        ['b', [2]],
      ]);
      expect(opened.table.file.header.facts.duplicates).toBe(1);
      await opened.close();
    }
  });

  it('vectors that lie across pieces of a megabyte', async () => {
    const dimension = 300;
    const rows = Float32Array.from({ length: 1_100 * dimension }, (_, i) => Math.sin(i));
    const words = Array.from({ length: 1_100 }, (_, i): [string, number[]] => [
      `word${i}`,
      [...rows.subarray(i * dimension, (i + 1) * dimension)],
    ]);
    const text = words.map(([word, row]) => `${word} ${row.join(' ')}\n`).join('');
    const binary = word2vecBinary(words);
    for (const content of [text, gzipSync(text), binary, word2vecBinary(words, '\n'), gzipSync(binary)]) {
      const opened = await openWordVectors(place.write('large', content), { cacheFolder: place.cacheFolder });
      const { table } = opened;
      const read = new Float32Array(rows.length);
      await table.readRows(
        Uint32Array.from(words, (_, i) => i),
        read,
        0,
      );
      expect(Buffer.from(read.buffer).equals(Buffer.from(rows.buffer))).toBe(true);
      expect(words.map(([word]) => table.find(word))).toEqual(words.map((_, i) => i));
      await opened.close();
    }
  });
});

describe('malformed twins', () => {
  const binary = word2vecBinary(expected);
  const page = '<!DOCTYPE html>\n<html><body>404</body></html>';
  const pointer = 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n';
  const nothing = /is empty/;
  const row = (values: string) => `the 0.5 -1.25 3\nb ${values}\n`;

  const twins: readonly (readonly [what: string, content: string | Uint8Array, problem: string | RegExp])[] = [
    ['nothing', '', nothing],
    ['blank lines', '\n\n', 'its first line is not a word and its numbers'],
    ['a web page', page, 'is a web page that was saved under that name'],
    ['a Git LFS pointer', pointer, 'is a Git LFS pointer'],
    ['prose', 'These are words.\nAnd more of them.\n', 'is no file of word vectors'],
    ['JSON', '{"a": [1, 2]}', 'is no file of word vectors'],
    [
      'binary noise',
      Uint8Array.from({ length: 5_000 }, (_, i) => (i * 7919 + 13) % 251),
      'is neither GloVe nor word2vec',
    ],
    ['a zip archive', Buffer.from('PK\u0003\u0004....', 'latin1'), 'is a zip archive: unpack it'],
    ['a NumPy array', Buffer.from('\u0093NUMPY\u0001\0', 'latin1'), 'ready vectors are given with --vectors'],
    ['a pickle', Buffer.from([0x80, 4, 0x95, 1]), 'is a Python pickle'],
    ['a .bin of fastText', Buffer.from([0xba, 0x16, 0x4f, 0x2f, 12, 0, 0, 0]), "is fastText's own .bin format"],
    ['a line without end', 'a'.repeat(2 ** 20 + 10), 'its first line has no end'],
    ['a long line later on', `a 1 2\nb ${'1'.repeat(2 ** 21)} 2\n`, 'line 2 is longer than 1048576 bytes'],
    ['a number too few', row('1 2'), 'line 2 has 2 numbers where 3 are needed'],
    ['a word alone', row(''), 'line 2 has 0 numbers where 3 are needed'],
    ['a number too many', row('1 2 3 4'), 'line 2 has more than 3 numbers'],
    ['many numbers too many', row('1 '.repeat(500)), 'line 2 has more than 3 numbers'],
    ['a word as a number', row('1 two 3'), 'number 2 of line 2 is "two", not a finite float32 number'],
    ['NaN', row('1 nan 3'), 'number 2 of line 2 is "nan"'],
    ['an infinity', row('1 2 -inf'), 'number 3 of line 2 is "-inf"'],
    ['a number beyond float32', row('1 2 1e39'), 'number 3 of line 2 is "1e39"'],
    ['an empty line', 'a 1 2\n\nb 3 4\n', 'line 2 is empty'],
    ['a file cut within a line', 'a 1 2\nb 3', 'line 2 has 1 number where 2 are needed'],
    [
      'more promised than is there',
      `4 3\n${lines.join('\n')}\n`,
      'promises 4 words and 3 are there, so it is cut short',
    ],
    ['less promised than is there', `2 3\n${lines.join('\n')}\n`, 'line 4 is one more than the 2 words'],
    ['a header alone', '5 3\n', 'promises 5 words and 0 are there'],
    ['no words', '0 3\n', 'promises 0 words'],
    ['no dimensions', '3 0\nthe\n', 'promises vectors of 0 dimensions'],
    ['absurd dimensions', '3 99999999\nthe 1 2\n', 'claims 99999999 dimensions, where 65536 are the limit'],
    [
      'a binary cut within a vector',
      binary.subarray(0, binary.length - 1),
      'promises 3 words and it ends within word 3',
    ],
    ['a binary cut between vectors', binary.subarray(0, 4 + 16), 'promises 3 words and it ends within word 2'],
    ['a binary that goes on', Buffer.concat([binary, Buffer.from('x')]), 'goes on after the 3 words'],
    [
      'NaN in a binary',
      word2vecBinary([
        ['a', [0, 1]],
        ['bé', [2, NaN]],
      ]),
      'number 2 of word 2 of 2 ("bé") is NaN',
    ],
    ['an infinity in a binary', word2vecBinary([['a', [-Infinity]]]), 'number 1 of word 1 of 1 ("a") is -Infinity'],
    ['a binary of another dimension', word2vecBinary(expected, '', '3 4'), /cannot be used/],
    [
      'a binary without spaces',
      Buffer.concat([Buffer.from('9 2\n'), Buffer.alloc(20_000, 1)]),
      'word 1 of 9 has no end',
    ],
    ['a binary that claims 10^15 words', word2vecBinary(expected, '', '999999999999999 3'), 'it ends within word 4'],
    ['a safetensors file', Buffer.from('\u0002\0\0\0\0\0\0\0{}', 'latin1'), 'is a .safetensors file'],
  ];

  it.each(twins)('%s', async (_, content, problem) => {
    const file = place.write('twin', content);
    const message = await refusalOf(readAll(file, place));
    expect(message.startsWith(file)).toBe(true);
    expect(message).toMatch(
      problem instanceof RegExp ? problem : new RegExp(problem.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')),
    );
    expect(message.length).toBeLessThan(file.length + 250);
  });

  it.each(twins.filter(([what]) => !/zip|NumPy|pickle|fastText|safetensors/.test(what)))(
    '%s, gzip-compressed',
    async (_, content, problem) => {
      const message = await refusalOf(readAll(place.write('twin.gz', gzipSync(content)), place));
      expect(message).toMatch(
        problem instanceof RegExp ? problem : new RegExp(problem.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')),
      );
    },
  );

  it('a gzip stream that is cut, altered, or not one', async () => {
    const packed = gzipSync(Array.from({ length: 2_000 }, (_, i) => `w${i} ${Math.sin(i)} ${Math.cos(i)}\n`).join(''));
    const cut = await refusalOf(readAll(place.write('cut.gz', packed.subarray(0, packed.length / 2)), place));
    expect(cut).toContain('is cut short: its gzip stream has no end');
    const altered = Buffer.from(packed);
    altered[altered.length - 6] ^= 1;
    expect(await refusalOf(readAll(place.write('altered.gz', altered), place))).toContain('is damaged');
    expect(await refusalOf(readAll(place.write('head.gz', Buffer.from([0x1f, 0x8b, 0, 0, 0])), place))).toContain(
      '.gz',
    );
  });

  it('a stream that unpacks to a thousand times its size', async () => {
    const line = `${'same '.repeat(3)}0 0 0\n`;
    const bomb = gzipSync(
      Buffer.concat([Buffer.from('a 0 0 0\n'), Buffer.from(line.repeat(2 ** 26 / line.length + 1000))]),
      {
        level: 9,
      },
    );
    expect(bomb.length).toBeLessThan(2 ** 19);
    const message = await refusalOf(readAll(place.write('bomb.gz', bomb), place));
    expect(message).toContain('unpacks to more than 67 MB');
  });

  it('a file that is not there, or a folder', async () => {
    expect(await refusalOf(readAll(`${place.folder}/none.txt`, place))).toBe(
      `${place.folder}/none.txt does not exist.`,
    );
    expect(await refusalOf(readAll(place.folder, place))).toContain('cannot be read');
  });

  it('nothing of a refused file is kept', async () => {
    const { readdirSync } = await import('node:fs');
    const before = readdirSync(place.cacheFolder);
    await refusalOf(readAll(place.write('bad.txt', 'a 1 2\nb 1\n'), place));
    expect(readdirSync(place.cacheFolder)).toEqual(before);
  });
});
