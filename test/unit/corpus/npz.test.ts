import { readFileSync } from 'node:fs';
import path from 'node:path';
import { deflateRawSync, crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { writeNpy } from '../../../src/core/corpus/npy';
import { readNpz } from '../../../src/core/corpus/npz';
import { IsoscopeError } from '../../../src/core/protocol/errors';

const golden = (file: string) => readFileSync(path.join(__dirname, '../../golden/corpus/npy', file));

interface Part {
  readonly path: string;
  readonly data: Uint8Array;
  readonly method?: number;
  readonly claimedLength?: number;
  readonly flags?: number;
}

/** A zip archive with sizes in zip64 fields if wished; every field can be made a lie. */
function zipFile(parts: readonly Part[], zip64 = false): Buffer {
  const pieces: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { path: name, data, method = 0, claimedLength = data.length, flags = 0 } of parts) {
    const packed = method === 8 ? deflateRawSync(data) : Buffer.from(data);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(name.length, 26);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(flags, 8);
    entry.writeUInt16LE(method, 10);
    entry.writeUInt32LE(crc32(data), 16);
    const extra = Buffer.alloc(zip64 ? 28 : 0);
    entry.writeUInt32LE(zip64 ? 0xffffffff : packed.length, 20);
    entry.writeUInt32LE(zip64 ? 0xffffffff : claimedLength, 24);
    entry.writeUInt32LE(zip64 ? 0xffffffff : offset, 42);
    if (zip64) {
      extra.writeUInt16LE(1, 0);
      extra.writeUInt16LE(24, 2);
      [claimedLength, packed.length, offset].forEach((n, i) => extra.writeBigUInt64LE(BigInt(n), 4 + 8 * i));
    }
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt16LE(extra.length, 30);
    directory.push(entry, Buffer.from(name), extra);
    pieces.push(local, Buffer.from(name), packed);
    offset += 30 + name.length + packed.length;
  }
  const directoryLength = directory.reduce((sum, piece) => sum + piece.length, 0);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(zip64 ? 0xffff : parts.length, 10);
  end.writeUInt32LE(zip64 ? 0xffffffff : offset, 16);
  const end64 = Buffer.alloc(zip64 ? 76 : 0);
  if (zip64) {
    end64.writeUInt32LE(0x06064b50, 0);
    end64.writeBigUInt64LE(BigInt(parts.length), 32);
    end64.writeBigUInt64LE(BigInt(offset), 48);
    end64.writeUInt32LE(0x07064b50, 56);
    end64.writeBigUInt64LE(BigInt(offset + directoryLength), 64);
  }
  return Buffer.concat([...pieces, ...directory, end64, end]);
}

function refusal(bytes: Uint8Array, array?: string): string {
  try {
    readNpz(bytes, 'X.npz', array);
  } catch (error) {
    expect(error).toBeInstanceOf(IsoscopeError);
    return `${(error as IsoscopeError).reason}: ${(error as IsoscopeError).message}`;
  }
  return 'accepted';
}

const matrix = { data: Float32Array.from([1, 2, 3, 4, 5, 6]), rows: 2, columns: 3 };

