import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { openParquetVectors } from '../../../src/core/corpus/parquet/parquetVectors';
import { readRunLengths } from '../../../src/core/corpus/parquet/runLengths';
import { readTableColumn } from '../../../src/core/corpus/textColumn';
import { createRandom } from '../../../src/core/linalg/random';
import { IsoscopeError } from '../../../src/core/protocol/errors';

const golden = (name: string) =>
  new Uint8Array(readFileSync(path.join(__dirname, '../../golden/corpus/vectors', name)));

async function readAll(bytes: Uint8Array): Promise<void> {
  const source = await openParquetVectors(bytes, 'X.parquet');
  await source.read(source.names[0]);
  await readTableColumn(bytes, 'text', 'X.parquet');
}

/** What reading says: an error that a user can read, or nothing. Anything else fails the test. */
async function outcomeOf(bytes: Uint8Array): Promise<string> {
  try {
    await readAll(bytes);
    return '';
  } catch (error) {
    if (!(error instanceof IsoscopeError)) throw error;
    expect(error.message).toMatch(/^X\.parquet/);
    return error.message;
  }
}

const names = [
  'list32.parquet',
  'delta.parquet',
  'pages.parquet',
  ...['snappy', 'gzip', 'brotli', 'zstd', 'lz4'].flatMap((codec) => [
    `codec_${codec}.parquet`,
    `codec_${codec}_v2.parquet`,
  ]),
];

describe('damaged Parquet', () => {
  it.each(names)('%s cut short anywhere is an error in words', async (name) => {
    const bytes = golden(name);
    const step = Math.ceil(bytes.length / 60);
    for (let length = 4; length < bytes.length; length += step) {
      expect(await outcomeOf(bytes.slice(0, length))).not.toBe('');
    }
  });

  it.each(names)('%s with wrong bytes is read or refused, and nothing else happens', async (name) => {
    const bytes = golden(name);
    const random = createRandom(7);
    for (let i = 0; i < 150; i++) {
      const wrong = bytes.slice();
      for (let k = 0; k < 3; k++) wrong[random.integer(wrong.length)] = random.integer(256);
      await outcomeOf(wrong);
    }
  });

  it('notices wrong bytes by the checksum where there is one', async () => {
    const bytes = golden('pages.parquet');
    bytes[200] ^= 1;
    expect(await outcomeOf(bytes)).toMatch(/the checksum of a page is wrong/);
  });

  it('refuses what would fill the memory, before it does', async () => {
    const before = process.memoryUsage().rss;
    await expect(readAll(golden('bombValues.parquet'))).rejects.toThrow(
      /column embedding claims 33554436 values in \d+ bytes, which no real column does/,
    );
    await expect(readTableColumn(golden('bombPage.parquet'), 'text', 'X.parquet')).rejects.toThrow(
      /a page would grow from \d+ to \d+ bytes, which no real page does/,
    );
    // The pages would take 134 MB and 268 MB.
    expect(process.memoryUsage().rss - before).toBeLessThan(100e6);
  });

  it('refuses an encrypted file and a footer that claims more than the file has', async () => {
    const encrypted = golden('list32.parquet');
    encrypted.set(Buffer.from('PARE'), encrypted.length - 4);
    expect(await outcomeOf(encrypted)).toMatch(/is an encrypted Parquet file/);
    const claims = golden('list32.parquet');
    new DataView(claims.buffer).setUint32(claims.length - 8, 0x7fffffff, true);
    expect(await outcomeOf(claims)).toMatch(/its footer claims 2147483647 bytes/);
  });
});

describe('readRunLengths', () => {
  const read = (bytes: readonly number[], width: number, length: number) => {
    const out = new Uint32Array(length);
    const reader = { view: new DataView(Uint8Array.from(bytes).buffer), offset: 0 };
    readRunLengths(reader, width, out);
    return { out: [...out], offset: reader.offset };
  };

  it('reads runs and packed groups (the example of the format)', () => {
    // 0 … 7 in three bits each: 0x88 0xC6 0xFA.
    expect(read([0x03, 0x88, 0xc6, 0xfa], 3, 8)).toEqual({ out: [0, 1, 2, 3, 4, 5, 6, 7], offset: 4 });
    expect(read([0x08, 0x05, 0x03, 0x88, 0xc6, 0xfa], 3, 6).out).toEqual([5, 5, 5, 5, 0, 1]);
  });

  it('does not run past what is wanted, however long a run claims to be', () => {
    expect(read([0xfe, 0xff, 0xff, 0xff, 0x0f, 0x01], 1, 3).out).toEqual([1, 1, 1]);
  });

  it('ends with the bytes', () => {
    expect(() => read([0x00, 0x00, 0x00], 1, 3)).toThrow(RangeError);
    expect(() => read([0x03, 0x88], 3, 8)).toThrow(RangeError);
    expect(() => read([0x02, 0x00], 33, 8)).toThrow('33 bits');
  });
});
