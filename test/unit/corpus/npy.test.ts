import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { widenFloat16 } from '../../../src/core/corpus/float16';
import { readNpy, writeNpy } from '../../../src/core/corpus/npy';
import { IsoscopeError } from '../../../src/core/protocol/errors';

/** Written by NumPy: see makeNpy.py there. */
const golden = (file: string) => readFileSync(path.join(__dirname, '../../golden/corpus/npy', file));

// The values of makeNpy.py: exact in binary16, so every width must give exactly these.
const expected = [
  ...[1.5, -2.25, 0, -0],
  ...[65504, -65504, 2 ** -24, -(2 ** -14)],
  ...[Infinity, -Infinity, NaN, 0.333251953125],
];

/** A .npy file with any header, for the malformed twins. */
function npyFile(header: string, data: Uint8Array = new Uint8Array(0), version = 1): Uint8Array {
  const lengthBytes = version === 1 ? 2 : 4;
  const bytes = new Uint8Array(8 + lengthBytes + header.length + data.length);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0]);
  new DataView(bytes.buffer).setUint16(8, header.length, true);
  bytes.set(new TextEncoder().encode(header), 8 + lengthBytes);
  bytes.set(data, 8 + lengthBytes + header.length);
  return bytes;
}

const header = (shape: string, descr = "'<f4'", order = 'False') =>
  `{'descr': ${descr}, 'fortran_order': ${order}, 'shape': ${shape}, }\n`;

function refusal(bytes: Uint8Array): string {
  try {
    readNpy(bytes, 'X.npy');
  } catch (error) {
    expect(error).toBeInstanceOf(IsoscopeError);
    expect((error as IsoscopeError).reason).toBe('input');
    return (error as IsoscopeError).message;
  }
  return 'accepted';
}

describe('readNpy on files that NumPy wrote', () => {
  for (const width of [16, 32, 64]) {
    for (const order of ['little', 'big']) {
      for (const layout of ['C', 'F']) {
        it(`float${String(width)}, ${order}-endian, ${layout} order`, () => {
          const { data, shape, rows, columns } = readNpy(
            golden(`float${String(width)}-${order}-${layout}.npy`),
            'X.npy',
          );
          expect([shape, rows, columns]).toEqual([[3, 4], 3, 4]);
          expect(data).toBeInstanceOf(width === 64 ? Float64Array : Float32Array);
          expect([...data].map((value, i) => Object.is(value, expected[i]))).toEqual(expected.map(() => true));
        });
      }
    }
  }

  it.each([1, 2, 3])('format version %i', (version) => {
    expect([...readNpy(golden(`version${String(version)}.npy`), 'X.npy').data]).toEqual(expected);
  });

  it('reads from any alignment of the bytes in memory', () => {
    const file = golden('float64-little-C.npy');
    for (let shift = 0; shift < 8; shift++) {
      const bytes = new Uint8Array(file.length + shift);
      bytes.set(file, shift);
      expect([...readNpy(bytes.subarray(shift), 'X.npy').data]).toEqual(expected);
    }
  });

  it('does not change the bytes that it was given', () => {
    const bytes = golden('float32-big-F.npy');
    const before = Buffer.from(bytes);
    readNpy(bytes, 'X.npy');
    expect(bytes.equals(before)).toBe(true);
  });

  it.each([
    ['one-dimension', '1 dimension'],
    ['three-dimensions', '3 dimensions'],
    ['scalar', 'a single number'],
    ['int64', 'integers'],
    ['bool', 'booleans'],
    ['complex', 'complex numbers'],
    ['long-double', "numbers of type '<f16'"],
    ['text', 'text'],
    ['objects', 'pickled Python objects'],
    ['structured', 'records with fields'],
    ['many-fields', 'has a header of'],
  ])('refuses %s', (name, reason) => {
    expect(refusal(golden(`refused-${name}.npy`))).toContain(reason);
    expect(refusal(golden(`refused-${name}.npy`))).toMatch(/^X\.npy .*\.$/);
  });
});

