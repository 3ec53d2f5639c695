import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSafetensors, readSafetensorsHeader, safetensorsHeaderLength } from '../../../src/core/corpus/safetensors';
import { readTensorFloats, readTensorIntegers, readTensorMatrix } from '../../../src/core/corpus/safetensorsNumbers';
import { IsoscopeError } from '../../../src/core/protocol/errors';

/** Written by the format's own writer: see makeSafetensors.py there. */
const golden = (file: string) => readFileSync(path.join(__dirname, '../../golden/corpus/safetensors', file));

// The values of makeSafetensors.py: exact in binary16, so every width must give exactly these.
const expected = [
  ...[1.5, -2.25, 0, -0],
  ...[65504, -65504, 2 ** -24, -(2 ** -14)],
  ...[Infinity, -Infinity, NaN, 0.333251953125],
];

/** A file with any header, for the malformed twins. */
function file(header: unknown, dataLength = 0, claimedLength?: bigint): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + dataLength);
  new DataView(bytes.buffer).setBigUint64(0, claimedLength ?? BigInt(json.length), true);
  bytes.set(json, 8);
  return bytes;
}

const tensor = (shape: unknown, offsets: unknown, dtype: unknown = 'F32') => ({ dtype, shape, data_offsets: offsets });

function refusalOf(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(IsoscopeError);
    expect((error as IsoscopeError).reason).toBe('input');
    return (error as IsoscopeError).message;
  }
  return 'accepted';
}

const refusal = (bytes: Uint8Array) => refusalOf(() => readSafetensors(bytes, 'X.safetensors'));

describe('readSafetensors on files of the reference', () => {
  const tensors = readSafetensors(golden('types.safetensors'), 'types.safetensors');

  it.each(['half', 'single', 'double'])('%s precision', (name) => {
    const { data, rows, columns } = readTensorMatrix(tensors.get(name)!, name);
    expect([rows, columns]).toEqual([3, 4]);
    expect(data).toBeInstanceOf(name === 'double' ? Float64Array : Float32Array);
    expect([...data].map((value, i) => Object.is(value, expected[i]))).toEqual(expected.map(() => true));
  });

  it('bfloat16', () => {
    const brain = readSafetensors(golden('bfloat16.safetensors'), 'X').get('brain')!;
    expect([...readTensorFloats(brain, 'brain')]).toEqual([1.5, -2.25, 2 ** -130, 2 ** 127]);
  });

  it.each([
    ['i8', [-128, 0, 127]],
    ['u8', [0, 255]],
    ['i16', [-32768, 32767]],
    ['u16', [65535]],
    ['i32', [-(2 ** 31), 2 ** 31 - 1]],
    ['u32', [2 ** 32 - 1]],
    ['i64', [-(2 ** 53) + 1, 2 ** 53 - 1]],
    ['u64', [7]],
  ])('integers of type %s', (name, values) => {
    expect(Array.from(readTensorIntegers(tensors.get(name)!, name))).toEqual(values);
  });

  it('takes tensors without numbers and without axes, and leaves the metadata out', () => {
    expect(readTensorMatrix(tensors.get('empty')!, 'empty')).toEqual({
      data: new Float32Array(0),
      rows: 0,
      columns: 4,
    });
    expect(tensors.get('scalar')).toMatchObject({ dtype: 'F32', shape: [] });
    expect([...readTensorFloats(tensors.get('scalar')!, 'scalar')]).toEqual([2.5]);
    expect(tensors.has('__metadata__')).toBe(false);
    expect(tensors.size).toBe(15);
  });

  it('needs no more than the header to say where the numbers lie', () => {
    const bytes = golden('types.safetensors');
    const head = bytes.subarray(0, safetensorsHeaderLength(bytes.subarray(0, 16), 'X'));
    const { offset, byteLength } = readSafetensorsHeader(head, bytes.length, 'X').get('single')!;
    expect(bytes.subarray(offset, offset + byteLength)).toEqual(Buffer.from(tensors.get('single')!.bytes));
  });

  it('reads numbers at any address', () => {
    const moved = new Uint8Array(golden('types.safetensors').length + 1);
    moved.set(golden('types.safetensors'), 1);
    const again = readSafetensors(moved.subarray(1), 'X');
    for (const name of ['half', 'single', 'double']) {
      expect(readTensorFloats(again.get(name)!, name)).toEqual(readTensorFloats(tensors.get(name)!, name));
    }
  });

  it('says which tensor has the wrong type or shape', () => {
    expect(refusalOf(() => readTensorFloats(tensors.get('i8')!, 'X: tensor "i8"'))).toBe(
      'X: tensor "i8" holds numbers of type I8, where F16, BF16, F32 or F64 is needed.',
    );
    expect(refusalOf(() => readTensorIntegers(tensors.get('half')!, 'X: tensor "half"'))).toContain(
      'integers are needed',
    );
    expect(refusalOf(() => readTensorIntegers(tensors.get('large')!, 'X'))).toContain('beyond 2^53');
    expect(refusalOf(() => readTensorMatrix(tensors.get('i8')!, 'X'))).toContain('has 1 axis (shape [3])');
    expect(refusalOf(() => readTensorMatrix(tensors.get('scalar')!, 'X'))).toContain('is a single number');
  });
});

