import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseArguments } from '../../../src/core/cli/arguments';
import { readNpy, writeNpy } from '../../../src/core/corpus/npy';
import { createRandom } from '../../../src/core/linalg/random';
import { modelFolder } from '../../golden/encoder/referenceFolder';

// The real command line in a process of its own, as in commandLine.test.ts.

const root = path.join(__dirname, '../../..');
const folder = mkdtempSync(path.join(tmpdir(), 'isoscope-export-cli-'));
const bundle = path.join(root, '.cache', `export-cli-test-${String(process.pid)}`, 'cli.js');
const bert = modelFolder('bert')!;

beforeAll(async () => {
  await build({
    absWorkingDir: root,
    entryPoints: ['src/core/cli/main.ts'],
    outfile: bundle,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    external: ['onnxruntime-node'],
  });
  const random = createRandom(1);
  const data = Float32Array.from({ length: 60 * 6 }, () => random.normal());
  writeFileSync(inside('X.npy'), writeNpy({ data, rows: 60, columns: 6 }));
  const lines = Array.from({ length: 60 }, (_, i) => `sentence ${String(i)}, "quoted"\n\n`);
  writeFileSync(inside('text.txt'), lines.join(''));
  await run('fit', '--vectors', 'X.npy', '--transform', 'pca:k=3', '--out', 'T.json');
  await run('fit', 'text.txt', '--encoder', bert, '--transform', 'pca:k=4,shrinkage=lw', '--out', 'B.json');
});
afterAll(() => {
  rmSync(folder, { recursive: true });
  rmSync(path.dirname(bundle), { recursive: true, force: true });
});

const inside = (name: string) => path.join(folder, name);

function run(...argv: readonly string[]): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, [bundle, ...argv], { cwd: folder });
  let [out, err] = ['', ''];
  child.stdout.on('data', (piece: Buffer) => (out += piece.toString()));
  child.stderr.on('data', (piece: Buffer) => (err += piece.toString()));
  return new Promise((resolve) => {
    child.on('close', (code) => {
      resolve({ code, out, err });
    });
  });
}

