import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readNpy } from '../../../src/core/corpus/npy';
import { readNpz } from '../../../src/core/corpus/npz';
import { listZip, unpackZipEntry } from '../../../src/core/corpus/zip';
import { compareRows, runSteps } from '../../../src/core/export/transform/exportCheck';
import { npzOfTransform, readNpzSteps } from '../../../src/core/export/transform/npzExport';
import { encodeOnnxTail } from '../../../src/core/export/transform/onnxTail';
import { encodeSafetensors } from '../../../src/core/export/transform/safetensors';
import { foldedBias, stepsOf } from '../../../src/core/export/transform/steps';
import { openProducts } from '../../../src/core/linalg/onnxProducts';
import { openNodeRuntime } from '../../../src/core/runtime/nodeRuntime';
import type { Runtime } from '../../../src/core/runtime/runtime';
import { applyTransform } from '../../../src/core/transform/applyTransform';
import { readTransform } from '../../../src/core/transform/serializeTransform';

// The files and their numbers are NumPy's, onnx's and safetensors' own (makeExport.py).

const bytes = (name: string) => readFileSync(path.join(__dirname, name));
const transform = readTransform(bytes('transform.json').toString(), 'transform.json');
const rows = readNpy(bytes('rows.npy'), 'rows.npy');
const expected = readNpy(bytes('expected.npy'), 'expected.npy');

let runtime: Runtime;
beforeAll(async () => {
  runtime = await openNodeRuntime({ threads: 1 });
});

describe('a transform of two maps with a normalisation between them', () => {
  it('is applied as NumPy does it', async () => {
    const wide = { data: Float64Array.from(rows.data), rows: rows.rows, columns: rows.columns };
    const actual = await applyTransform(transform, wide, await openProducts(runtime));
    // float64 sums of five numbers.
    expect(compareRows(expected, actual).largestDifference).toBeLessThan(1e-14);
    expect(compareRows(expected, runSteps(stepsOf(transform), rows)).largestDifference).toBeLessThan(1e-14);
  });

  it('as .npz holds the arrays that numpy.savez writes, bit for bit', () => {
    const archive = Buffer.concat(npzOfTransform(transform));
    const reference = bytes('reference.npz');
    for (const name of ['mean', 'matrix', 'mean2', 'matrix2']) {
      expect(readNpz(archive, 'ours', name), name).toEqual(readNpz(reference, 'reference', name));
    }
    expect(listZip(archive, 'ours').map((entry) => entry.path)).toEqual(
      listZip(reference, 'reference').map((entry) => entry.path),
    );
    expect(compareRows(expected, runSteps(readNpzSteps(archive, stepsOf(transform)), rows)).largestDifference).toBeLessThan(1e-14);
  });

  it('describes itself in a text array without dimensions, written as NumPy writes one', () => {
    const header = (archive: Uint8Array) => {
      const entry = listZip(archive, 'archive').find(({ path: name }) => name === 'meta.npy')!;
      const npy = Uint8Array.from(unpackZipEntry(archive, entry, 'archive'));
      const headerBytes = 10 + npy[8] + 256 * npy[9];
      const characters = new Uint32Array(npy.slice(headerBytes).buffer);
      return {
        header: new TextDecoder('latin1').decode(npy.subarray(0, headerBytes)).replace(/<U\d+/, '<U…').replace(/ +\n$/, '\n'),
        isAligned: headerBytes % 64 === 0,
        text: String.fromCodePoint(...characters),
        count: Number(/<U(\d+)/.exec(new TextDecoder('latin1').decode(npy.subarray(0, headerBytes)))![1]),
      };
    };
    const ours = header(Buffer.concat(npzOfTransform(transform)));
    const reference = header(bytes('reference.npz'));
    expect(reference.text).toBe('ümlaut 😀, a text array without dimensions');
    expect(ours).toMatchObject({ header: reference.header, isAligned: true, count: ours.text.length });
    expect(JSON.parse(ours.text)).toMatchObject({
      format: 'isoscope.transform.npz',
      spec: 'pca:k=4+l2+pca:k=3',
      steps: [
        { kind: 'affine', mean: 'mean', matrix: 'matrix', bias: null },
        { kind: 'unit-length' },
        { kind: 'affine', mean: 'mean2', matrix: 'matrix2', bias: null },
      ],
    });
  });

  it('as ONNX gives what a graph written with onnx.helper gives', async () => {
    const run = async (model: Uint8Array) => {
      const session = await runtime.open(model);
      const { transformed } = await session.run({
        embedding: { type: 'float32', dims: [rows.rows, rows.columns], data: rows.data },
      });
      await session.release();
      return { data: transformed.data as Float32Array, rows: transformed.dims[0], columns: transformed.dims[1] };
    };
    const reference = compareRows(expected, await run(bytes('reference.onnx')));
    // Row 3 is the mean as float32 has it: what is left of it after Sub is rounding, and only a mean with all its digits leaves the right rounding.
    expect(reference.largestDifference).toBeGreaterThan(1e-3);
    for (const precision of ['float32', 'float64'] as const) {
      const check = compareRows(expected, await run(encodeOnnxTail(transform, precision)));
      expect(check.largestDifference, precision).toBeLessThan(2e-6);
    }
  });

  it('as safetensors holds what the library writes', () => {
    const [step] = stepsOf(transform);
    if (step.kind !== 'affine') throw new Error('the first part is affine');
    const weight = Float32Array.from({ length: 20 }, (_, at) => step.matrix[(at % 5) * 4 + Math.floor(at / 5)]);
    const ours = Buffer.concat(
      encodeSafetensors([
        { name: 'linear.bias', shape: [4], data: Float32Array.from(foldedBias(step)) },
        { name: 'linear.weight', shape: [4, 5], data: weight },
      ]),
    );
    expect(tensorsOf(ours)).toEqual(tensorsOf(bytes('reference.safetensors')));
  });
});

/** Header and numbers of a safetensors file. */
function tensorsOf(file: Buffer): unknown {
  const length = Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.toString('utf8', 8, 8 + length)) as Record<string, { dtype: string; shape: number[]; data_offsets: number[] }>;
  return new Map<string, unknown>(
    Object.entries(header).map(([name, entry]) => {
      if (name === '__metadata__') return [name, entry];
      const { dtype, shape, data_offsets: [start, end] } = entry;
      return [name, { dtype, shape, numbers: [...file.subarray(8 + length + start, 8 + length + end)] }];
    }),
  );
}
