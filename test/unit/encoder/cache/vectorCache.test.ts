import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { cacheKey } from '../../../../src/core/encoder/cache/vectorCache';
import { entryOf } from './entries';
import { bytesBelow, fill, filesBelow, heldOf, keysOf, openCache, temporaryFolder } from './fixtures';

const numbers = (count: number, first = 0) => Array.from({ length: count }, (_, i) => first + i);

describe('a cache of vectors', () => {
  it('gives back what was written, to another process too, per encoder', async () => {
    const folder = temporaryFolder();
    const cache = openCache(folder);
    await fill(cache, 'a', 40, 8);
    await fill(cache, 'b', 5, 3);
    for (const reader of [cache, openCache(folder)]) {
      expect(await heldOf(reader, 'a', 50, 8)).toEqual(numbers(40));
      expect(await heldOf(reader, 'b', 50, 3)).toEqual(numbers(5));
      expect(await heldOf(reader, 'c', 50, 3)).toEqual([]);
      expect(await reader.has('a', 8, keysOf('a', 2, 39))).toEqual([true, false]);
      expect([await reader.dimensionOf('a'), await reader.dimensionOf('b'), await reader.dimensionOf('c')]).toEqual([
        8,
        3,
        null,
      ]);
      expect(await reader.status()).toEqual({
        folder,
        limitBytes: 2 ** 30,
        entryCount: 45,
        byteLength: bytesBelow(folder),
      });
    }
  });

  it('makes no folder before there is something to keep', async () => {
    const folder = path.join(temporaryFolder(), 'deep', 'cache');
    const cache = openCache(folder);
    expect(await heldOf(cache, 'a', 3, 4)).toEqual([]);
    expect(await cache.status()).toMatchObject({ byteLength: 0, entryCount: 0 });
    await cache.clear();
    expect(existsSync(folder)).toBe(false);
    await fill(cache, 'a', 3, 4);
    expect(await heldOf(openCache(folder), 'a', 3, 4)).toHaveLength(3);
  });

  it('tells sentences apart that UTF-8 does not, and encoders', () => {
    expect(cacheKey('a', '\ud800')).not.toBe(cacheKey('a', '\ud801'));
    expect(cacheKey('a', 'x')).not.toBe(cacheKey('b', 'x'));
    expect(cacheKey('a', 'é')).not.toBe(cacheKey('a', 'e\u0301'));
  });

  it('holds some before it writes, and writes all of it when asked', async () => {
    const folder = temporaryFolder();
    const cache = openCache(folder);
    await cache.write('a', [entryOf('a', 0, 4)]);
    expect(filesBelow(folder)).toEqual([]);
    await cache.flush();
    expect(filesBelow(folder)).toHaveLength(1);
  });

  it('is shared: each process sees what another has written since', async () => {
    const folder = temporaryFolder();
    const [one, other] = [openCache(folder), openCache(folder)];
    await fill(one, 'a', 3, 4);
    expect(await heldOf(other, 'a', 9, 4)).toEqual([0, 1, 2]);
    await fill(other, 'a', 3, 4, 3);
    await fill(one, 'a', 3, 4, 6);
    expect(await heldOf(one, 'a', 9, 4)).toEqual(numbers(9));
    expect(await heldOf(other, 'a', 9, 4)).toEqual(numbers(9));
  });

  it('joins the small segments of many sessions into one', async () => {
    const folder = temporaryFolder();
    for (let session = 0; session < 12; session++) await fill(openCache(folder), 'a', 2, 4, 2 * session);
    expect(filesBelow(folder)).toHaveLength(12);
    const watching = openCache(folder);
    expect(await heldOf(watching, 'a', 3, 4)).toEqual([0, 1, 2]);
    expect(filesBelow(folder)).toHaveLength(1);
    // One that had read the old files finds everything in the new one, and one that was writing goes on.
    const writing = openCache(folder);
    for (let session = 0; session < 12; session++) await fill(openCache(folder), 'a', 2, 4, 24 + 2 * session);
    await fill(writing, 'a', 1, 4, 48);
    expect(await heldOf(openCache(folder), 'a', 60, 4)).toEqual(numbers(49));
    expect(await heldOf(watching, 'a', 60, 4)).toEqual(numbers(49));
    await fill(writing, 'a', 1, 4, 49);
    expect(await heldOf(watching, 'a', 60, 4)).toEqual(numbers(50));
  });
});