describe('readNpz', () => {
  it('reads what numpy.savez writes', () => {
    expect([...readNpz(golden('several.npz'), 'X.npz', 'second').data]).toEqual([
      ...[1.5, -2.25, 0, -0, 65504, -65504],
      ...[2 ** -24, -(2 ** -14)],
    ]);
    expect(readNpz(golden('several.npz'), 'X.npz', 'first.npy').shape).toEqual([3, 4]);
  });

  it('reads what numpy.savez_compressed writes, without a name', () => {
    expect(readNpz(golden('compressed.npz'), 'X.npz').shape).toEqual([3, 4]);
  });

  it('asks which of several arrays', () => {
    expect(refusal(golden('several.npz'))).toBe(
      'usage: X.npz holds several arrays: choose one with --array (first, second).',
    );
    expect(refusal(golden('several.npz'), 'third')).toBe(
      'usage: X.npz holds no array named third; it has first, second.',
    );
  });

  it.each([false, true])('reads stored and deflated entries (zip64: %s)', (zip64) => {
    for (const method of [0, 8]) {
      const bytes = zipFile([{ path: 'v.npy', data: writeNpy(matrix), method }], zip64);
      expect([...readNpz(bytes, 'X.npz').data]).toEqual([1, 2, 3, 4, 5, 6]);
    }
  });

  it('reads a deflated array that is longer than its front', () => {
    const data = Float32Array.from({ length: 300_000 }, (_, i) => Math.sin(i * i));
    const bytes = zipFile([{ path: 'v.npy', data: writeNpy({ data, rows: 3000, columns: 100 }), method: 8 }]);
    expect(readNpz(bytes, 'X.npz').data).toEqual(data);
  });

  it('accepts zeros, which pack very well', () => {
    const zeros = { data: new Float32Array(100_000), rows: 100, columns: 1000 };
    expect(readNpz(zipFile([{ path: 'v.npy', data: writeNpy(zeros), method: 8 }]), 'X.npz').rows).toBe(100);
  });

  it('refuses a bomb before it unpacks it', () => {
    // The packed bytes hold 1 MB; the directory and the header agree on 40 GB.
    const text = "{'descr': '<f4', 'fortran_order': False, 'shape': (10000000, 1000), }".padEnd(117) + '\n';
    const data = Buffer.alloc(1_000_000);
    Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 118, 0]).copy(data);
    data.write(text, 10, 'latin1');
    const bytes = zipFile([{ path: 'v.npy', data, method: 8, claimedLength: 40_000_000_128 }], true);
    expect(refusal(bytes)).toContain('which no real vectors do');
  });

  it('refuses an array whose real length is not the claimed one', () => {
    const data = writeNpy(matrix);
    const longer = Buffer.concat([data, Buffer.alloc(5_000_000)]);
    expect(refusal(zipFile([{ path: 'v.npy', data: longer, method: 8, claimedLength: data.length }]))).toContain(
      'longer than the directory says',
    );
    expect(refusal(zipFile([{ path: 'v.npy', data, method: 8, claimedLength: data.length + 8 }]))).toContain(
      'has not the length that the directory says',
    );
  });

  it.each([
    ['nothing', Buffer.alloc(0), 'no zip archive'],
    ['text', Buffer.from('hello'), 'no zip archive'],
    ['an archive without arrays', zipFile([{ path: 'a.txt', data: Buffer.from('x') }]), 'no NumPy array'],
    ['encryption', zipFile([{ path: 'v.npy', data: writeNpy(matrix), flags: 1 }]), 'encrypted'],
    ['another method', zipFile([{ path: 'v.npy', data: writeNpy(matrix), method: 12 }]), 'method 12'],
  ])('refuses %s', (_what, bytes, reason) => {
    expect(refusal(bytes)).toMatch(/^input: X\.npz /);
    expect(refusal(bytes)).toContain(reason);
  });

  it('refuses flipped bits in the numbers', () => {
    const bytes = zipFile([{ path: 'v.npy', data: writeNpy(matrix) }]);
    bytes[30 + 5 + 128 + 3] ^= 1;
    expect(refusal(bytes)).toContain('checksum');
  });

  it('never crashes on a cut archive', () => {
    const bytes = golden('several.npz');
    for (let length = 0; length < bytes.length; length++) {
      expect(refusal(bytes.subarray(0, length), 'first')).not.toBe('accepted');
    }
  });

  it('never crashes on a damaged byte', () => {
    const bytes = golden('compressed.npz');
    for (let i = 0; i < bytes.length; i++) {
      const damaged = Buffer.from(bytes);
      damaged[i] ^= 0xff;
      // Dates and versions do not matter; whatever is refused is refused with a sentence (checked in `refusal`).
      refusal(damaged);
    }
  });
});
