import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseArguments } from '../../../src/core/cli/arguments';
import { readNpy } from '../../../src/core/corpus/npy';
import { readNpz } from '../../../src/core/corpus/npz';
import type { Snapshot } from '../../../src/core/protocol/snapshot';
import { modelFolder } from '../../golden/encoder/referenceFolder';
import { bundleForNode } from '../engine/bundle';

const folder = mkdtempSync(path.join(tmpdir(), 'isoscope-layers-'));
const model = modelFolder('bert')!;
let script: string;
beforeAll(async () => {
  script = await bundleForNode('src/core/cli/main.ts', 'cliLayers');
  const lines = Array.from(
    { length: 30 },
    (_, i) => `line ${i % 28} is about ${['rain', 'music', 'bread', 'cats'][i % 4]}`,
  );
  writeFileSync(path.join(folder, 'lines.txt'), lines.join('\n'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function run(...argv: readonly string[]): Promise<{ code: number | null; out: string; err: string }> {
  const environment = { ...process.env, LC_ALL: 'C.UTF-8', NO_COLOR: '1' };
  const child = spawn(process.execPath, [script, ...argv], { cwd: folder, env: environment });
  let out = '';
  let err = '';
  child.stdout.on('data', (piece: Buffer) => (out += piece.toString()));
  child.stderr.on('data', (piece: Buffer) => (err += piece.toString()));
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, out, err })));
}

const bytesOf = (name: string) => readFileSync(path.join(folder, name));

describe('encode --layer all', () => {
  it('writes one array per layer, each what that layer alone gives', async () => {
    const encoder = ['--encoder', model, '--quiet'];
    expect(await run('encode', 'lines.txt', '--layer', 'all', '--out', 'X.npz', ...encoder)).toEqual({
      code: 0,
      out: '',
      err: '',
    });
    for (const layer of ['0', '1', '2', '3']) {
      expect((await run('encode', 'lines.txt', '--layer', layer, '--out', 'X.npy', ...encoder)).code).toBe(0);
      const [all, alone] = [readNpz(bytesOf('X.npz'), 'X.npz', `layer_${layer}`), readNpy(bytesOf('X.npy'), 'X.npy')];
      expect(all.shape).toEqual([30, 32]);
      // The same graph with more or fewer outputs: the last bits may differ.
      alone.data.forEach((x, i) => expect(Math.abs(all.data[i] - x)).toBeLessThan(1e-5));
    }
    expect(() => readNpz(bytesOf('X.npz'), 'X.npz', 'layer_4')).toThrow(/layer_4/);
  });

  it.each([
    [
      ['encode', 'lines.txt', '--layer', 'all', '--out', 'X.npy'],
      /one array per layer: --out is a \.npz file then, not "X\.npy"/,
    ],
    [['encode', 'lines.txt', '--layer', '1', '--out', 'X.npz'], /is a \.npy file, not "X\.npz"/],
    [['analyze', 'lines.txt', '--layer', 'all', '--html', 'X.html'], /page or Markdown report is of one layer/],
    [['fit', 'lines.txt', '--layer', 'all', '--transform', 'center', '--out', 'T.json'], /fitted on one layer/],
  ] as const)('%j is refused', (argv, message) => {
    expect(() => parseArguments(argv)).toThrow(message);
  });

  it.each(['first-last', 'last-2', 'pooler'])('refuses pooling %s, which names its own layers', async (pooling) => {
    const { code, err } = await run(
      'encode',
      'lines.txt',
      '--layer',
      'all',
      '--pooling',
      pooling,
      '--out',
      'Y.npz',
      '--quiet',
      '--encoder',
      modelFolder('bert-legacy')!,
    );
    expect([code, err]).toEqual([2, `isoscope: --layer all needs a pooling of one layer: ${pooling} names its own.\n`]);
    expect(existsSync(path.join(folder, 'Y.npz'))).toBe(false);
  });
});

describe('analyze --layer all', () => {
  it('writes one snapshot per layer, each what that layer alone gives', async () => {
    const common = ['--encoder', model, '--transform', 'center', '--quiet'];
    const { code, out } = await run('analyze', 'lines.txt', '--layer', 'all', '--json', '-', ...common);
    expect(code).toBe(0);
    const { format, version, snapshots } = JSON.parse(out) as {
      format: string;
      version: number;
      snapshots: Snapshot[];
    };
    expect([format, version, snapshots.length]).toEqual(['isoscope.layers', 1, 4]);
    expect(snapshots.map(({ encoder }) => encoder.layer)).toEqual([0, 1, 2, 3]);
    const alone = JSON.parse(
      (await run('analyze', 'lines.txt', '--layer', '2', '--json', '-', ...common)).out,
    ) as Snapshot;
    expect(snapshots[2].raw.averageCosine).toBeCloseTo(alone.raw.averageCosine!, 5);
    expect(snapshots[2].transformed!.effectiveRank).toBeCloseTo(alone.transformed!.effectiveRank!, 3);
  });

  it('shows layers and their numbers in the terminal', async () => {
    const { code, out } = await run(
      'analyze',
      'lines.txt',
      '--layer',
      'all',
      '--encoder',
      model,
      '--transform',
      'center',
      '--quiet',
    );
    expect(code).toBe(0);
    expect(out).toMatch(/all layers · pooling mean · 32 dimensions/);
    expect(out).toMatch(
      /\nraw\nlayer +average cosine +effective rank .*\n +0 +0\.\d+ .*\n +1 .*\n +2 .*\n +3 .*\n\ncenter\nlayer /,
    );
  });
});

describe('--cache', () => {
  it('keeps vectors for the next run, of one layer or of all', async () => {
    const argv = ['lines.txt', '--encoder', model, '--cache', 'kept'];
    expect((await run('encode', ...argv, '--layer', 'all', '--out', 'X.npz')).err).toMatch(
      /encoding, 0 of 28 sentences/,
    );
    expect(existsSync(path.join(folder, 'kept'))).toBe(true);
    const again = await run('encode', ...argv, '--layer', '1', '--out', 'X1.npy');
    expect([again.code, again.err]).toEqual([0, expect.not.stringContaining('encoding')]);
    const analyzed = await run('analyze', ...argv, '--layer', '3', '--json', 'X.json');
    expect([analyzed.code, analyzed.err]).toEqual([0, expect.not.stringContaining('encoding')]);
    expect(Buffer.from(readNpz(bytesOf('X.npz'), 'X.npz', 'layer_1').data.slice().buffer)).toEqual(
      Buffer.from(readNpy(bytesOf('X1.npy'), 'X1.npy').data.slice().buffer),
    );
  });
});