describe('the limit', () => {
  it('lets go what was used longest ago, and never exceeds it', async () => {
    const folder = temporaryFolder();
    const limit = 400_000;
    // 100 vectors of 256 numbers are 105 kB: three corpora fit.
    const sizes: number[] = [];
    const use = async (first: number) => {
      const cache = openCache(folder, limit);
      const held = await heldOf(cache, 'a', 100, 256, first);
      if (held.length < 100) await fill(cache, 'a', 100, 256, first);
      sizes.push(bytesBelow(folder));
      age(folder);
      return held.length;
    };
    await use(0);
    await use(100);
    await use(200);
    expect(await use(0)).toBe(100);
    await use(300);
    // 100 … 199 was used longest ago; 0 … 99 was used again.
    const cache = openCache(folder, limit);
    expect((await heldOf(cache, 'a', 100, 256, 100)).length).toBeLessThan(100);
    expect(await heldOf(cache, 'a', 100, 256, 0)).toHaveLength(100);
    expect(await heldOf(cache, 'a', 100, 256, 300)).toHaveLength(100);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(limit);
  });

  it('counts what other processes write', async () => {
    const folder = temporaryFolder();
    const [one, other] = [openCache(folder, 200_000), openCache(folder, 200_000)];
    for (let round = 0; round < 6; round++) {
      await fill(one, 'a', 40, 128, 40 * round);
      await fill(other, 'b', 40, 128, 40 * round);
      expect(bytesBelow(folder)).toBeLessThanOrEqual(200_000);
    }
  });

  it('may be smaller than a vector, or nothing: then nothing stays', async () => {
    for (const limit of [0, 100]) {
      const folder = temporaryFolder();
      const cache = openCache(folder, limit);
      await fill(cache, 'a', 3, 100);
      expect(await heldOf(cache, 'a', 3, 100)).toEqual([]);
      expect(bytesBelow(folder)).toBe(0);
      expect(cache.said).toEqual([]);
    }
  });
});

describe('clearing', () => {
  it('removes all vectors and nothing else, while others read and write', async () => {
    const folder = temporaryFolder();
    mkdirSync(path.join(folder, 'vectors-1', 'ab'.repeat(32)), { recursive: true });
    const others = ['notes.txt', 'vectors-1/notes.vec', `vectors-1/${'ab'.repeat(32)}/notes.vec`];
    for (const file of others) writeFileSync(path.join(folder, file), 'mine');
    const [one, reading, writing] = [openCache(folder), openCache(folder), openCache(folder)];
    await fill(one, 'a', 30, 8);
    await fill(writing, 'a', 30, 8, 30);
    expect(await heldOf(reading, 'a', 60, 8)).toHaveLength(60);
    const [, held] = await Promise.all([one.clear(), heldOf(reading, 'a', 60, 8)]);
    // Whatever was still there was right.
    expect(held.length).toBeLessThanOrEqual(60);
    expect(filesBelow(folder)).toEqual(others.map((file) => path.join(folder, file)).sort());
    expect(await heldOf(reading, 'a', 60, 8)).toEqual([]);
    expect(await heldOf(one, 'a', 60, 8)).toEqual([]);
    await fill(writing, 'a', 2, 8);
    expect(await heldOf(reading, 'a', 60, 8)).toEqual([0, 1]);
  });
});