describe('readNpy on malformed files', () => {
  const whole = golden('float32-little-C.npy');

  it('is never fooled by a cut, wherever it is', () => {
    for (let length = 0; length < whole.length; length++) {
      expect(refusal(whole.subarray(0, length))).not.toBe('accepted');
    }
    expect(refusal(whole.subarray(0, whole.length - 1))).toContain('48 bytes and 47 are there');
  });

  it('refuses what follows the matrix', () => {
    expect(refusal(Buffer.concat([whole, Buffer.alloc(3)]))).toContain('goes on for 3 bytes');
  });

  it.each([
    ['negative shape', header('(-3, 4)'), 'negative shape, (-3, 4)'],
    ['shape beyond the file', header('(1000000000, 384)'), 'is cut short'],
    ['shape beyond 2^53 bytes', header('(1000000000000, 100000)'), 'absurd shape'],
    ['shape beyond 2^53', header('(99999999999999999999999, 4)'), 'absurd shape, (99999999999999999999999, 4)'],
    ['shape that is no tuple', header("'big'"), 'not a tuple of integers'],
    ['a shape of brackets without comma', header('(3)'), 'damaged header'],
    ['no shape', "{'descr': '<f4', 'fortran_order': False}\n", "'shape' are needed"],
    ['a key too many', "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1), 'x': 1}\n", 'are needed'],
    ['a key twice', "{'descr': '<f4', 'descr': '<f8', 'fortran_order': False, 'shape': (1, 1)}\n", 'twice'],
    ['code', "{'descr': '<f4', 'fortran_order': False, 'shape': (__import__('os'), 1)}\n", 'damaged header'],
    ['an open string', "{'descr': '<f4", 'damaged header'],
    ['deep nesting', `{'descr': ${'['.repeat(5000)}`, 'nested too deeply'],
    ['fortran_order that is no truth value', header('(1, 1)', "'<f4'", '1'), 'are needed'],
    ['a type unknown', header('(1, 1)', "'<q9'"), "type '<q9'"],
    ['bfloat16', header('(1, 1)', "'<V2'"), 'raw records'],
    ['a header that is no dictionary', '(1, 2)\n', 'damaged header'],
  ])('refuses %s', (_what, text, reason) => {
    expect(refusal(npyFile(text, new Uint8Array(4)))).toContain(reason);
  });

  it('refuses a huge header without reading it', () => {
    const bytes = npyFile(header('(1, 1)'), new Uint8Array(4), 2);
    new DataView(bytes.buffer).setUint32(8, 0xffff_fff0, true);
    expect(refusal(bytes)).toContain('header of 4294967280 bytes');
  });

  it('refuses an unknown version', () => {
    const bytes = Buffer.from(whole);
    bytes[6] = 4;
    expect(refusal(bytes)).toContain('version 4.0');
  });

  it.each([
    ['nothing', Buffer.alloc(0), 'is empty'],
    ['text', Buffer.from('hello, this is text'), 'not a NumPy .npy file'],
    ['a pickle', Buffer.from([0x80, 4, 0x95, 1]), 'Python pickle'],
    ['a zip archive', Buffer.from('PK\x03\x04xxxx'), 'name it .npz'],
    ['an LFS pointer', Buffer.from('version https://git-lfs'), 'Git LFS pointer'],
  ])('recognises %s', (_what, bytes, reason) => {
    expect(refusal(bytes)).toContain(reason);
  });
});

describe('writeNpy', () => {
  it('writes the very bytes that NumPy writes', () => {
    for (const file of ['float32-little-C.npy', 'float64-little-C.npy']) {
      const bytes = golden(file);
      expect(Buffer.from(writeNpy(readNpy(bytes, file))).equals(bytes)).toBe(true);
    }
  });

  it('writes a part of a larger array', () => {
    const data = Float32Array.from([9, 1, 2, 3, 4, 9]).subarray(1, 5);
    expect([...readNpy(writeNpy({ data, rows: 2, columns: 2 }), 'X').data]).toEqual([1, 2, 3, 4]);
  });

  it('writes a matrix without rows', () => {
    expect(readNpy(writeNpy({ data: new Float32Array(0), rows: 0, columns: 7 }), 'X').shape).toEqual([0, 7]);
  });
});

describe('widenFloat16', () => {
  const all = widenFloat16(Uint16Array.from({ length: 65_536 }, (_, i) => i));

  it('is exact on all 65,536 numbers', () => {
    for (let bits = 0; bits < 65_536; bits++) {
      const sign = bits & 0x8000 ? -1 : 1;
      const exponent = (bits >> 10) & 31;
      const fraction = bits & 1023;
      const value =
        exponent === 31
          ? fraction === 0
            ? sign * Infinity
            : NaN
          : sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
      expect(Object.is(all[bits], value)).toBe(true);
    }
  });

  it('agrees with NumPy', () => {
    // Printed by makeNpy.py: the sum of |x| over the finite ones, exact in float64.
    const finite = all.filter((value) => Number.isFinite(value));
    expect(finite.reduce((sum, value) => sum + Math.abs(value), 0)).toBe(201261055.875);
  });
});
