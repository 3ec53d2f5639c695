import { chmodSync, copyFileSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openEncoder } from '../../../../src/core/encoder/openEncoder';
import { openWordVectors } from '../../../../src/core/encoder/static/openWordVectors';
import { openVectorTable } from '../../../../src/core/encoder/static/vectorTable';
import { DamagedTableError } from '../../../../src/core/encoder/static/vectorTableFile';
import { openNodeRuntime } from '../../../../src/core/runtime/nodeRuntime';
import { createPlace, rowsOf, word2vecBinary, type Place } from './files';

let place: Place;
beforeEach(() => {
  place = createPlace();
});
afterEach(() => {
  place.remove();
});

const words = Array.from({ length: 50 }, (_, i): [string, number[]] => [`w${i}`, [i + 1, -i - 1, (i + 1) / 2, 1]]);
const text = words.map(([word, row]) => `${word} ${row.join(' ')}\n`).join('');

/** Opens, and says whether the source was read for it. */
async function open(file: string, cacheFolder = place.cacheFolder) {
  let wasRead = false;
  const opened = await openWordVectors(file, {
    cacheFolder,
    onProgress: () => {
      wasRead = true;
    },
  });
  return { ...opened, wasRead };
}

async function read(file: string, cacheFolder?: string) {
  const opened = await open(file, cacheFolder);
  try {
    return { rows: await rowsOf(opened), wasRead: opened.wasRead, isKept: opened.isKept };
  } finally {
    await opened.close();
  }
}

const tables = () => readdirSync(place.cacheFolder).map((name) => path.join(place.cacheFolder, name));

const binary = word2vecBinary(words);

describe.each([
  ['text', text],
  ['gzip-compressed text', gzipSync(text)],
  ['binary', binary],
])('the table of a file of %s', (_, content) => {
  it('is read instead of the file from the second time on', async () => {
    const file = place.write('v', content);
    expect(await read(file)).toEqual({ rows: words, wasRead: true, isKept: true });
    expect(await read(file)).toEqual({ rows: words, wasRead: false, isKept: true });
  });

  it('is made anew when it is torn or altered anywhere behind the rows', async () => {
    const file = place.write('v', content);
    await read(file);
    const [table] = tables();
    const whole = readFileSync(table);
    const isRefused = async (bytes: Uint8Array) => {
      writeFileSync(table, bytes);
      const opened = await openVectorTable(table, file).catch((error: unknown) => error);
      return opened instanceof DamagedTableError;
    };
    for (let length = 0; length < whole.length; length += 997) {
      expect(await isRefused(whole.subarray(0, length)), `cut at ${length}`).toBe(true);
    }
    const rowBytes = content === binary ? 0 : 50 * 16;
    for (let at = rowBytes; at < whole.length - 48; at += 499) {
      const altered = Buffer.from(whole);
      altered[at] ^= 0x10;
      expect(await isRefused(altered), `altered at ${at}`).toBe(true);
    }
    expect(await isRefused(Buffer.concat([whole, Buffer.from('x')]))).toBe(true);
    // And then it is there again.
    expect(await read(file)).toEqual({ rows: words, wasRead: true, isKept: true });
    expect(readFileSync(table).equals(whole)).toBe(true);
  });

  it('is not taken for that of another state of the file', async () => {
    const file = place.write('v', content);
    const { mtimeMs } = statSync(file);
    await read(file);
    utimesSync(file, new Date(), new Date(mtimeMs + 5_000));
    expect((await read(file)).wasRead).toBe(true);
    // The former table went.
    expect(tables()).toHaveLength(1);
    const other = words.map(([word, row]): [string, number[]] => [word, row.map((x) => x + 1)]);
    place.write('v', word2vecBinary(other));
    expect((await read(file)).rows).toEqual(other);
  });
});