describe('isoscope export', () => {
  it.each([
    ['npz', 'T.npz'],
    ['numpy', 'T.py'],
    ['onnx', 'T.onnx'],
    ['typescript', 'T.ts'],
    ['json', 'T2.json'],
  ])('--to %s writes %s and tells the difference', async (format, file) => {
    const { code, out, err } = await run('export', 'T.json', '--to', format, '--out', file, '--vectors', 'X.npy');
    expect({ code, out }).toEqual({ code: 0, out: '' });
    expect(err).toContain(`isoscope: wrote ${file}`);
    expect(err).toMatch(/run again on 16 rows, the largest difference is \S+ of a vector's length, within 1e-5\./);
    expect(readFileSync(inside(file)).length).toBeGreaterThan(0);
  });

  it('joins an encoder and its transform', async () => {
    const merged = await run('export', 'B.json', '--to', 'onnx', '--merge', '--encoder', bert, '--out', 'merged.onnx');
    expect(merged.err).toContain('run again on 16 sentences');
    expect(merged.code).toBe(0);
    const st = await run(
      'export',
      'B.json',
      '--to',
      'sentence-transformers',
      '--encoder',
      bert,
      '--out',
      'st',
      '--quiet',
    );
    expect(st).toEqual({ code: 0, out: '', err: '' });
    expect(readdirSync(inside('st'))).toContain('modules.json');
    // A second time the folder is there already.
    const again = await run(
      'export',
      'B.json',
      '--to',
      'sentence-transformers',
      '--encoder',
      bert,
      '--out',
      'st',
      '--quiet',
    );
    expect(again).toMatchObject({ code: 3, err: 'isoscope: st is not empty: name a new folder.\n' });
  });

  it('refuses a transform of another encoder, and files that are no transform', async () => {
    const other = await run(
      'export',
      'T.json',
      '--to',
      'onnx',
      '--merge',
      '--encoder',
      bert,
      '--out',
      'no.onnx',
      '--quiet',
    );
    expect(other.code).toBe(3);
    expect(other.err).toContain('6 dimensions, these have 32');
    const none = await run('export', 'X.npy', '--to', 'npz', '--out', 'no.npz', '--quiet');
    expect(none.code).toBe(3);
    expect(existsSync(inside('no.onnx')) || existsSync(inside('no.npz'))).toBe(false);
  });

  it.each([
    [[], 'needs a fitted transform'],
    [['T.json'], 'needs --to FORMAT'],
    [['T.json', '--to', 'pickle', '--out', 'x'], '--to is npz, numpy, onnx'],
    [['T.json', '--to', 'npz'], 'needs --out FILE.npz'],
    [['T.json', '--to', 'sentence-transformers'], 'needs --out FOLDER'],
    [['T.json', '--to', 'npz', '--out', 'x.onnx'], 'is a .npz file, not "x.onnx"'],
    [['T.json', '--to', 'npz', '--out', '-'], 'not standard output'],
    [['T.json', 'U.json', '--to', 'npz', '--out', 'x.npz'], '"U.json" is one too many'],
    [['T.json', '--to', 'npz', '--out', 'x.npz', '--merge'], '--merge joins'],
    [['T.json', '--to', 'onnx', '--out', 'x.onnx', '--encoder', 'folder'], '--encoder says how text is encoded'],
    [['T.json', '--to', 'onnx', '--out', 'x.onnx', '--merge', '--vectors', 'X.npy'], 'tried on a transform alone'],
    [['T.json', '--to', 'onnx', '--out', 'x.onnx', '--modules-only'], '--modules-only goes with'],
    [['-', '--to', 'npz', '--out', 'x.npz', '--vectors', '-'], 'Standard input cannot be both'],
  ])('%j is wrong usage', (argv, message) => {
    expect(() => parseArguments(['export', ...argv])).toThrow(message);
  });

  it('takes the embedded encoder where none is named', () => {
    const { encoder } = parseArguments([
      'export',
      'T.json',
      '--to',
      'onnx',
      '--merge',
      '--out',
      'x.onnx',
    ]) as unknown as {
      encoder: unknown;
    };
    expect(encoder).toEqual({ encoder: 'embedded', normalize: 'auto' });
  });
});

describe('isoscope analyze writes', () => {
  it('vectors after the transform, by the name of the file, and the planes', async () => {
    mkdirSync(inside('out'));
    const common = [
      'analyze',
      'text.txt',
      '--vectors',
      'X.npy',
      '--transform',
      'pca:k=3',
      '--json',
      'out/s.json',
      '--quiet',
    ];
    for (const file of ['v.npy', 'v.parquet', 'v.atlas.parquet', 'v.tsv']) {
      const outcome = await run(...common, '--vectors-out', `out/${file}`, '--plane-out', 'out/plane.csv');
      expect(outcome).toEqual({ code: 0, out: '', err: '' });
    }
    const vectors = readNpy(readFileSync(inside('out/v.npy')), 'v.npy');
    expect([vectors.rows, vectors.columns]).toEqual([60, 3]);
    const file = Uint8Array.from(readFileSync(inside('out/v.atlas.parquet'))).buffer;
    const rows = await parquetReadObjects({ file });
    expect(rows[59]).toMatchObject({ row: 59, line: 119, text: 'sentence 59, "quoted"' });
    expect(Float32Array.from(rows[59]['embedding'] as number[])).toEqual(vectors.data.slice(59 * 3));
    const { ids } = rows[0]['neighbors'] as { ids: number[] };
    expect(ids).toHaveLength(15);
    expect(ids).not.toContain(0);
    expect(readFileSync(inside('out/v.metadata.tsv'), 'utf8').split('\n')[60]).toBe('59\t119\tsentence 59, "quoted"');
    const plane = readFileSync(inside('out/plane.csv'), 'utf8').split('\n');
    expect(plane).toHaveLength(62);
    expect(plane[60]).toMatch(/^59,119,-?[\d.e-]+,-?[\d.e-]+,-?[\d.e-]+,-?[\d.e-]+,"sentence 59, ""quoted"""$/);
  });

  it.each([
    ['--vectors-out', 'x.csv', 'says no format for vectors'],
    ['--vectors-out', '-', 'is the name of a file'],
    ['--plane-out', 'x.txt', 'is a .csv file'],
  ])('%s %s is wrong usage', (name, file, message) => {
    expect(() => parseArguments(['analyze', 'text.txt', name, file])).toThrow(message);
  });

  it('nothing of all layers at once', () => {
    expect(() => parseArguments(['analyze', 'text.txt', '--layer', 'all', '--plane-out', 'x.csv'])).toThrow(
      'of one layer',
    );
  });
});
