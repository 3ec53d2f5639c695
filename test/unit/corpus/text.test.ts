import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readSentences } from '../../../src/core/corpus/sentences';
import { decodeText, readTextFile } from '../../../src/core/corpus/textFile';
import { findInvalidUtf8 } from '../../../src/core/corpus/utf8';

const folder = mkdtempSync(path.join(tmpdir(), 'isoscope-text-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('readSentences', () => {
  it('ends lines at LF, CRLF and CR, and nowhere else', () => {
    const text = 'a\nb\r\nc\rd\ve\ff\x1cg\x1dh\x1ei\x85j\u2028k\u2029l';
    expect(readSentences(text).sentences).toEqual(['a', 'b', 'c', 'd\ve\ff\x1cg\x1dh\x1ei\x85j\u2028k\u2029l']);
  });

  it('keeps sentences as they stand and counts the empty lines', () => {
    const { sentences, lines } = readSentences('\n  two  \n \t\v\f\x85\xa0\u2003\u2028\u3000\r\r\n\u200b\nend');
    expect(sentences).toEqual(['  two  ', '\u200b', 'end']);
    // LF | two LF | white CR | CRLF | zero-width space LF | end
    expect([...lines]).toEqual([1, 4, 5]);
  });

  it('takes CR CR LF for two line ends', () => {
    expect([...readSentences('a\r\r\nb').lines]).toEqual([0, 2]);
  });

  it('removes a byte order mark at the start only', () => {
    expect(readSentences('\uFEFFa\n\uFEFFb').sentences).toEqual(['a', '\uFEFFb']);
    expect(readSentences('\uFEFF\n').sentences).toEqual([]);
  });

  it('finds nothing in white text', () => {
    expect(readSentences('').sentences).toEqual([]);
    expect(readSentences(' \n\t\r\n ').sentences).toEqual([]);
  });
});

describe('decodeText', () => {
  const text = 'grüße, 世界 🌍\nsecond line';
  const utf16 = (order: 'le' | 'be') => {
    const bytes = Buffer.from(`\uFEFF${text}`, 'utf16le');
    return order === 'le' ? bytes : bytes.swap16();
  };

  it.each([
    ['UTF-8', Buffer.from(text)],
    ['UTF-8 with a mark', Buffer.from(`\uFEFF${text}`)],
    ['UTF-16 LE', utf16('le')],
    ['UTF-16 BE', utf16('be')],
  ])('reads %s', (_what, bytes) => {
    expect(decodeText(bytes, 'X.txt')).toBe(text);
  });

  it('keeps single control characters, NUL too, as they stand', () => {
    const odd = 'a NUL\0inside, an escape \x1b[31m, a bell\x07 and\x01 more text around them';
    expect(decodeText(Buffer.from(odd), 'X.txt')).toBe(odd);
  });

  it('names the line of invalid UTF-8', () => {
    const bytes = Buffer.concat([Buffer.from('one\r\ntwo\rthree\nf'), Buffer.from([0xfc]), Buffer.from('nf')]);
    expect(() => decodeText(bytes, 'X.txt')).toThrow('X.txt, line 4: the bytes are not valid UTF-8');
  });

  it.each([
    ['nothing', Buffer.alloc(0), 'X.txt is empty.'],
    ['bytes', Buffer.from(Array.from({ length: 256 }, (_, i) => i)), 'X.txt is a binary file'],
    ['small numbers', Buffer.alloc(4000, Buffer.from([0, 1, 2, 65])), 'X.txt is a binary file'],
    ['UTF-16 without a mark', Buffer.from('hello there', 'utf16le'), 'X.txt is a binary file'],
    ['UTF-32', Buffer.from([0xff, 0xfe, 0, 0, 65, 0, 0, 0, 66, 0, 0, 0]), 'X.txt is a binary file'],
    ['a .npy file', Buffer.from('\x93NUMPY\x01\x00', 'latin1'), 'use --vectors'],
    ['a PDF', Buffer.from('%PDF-1.4 plain so far'), 'a PDF document'],
    ['odd UTF-16', Buffer.from([0xff, 0xfe, 65]), 'is cut short'],
    [
      'half a surrogate pair',
      Buffer.from([0xff, 0xfe, 65, 0, 10, 0, 0, 0xd8, 66, 0]),
      'X.txt, line 2: half of a surrogate',
    ],
  ])('refuses %s', (_what, bytes, message) => {
    expect(() => decodeText(bytes, 'X.txt')).toThrow(message);
  });

  it('does not take U+FFFD in the text for damage', () => {
    expect(decodeText(Buffer.from('\uFEFFa\uFFFDb', 'utf16le'), 'X.txt')).toBe('a\uFFFDb');
    expect(decodeText(Buffer.from('a\uFFFDb'), 'X.txt')).toBe('a\uFFFDb');
  });
});

describe('findInvalidUtf8', () => {
  it('agrees with TextDecoder on every sequence of three bytes around the borders', () => {
    const decoder = new TextDecoder('utf-8', { fatal: true });
    const edges = [
      0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef,
    ];
    edges.push(0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff);
    for (const a of edges) {
      for (const b of edges) {
        for (const c of edges) {
          for (const bytes of [Uint8Array.of(a, b, c), Uint8Array.of(a, b, c, 0x80)]) {
            let isValid = true;
            try {
              decoder.decode(bytes);
            } catch {
              isValid = false;
            }
            expect(findInvalidUtf8(bytes) < 0).toBe(isValid);
          }
        }
      }
    }
  });

  it('tells where', () => {
    expect(findInvalidUtf8(Uint8Array.of(65, 0xc3, 0xa4, 0xff, 66))).toBe(3);
    expect(findInvalidUtf8(Uint8Array.of(65, 0xe2, 0x82))).toBe(1);
  });
});

describe('readTextFile', () => {
  it('reads a file', async () => {
    writeFileSync(path.join(folder, 'a.txt'), 'one\ntwo');
    expect(await readTextFile(path.join(folder, 'a.txt'))).toBe('one\ntwo');
  });

  it.each([
    ['a file that is not there', 'missing.txt', 'missing.txt does not exist.'],
    ['a folder', '.', 'is a folder, not a file.'],
    ['a path through a file', 'a.txt/b.txt', 'a part of its path is not a folder'],
  ])('explains %s', async (_what, name, message) => {
    await expect(readTextFile(path.join(folder, name))).rejects.toThrow(message);
  });

  it('stops when it is cancelled', async () => {
    await expect(readTextFile(path.join(folder, 'a.txt'), { signal: AbortSignal.abort() })).rejects.toThrow(
      expect.objectContaining({ name: 'AbortError' }) as Error,
    );
  });
});
