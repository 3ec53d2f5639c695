import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeNpy } from '../../../src/core/corpus/npy';
import type { EmbeddedReport } from '../../../src/core/export/htmlReport';
import { createRandom } from '../../../src/core/linalg/random';
import { parseTyped } from '../../../src/core/protocol/typedJson';

// The real command line in a process of its own, as in commandLine.test.ts.

const root = path.join(__dirname, '../../..');
const folder = mkdtempSync(path.join(tmpdir(), 'isoscope-umap-cli-'));
const bundle = path.join(root, '.cache', `umap-cli-test-${String(process.pid)}`, 'cli.js');
const inside = (name: string): string => path.join(folder, name);

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
  const data = Float32Array.from({ length: 40 * 6 }, (_, at) => random.normal() + Math.floor(at / 120) * (at % 3) * 4);
  // A row without a direction.
  data.fill(0, 6 * 7, 6 * 8);
  writeFileSync(inside('X.npy'), writeNpy({ data, rows: 40, columns: 6 }));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
  rmSync(path.dirname(bundle), { recursive: true, force: true });
});

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

function readPlane(file: string): number[][] {
  const [, ...lines] = readFileSync(inside(file), 'utf8').trimEnd().split('\n');
  return lines.map((line) => line.split(',').slice(2, 6).map(Number));
}

describe('isoscope analyze --projection umap', () => {
  it('writes both planes, the same for the same seed, and says what is to be known', async () => {
    const common = [
      'analyze',
      '--vectors',
      'X.npy',
      '--transform',
      'zscore',
      '--projection',
      'umap',
      '--json',
      's.json',
    ];
    const first = await run(...common, '--plane-out', 'a.csv');
    expect(first.code).toBe(0);
    expect(first.err).toContain('One row has length 0 and no direction');
    expect((await run(...common, '--plane-out', 'b.csv')).code).toBe(0);
    expect((await run(...common, '--plane-out', 'c.csv', '--seed', '5')).code).toBe(0);
    const plane = readPlane('a.csv');
    expect(plane).toHaveLength(40);
    expect(plane.flat().every(Number.isFinite)).toBe(true);
    expect(readPlane('b.csv')).toEqual(plane);
    expect(readPlane('c.csv')).not.toEqual(plane);
    // The row of length 0 stands below all others before; centred, it has a direction.
    const heights = plane.map(([, y]) => y);
    expect(Math.min(...heights)).toBe(heights[7]);
    await run('analyze', '--vectors', 'X.npy', '--plane-out', 'pca.csv', '--json', 's.json');
    expect(readPlane('pca.csv')).not.toEqual(plane);
  });

  it.runIf(existsSync(path.join(root, 'dist/webview.js')))('is in the page, beside the principal plane', async () => {
    const { code } = await run('analyze', '--vectors', 'X.npy', '--projection', 'umap', '--html', 'a.html');
    expect(code).toBe(0);
    const html = readFileSync(inside('a.html'), 'utf8');
    const data = /<script type="application\/json" id="isoscope-report">(.*?)<\/script>/s.exec(html)?.[1] ?? '';
    const { report } = parseTyped(data) as EmbeddedReport;
    expect(report.umap?.raw).toMatchObject({ rows: null, neighbours: 15, seed: 0 });
    expect(report.umap?.raw.plane).toHaveLength(80);
    expect(report.umap?.transformed).toBeNull();
    expect(report.views.raw.plane).toHaveLength(80);
  });
});