describe('malformed twins', () => {
  const good = golden('types.safetensors');

  it('every length that is too short, without reading beyond it', () => {
    for (let length = 0; length < good.length; length += 7) {
      expect(refusal(good.subarray(0, length))).toMatch(
        /^X\.safetensors (is empty|is cut short|is not a .safetensors file)/,
      );
    }
  });

  it('bytes after the last tensor', () => {
    expect(refusal(Buffer.concat([good, Buffer.from('abc')]))).toBe(
      'X.safetensors goes on for 3 bytes after its last tensor.',
    );
  });

  it('a header that claims more than any file has', () => {
    expect(refusal(file('{}', 0, 2n ** 63n))).toBe(
      'X.safetensors claims a header of 9223372036854775808 bytes, where 10000000 are the limit: it is damaged.',
    );
    expect(refusal(file('{}', 0, 9_000_000n))).toBe('X.safetensors is cut short within its header.');
  });

  it.each([
    ['[1, 2]', 'its header is not a JSON object'],
    ['{"a": ', 'is not JSON'],
    ['{"a": 1}', 'is not described by dtype, shape and data_offsets'],
    ['{"a": null}', 'is not described by dtype, shape and data_offsets'],
    ['{"__proto__": {"dtype": "F32"}}', 'tensor "__proto__" is not described'],
    [{ a: tensor([1], [0, 4], 'F12') }, 'tensor "a" has the unknown number type "F12"'],
    [{ a: tensor([1], [0, 4], 'toString') }, 'tensor "a" has the unknown number type "toString"'],
    [{ a: tensor([1.5], [0, 6]) }, 'tensor "a" has a shape that is not a list of whole numbers'],
    [{ a: tensor([-1], [0, -4]) }, 'tensor "a" has a shape that is not a list of whole numbers'],
    [{ a: tensor([1], [4]) }, 'tensor "a" has no valid pair of offsets'],
    [{ a: tensor([1], [-4, 0]) }, 'tensor "a" has no valid pair of offsets'],
    [{ a: tensor([2], [0, 4]) }, 'tensor "a" spans 4 bytes, where its shape (2) of F32 needs 8'],
    [{ a: tensor([2 ** 40, 2 ** 40], [0, 4]) }, 'tensor "a" spans 4 bytes'],
    [{ a: tensor([1], [0, 4]), b: tensor([1], [2, 6]) }, 'tensor "b" overlaps another'],
    [{ a: tensor([1], [4, 8]) }, '4 bytes before tensor "a" belong to no tensor'],
    [{ a: tensor([3], [0, 12]) }, 'is cut short: tensor "a" ends at byte'],
    [{ a: tensor([1], [0, 4]) }, 'goes on for 4 bytes after its last tensor'],
  ])('%j', (header, problem) => {
    expect(refusal(file(header, 8))).toContain(problem);
  });

  it.each([
    ['<!DOCTYPE html><html></html>', 'a web page'],
    ['version https://git-lfs.github.com/spec/v1\noid sha256:0\n', 'a Git LFS pointer'],
    ['PK\u0003\u0004....................', 'a zip archive'],
    ['\u001f\u008b..........', 'a gzip file'],
  ])('%j in its place', (text, what) => {
    expect(refusal(Buffer.from(text, 'latin1'))).toContain(`is not a .safetensors file: it looks like ${what}`);
  });

  it('names of any length and kind', () => {
    const bytes = file({ ['x'.repeat(10_000)]: tensor([1], [0, 4], 'F0') }, 4);
    expect(refusal(bytes).length).toBeLessThan(200);
  });
});