describe('a table', () => {
  it('of one file is not that of an equal one elsewhere', async () => {
    const first = place.write('a', text);
    const second = place.write('b', text);
    await read(first);
    expect((await read(second)).wasRead).toBe(true);
    expect(tables()).toHaveLength(2);
  });

  it('is made by two at once without harm', async () => {
    const file = place.write('v', text);
    const both = await Promise.all([read(file), read(file), read(file)]);
    expect(both.map(({ rows }) => rows)).toEqual([words, words, words]);
    expect(tables()).toHaveLength(1);
  });

  it('goes to a temporary folder where the cache cannot be written to', async () => {
    const file = place.write('v', text);
    const blocked = place.write('blocked', 'a file, not a folder');
    expect(await read(file, path.join(blocked, 'cache'))).toEqual({ rows: words, wasRead: true, isKept: false });
  });

  it('leaves nothing behind when it is cancelled', async () => {
    const file = place.write('v', text.repeat(2_000));
    const controller = new AbortController();
    const work = openWordVectors(file, {
      cacheFolder: place.cacheFolder,
      signal: controller.signal,
      onProgress: () => {
        controller.abort();
      },
    });
    await expect(work).rejects.toMatchObject({ name: 'AbortError' });
    expect(tables()).toEqual([]);
  });

  it('of a process that was ended is cleared away', async () => {
    const file = place.write('v', text);
    await read(file);
    const [table] = tables();
    const left = `${table}.0123456789ab.tmp`;
    copyFileSync(table, left);
    utimesSync(left, new Date(0), new Date(0));
    const young = `${table}.ba9876543210.tmp`;
    copyFileSync(table, young);
    await read(place.write('w', text));
    expect(tables()).not.toContain(left);
    expect(tables()).toContain(young);
  });

  it('goes when it is the least recently used of too many', async () => {
    const files = Array.from({ length: 8 }, (_, i) => place.write(`v${i}`, text));
    const made: string[] = [];
    for (const [i, file] of files.entries()) {
      await read(file);
      const table = tables().find((name) => !made.includes(name))!;
      utimesSync(table, new Date(), new Date(1e12 + i));
      made.push(table);
    }
    // The first is used again, so the second is the oldest.
    expect((await read(files[0])).wasRead).toBe(false);
    await read(place.write('one more', text));
    expect(made.map((table) => tables().includes(table))).toEqual([true, false, ...new Array<boolean>(6).fill(true)]);
  });

  it('is for its owner only', async () => {
    await read(place.write('v', text));
    if (process.platform !== 'win32') expect(statSync(tables()[0]).mode & 0o077).toBe(0);
  });
});

describe('an encoder over a table', () => {
  const sentences = ['w1 w2', 'w40'];

  async function encodeTwice(content: string | Uint8Array, between: (file: string) => void) {
    const file = place.write('v', content);
    const runtime = await openNodeRuntime({ threads: 1 });
    const encoder = await openEncoder({ encoder: file }, runtime, { cacheFolder: place.cacheFolder });
    const first = await encoder.encode(sentences);
    between(file);
    const second = await encoder.encode(sentences);
    await encoder.dispose();
    return [first, second].map(({ vectors }) => [...vectors.data]);
  }

  it('makes the table anew when a row that it needs was altered', async () => {
    const file = place.write('v', text);
    await read(file);
    const [table] = tables();
    const altered = readFileSync(table);
    altered[40 * 16] ^= 1;
    writeFileSync(table, altered);
    const opened = await open(file);
    expect(opened.wasRead).toBe(false);
    await opened.close();
    const encoder = await openEncoder({ encoder: file }, await openNodeRuntime({ threads: 1 }), {
      cacheFolder: place.cacheFolder,
    });
    const { vectors } = await encoder.encode(sentences);
    expect([...vectors.data]).toEqual([2.5, -2.5, 1.25, 1, ...words[40][1]]);
    await encoder.dispose();
    expect(await read(file)).toMatchObject({ rows: words, wasRead: false });
  });

  it('reads the file anew when it was changed', async () => {
    const other = words.map(([word, row]): [string, number[]] => [word, row.map((x) => 10 * x)]);
    for (const content of [text, word2vecBinary(words)]) {
      const [first, second] = await encodeTwice(content, () => {
        place.write('v', word2vecBinary(other));
      });
      expect(second).toEqual(first.map((x) => 10 * x));
    }
  });

  it('goes on without its cache', async () => {
    const [first, second] = await encodeTwice(text, () => {
      for (const table of tables()) writeFileSync(table, '');
    });
    expect(second).toEqual(first);
  });

  it.skipIf(process.platform === 'win32' || process.getuid?.() === 0)(
    'says when the file may not be read',
    async () => {
      const file = place.write('v', text);
      chmodSync(file, 0);
      await expect(open(file)).rejects.toThrow('cannot be read');
    },
  );
});