describe('damage', () => {
  /** A segment of one block of three entries, and the bytes of one entry in it. */
  async function segment(dimension = 4) {
    const folder = temporaryFolder();
    await fill(openCache(folder), 'a', 3, dimension);
    const [file] = filesBelow(folder);
    return { folder, file, bytes: readFileSync(file) };
  }

  it('a file that is cut at any byte gives its whole entries and takes new ones', async () => {
    const { folder, file, bytes } = await segment();
    const vectorsStart = bytes.length - 3 * 16;
    for (let length = bytes.length - 1; length >= 0; length--) {
      writeFileSync(file, bytes);
      truncateSync(file, length);
      const cache = openCache(folder);
      const whole = length < vectorsStart ? 0 : Math.floor((length - vectorsStart) / 16);
      expect(await heldOf(cache, 'a', 3, 4), `cut at ${length}`).toEqual(numbers(whole));
      if (length % 16 !== 0) continue;
      await fill(cache, 'a', 3 - whole, 4, whole);
      expect(await heldOf(openCache(folder), 'a', 3, 4), `mended at ${length}`).toEqual(numbers(3));
      for (const other of filesBelow(folder)) if (other !== file) rmSync(other);
    }
  });

  it('a wrong byte anywhere never gives a wrong vector', async () => {
    const { folder, file, bytes } = await segment();
    for (let at = 0; at < bytes.length; at++) {
      const wrong = Buffer.from(bytes);
      wrong[at] ^= 0x41;
      writeFileSync(file, wrong);
      const cache = openCache(folder);
      const held = await heldOf(cache, 'a', 3, 4);
      await fill(cache, 'a', 3, 4);
      expect(await heldOf(openCache(folder), 'a', 3, 4), `byte ${at}, ${held.length} held`).toEqual([0, 1, 2]);
      for (const other of filesBelow(folder)) if (other !== file) rmSync(other);
    }
  });

  it('keeps what is whole of a damaged segment, and removes it', async () => {
    const folder = temporaryFolder();
    const writing = openCache(folder);
    await fill(writing, 'a', 3, 4);
    await fill(writing, 'a', 3, 4, 3);
    const [file] = filesBelow(folder);
    const bytes = readFileSync(file);
    // The second block's magic.
    bytes[bytes.length - (16 + 3 * (24 + 16))] ^= 255;
    writeFileSync(file, bytes);
    expect(await heldOf(openCache(folder), 'a', 6, 4)).toEqual([0, 1, 2]);
    expect(filesBelow(folder)).not.toContain(file);
    expect(await heldOf(openCache(folder), 'a', 6, 4)).toEqual([0, 1, 2]);
  });

  it.each([
    ['another magic', (bytes: Buffer) => bytes.write('isovecs2', 0, 'latin1')],
    ['a huge dimension', (bytes: Buffer) => bytes.writeUInt32LE(2 ** 31, 8)],
    ['another encoder', (bytes: Buffer) => bytes.fill(7, 12, 44)],
    ['a huge block', (bytes: Buffer) => bytes.writeUInt32LE(2 ** 31, 68)],
    ['no entries', (bytes: Buffer) => bytes.writeUInt32LE(0, 68)],
    ['text', (bytes: Buffer) => bytes.fill('no segment at all ')],
  ])('%s is skipped and removed', async (_, spoil) => {
    const { folder, file, bytes } = await segment();
    spoil(bytes);
    writeFileSync(file, bytes);
    const cache = openCache(folder);
    expect(await cache.status()).toMatchObject({ byteLength: bytes.length });
    expect(await heldOf(cache, 'a', 3, 4)).toEqual([]);
    expect(existsSync(file)).toBe(false);
    await fill(cache, 'a', 3, 4);
    expect(await heldOf(cache, 'a', 3, 4)).toEqual([0, 1, 2]);
    expect(cache.said).toEqual([]);
  });
});

describe('a folder that cannot be used', () => {
  it('is a file: said once, and everything goes on without it', async () => {
    const folder = path.join(temporaryFolder(), 'file');
    writeFileSync(folder, '');
    const cache = openCache(folder);
    await fill(cache, 'a', 3, 4);
    await fill(cache, 'b', 3, 4);
    expect(await heldOf(cache, 'a', 3, 4)).toEqual([]);
    expect(await cache.status()).toMatchObject({ byteLength: 0, entryCount: 0 });
    await cache.clear();
    expect(cache.said).toHaveLength(1);
    expect(cache.said[0]).toContain(folder);
  });

  // The superuser writes everywhere, and Windows has no such mode.
  it.skipIf(process.getuid?.() === 0 || process.platform === 'win32')(
    'is read-only: what is there is read',
    async () => {
      const folder = temporaryFolder();
      await fill(openCache(folder), 'a', 3, 4);
      const [file] = filesBelow(folder);
      chmodSync(file, 0o444);
      chmodSync(path.dirname(file), 0o555);
      const cache = openCache(folder);
      await fill(cache, 'a', 1, 4, 3);
      await fill(cache, 'a', 1, 4, 4);
      expect(await heldOf(cache, 'a', 5, 4)).toEqual([0, 1, 2]);
      expect(cache.said).toHaveLength(1);
      chmodSync(path.dirname(file), 0o755);
    },
  );
});

/** An hour goes by. */
function age(folder: string): void {
  for (const file of filesBelow(folder)) {
    const { mtimeMs } = statSync(file);
    utimesSync(file, (mtimeMs - 3_600_000) / 1000, (mtimeMs - 3_600_000) / 1000);
  }
}
