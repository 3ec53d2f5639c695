import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { transform as transpile } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareRows, EXPORT_TOLERANCE } from '../../../src/core/export/transform/exportCheck';
import {
  exportTransform,
  type ExportRequest,
  type TransformFormat,
} from '../../../src/core/export/transform/exportTransform';
import { sampleRows } from '../../../src/core/export/transform/sampleRows';
import { stepsOf } from '../../../src/core/export/transform/steps';
import type { Matrix } from '../../../src/core/linalg/matrix';
import { openProducts } from '../../../src/core/linalg/onnxProducts';
import type { Products } from '../../../src/core/linalg/products';
import { openNodeRuntime } from '../../../src/core/runtime/nodeRuntime';
import type { Runtime } from '../../../src/core/runtime/runtime';
import { applyTransform } from '../../../src/core/transform/applyTransform';
import type { Transform } from '../../../src/core/transform/transform';
import { fitOn, randomRows } from '../transform/fixtures';

let runtime: Runtime;
let products: Products;
const folder = mkdtempSync(path.join(tmpdir(), 'isoscope-export-'));
beforeAll(async () => {
  runtime = await openNodeRuntime({ threads: 1 });
  products = await openProducts(runtime);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const inside = (name: string) => path.join(folder, name);
const rows = randomRows(200, 12, 5);

/** Everything that `fit` makes. */
const specs = [
  'none',
  'center',
  'zscore',
  'l2',
  'abtt:d=2',
  'pca',
  'pca:k=5,eps=0.001,shrinkage=oas,beta=0.7,gamma=0.6',
  'zca',
  'zca:k=4',
  'cholesky',
  'pca-cor',
  'zca-cor:shrinkage=lw',
  'truncate:k=3',
  'random:k=7',
  'center+l2',
  'l2+pca:k=6+l2',
  'l2+abtt:d=1+truncate:k=8+zscore+l2+center',
];

const fit = async (spec: string, x = rows) => (await fitOn(spec, x, products)).transform;
const run = (request: Partial<ExportRequest> & Pick<ExportRequest, 'transform' | 'format' | 'out'>) =>
  exportTransform({ encoder: null, ...request }, { runtime, products });

describe('a transform alone', () => {
  const plain: [TransformFormat, string][] = [
    ['npz', 'npz'],
    ['numpy', 'py'],
    ['onnx', 'onnx'],
    ['json', 'json'],
    ['typescript', 'ts'],
  ];
  it.each(specs)('%s, in every format', async (spec) => {
    const transform = await fit(spec);
    for (const [format, extension] of plain) {
      const out = inside(`${format}.${extension}`);
      const { check, files } = await run({ transform, format, out });
      // Float32 numbers on well-conditioned rows: a few 1e-7.
      expect(check.largestDifference, format).toBeLessThan(2e-6);
      expect(check).toMatchObject({ rows: 16, isWithinTolerance: true });
      for (const file of files) expect(readFileSync(file).length).toBeGreaterThan(0);
    }
  });

  it.each(specs)('%s as TypeScript gives the same when it is executed', async (spec) => {
    const transform = await fit(spec);
    await run({ transform, format: 'typescript', out: inside('run.ts') });
    const apply = await loadTypescript(inside('run.ts'));
    const sample = await sampleRows(transform, products);
    const expected = await expectedOf(transform, sample);
    const data = Array.from({ length: sample.rows }, (_, row) => [...apply(rowOf(sample, row))]).flat();
    const actual = { data: Float64Array.from(data), rows: sample.rows, columns: expected.columns };
    expect(compareRows(expected, actual).largestDifference).toBeLessThan(2e-6);
    expect(() => apply(new Float32Array(11))).toThrow('a vector of 12 numbers is needed, not 11');
  });

  it('keeps a row of zeros as it is after l2, in ONNX as well', async () => {
    const transform = await fit('l2');
    const zero = { data: new Float32Array(12), rows: 1, columns: 12 };
    const { check } = await run({ transform, format: 'onnx', out: inside('zero.onnx'), rows: zero });
    expect(check).toEqual({ rows: 1, largestDifference: 0, isWithinTolerance: true });
  });

  it('computes in float64 inside an ONNX file where float32 is too coarse, and says so', async () => {
    // Standard deviations from 1 to 1e-5: whitening multiplies rounding by 1e5.
    const transform = await fit('pca', randomRows(400, 12, 8, 12, 1e-5));
    const { check, notes } = await run({ transform, format: 'onnx', out: inside('fine.onnx') });
    expect(check.largestDifference).toBeLessThan(EXPORT_TOLERANCE);
    expect(notes.join(' ')).toContain('float64 inside');
    expect(notes[0]).toBe('Input "embedding" [N, 12], output "transformed" [N, 12], float32.');
  });

  it('tries the rows that it is given, and refuses those of another dimension', async () => {
    const transform = await fit('center');
    const { check } = await run({ transform, format: 'npz', out: inside('rows.npz'), rows: randomRows(5, 12, 2) });
    expect(check.rows).toBe(5);
    await expect(
      run({ transform, format: 'npz', out: inside('rows.npz'), rows: randomRows(5, 3, 2) }),
    ).rejects.toMatchObject({
      reason: 'input',
    });
  });

  it('needs an encoder for a sentence-transformers folder', async () => {
    const transform = await fit('center');
    await expect(run({ transform, format: 'sentence-transformers', out: inside('st') })).rejects.toMatchObject({
      reason: 'usage',
      message: expect.stringContaining('--encoder') as string,
    });
  });

  it('leaves nothing behind where a file cannot be written, and does nothing when it is cancelled', async () => {
    const transform = await fit('center');
    await expect(run({ transform, format: 'npz', out: inside('no/such.npz') })).rejects.toThrow('does not exist');
    mkdirSync(inside('taken.npz'));
    await expect(run({ transform, format: 'npz', out: inside('taken.npz') })).rejects.toThrow('is a folder');
    const request = { transform, format: 'npz', out: inside('late.npz'), encoder: null } as const;
    await expect(exportTransform(request, { runtime, products }, AbortSignal.abort())).rejects.toThrow();
    expect(readdirSync(folder).filter((name) => name.includes('late') || name.includes('tmp'))).toEqual([]);
  });

  it('says that a matrix would be too large', () => {
    const part = { kind: 'unit-length', spec: 'l2', fittedOn: null } as const;
    const size = { inputDimension: 20_000, outputDimension: 20_000 };
    const mean = new Float64Array(20_000);
    expect(stepsOf({ ...part, ...size })).toEqual([{ kind: 'unit-length' }]);
    expect(() => stepsOf({ kind: 'center', spec: 'center', fittedOn: null, mean, ...size })).toThrow('too large');
  });
});

describe('compareRows', () => {
  const matrix = (...data: number[]): Matrix => ({ data: Float64Array.from(data), rows: 2, columns: 2 });
  it('measures the difference of a row by its length', () => {
    expect(compareRows(matrix(3, 4, 0, 0), matrix(3, 4.5, 0, 0)).largestDifference).toBeCloseTo(0.1, 12);
    expect(compareRows(matrix(3, 4, 0, 0), matrix(3, 4, 0, 0.25)).largestDifference).toBe(0.25);
  });
  it('lets no NaN and no other shape pass', () => {
    expect(compareRows(matrix(1, 2, 3, 4), matrix(1, NaN, 3, 4))).toEqual({
      rows: 2,
      largestDifference: Infinity,
      isWithinTolerance: false,
    });
    expect(compareRows(matrix(1, 2, 3, 4), { data: new Float64Array(2), rows: 1, columns: 2 }).isWithinTolerance).toBe(
      false,
    );
  });
});

async function loadTypescript(file: string): Promise<(vector: ArrayLike<number>) => Float64Array> {
  const { code } = await transpile(readFileSync(file, 'utf8'), { loader: 'ts', format: 'cjs' });
  const module = { exports: {} as { transform: (vector: ArrayLike<number>) => Float64Array } };
  // The module is our own text: this is how a project that includes it would run it.
  // eslint-disable-next-line @typescript-eslint/no-implied-eval
  (new Function('module', 'exports', code) as (module: unknown, exports: unknown) => void)(module, module.exports);
  return module.exports.transform;
}

const rowOf = ({ data, columns }: Matrix, row: number) => data.subarray(row * columns, (row + 1) * columns);

function expectedOf(transform: Transform, { data, ...shape }: Matrix) {
  return applyTransform(transform, { ...shape, data: Float64Array.from(data) }, products);
}
