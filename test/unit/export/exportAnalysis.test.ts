import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { analyzeSentences } from '../../../src/core/analysis/analyze';
import type { Analysis } from '../../../src/core/analysis/analysis';
import { openServices, type Services } from '../../../src/core/analysis/services';
import { readVectorFile } from '../../../src/core/corpus/vectorFile';
import { exportAnalysis } from '../../../src/core/export/exportAnalysis';
import type { ExportTarget } from '../../../src/core/protocol/exports';

const sentences = Array.from(
  { length: 24 },
  (_, i) => `Sentence number ${i} is about ${['tea', 'rain', 'code'][i % 3]}.`,
);
const lines = Uint32Array.from(sentences.keys());
let services: Services;
let folder: string;
let whitened: Analysis;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'isoscope-export-'));
  services = await openServices({ threads: 1 });
  whitened = await analyze('pca:k=4');
});
afterAll(async () => {
  await services.dispose();
  await rm(folder, { recursive: true, force: true });
});

function analyze(transform: string): Promise<Analysis> {
  return analyzeSentences(
    { source: 'tea.txt', sentences, encoder: { encoder: 'embedded' }, transform, seed: 0 },
    services,
  );
}

function run(target: ExportTarget, name: string, analysis = whitened) {
  return exportAnalysis(analysis, target, path.join(folder, name), lines, services.runtime);
}

describe('a part of an analysis for use elsewhere', () => {
  it.each(['npz', 'numpy', 'onnx', 'json', 'typescript'] as const)('the transform as %s, run again', async (format) => {
    const name = `t.${{ npz: 'npz', numpy: 'py', onnx: 'onnx', json: 'json', typescript: 'ts' }[format]}`;
    const { files, check } = await run({ kind: 'transform', format }, name);
    expect(files).toContain(path.join(folder, name));
    expect(check?.rows).toBe(16);
    expect(check?.largestDifference).toBeLessThan(1e-5);
  });

  it('the encoder with the transform behind it, as one graph and as a folder', async () => {
    const encoder = { encoder: 'embedded' };
    const graph = await run({ kind: 'encoder', format: 'onnx', encoder }, 'encoder.onnx');
    expect(graph.check).toMatchObject({ rows: 16, isWithinTolerance: true });
    const st = await run({ kind: 'encoder', format: 'sentence-transformers', encoder }, 'st');
    expect(st.check).toMatchObject({ rows: 16, isWithinTolerance: true });
  });

  it('vectors of either space, and the plane', async () => {
    const { files } = await run({ kind: 'vectors', space: 'transformed' }, 'after.npy');
    expect((await readVectorFile(files[0])).vectors).toMatchObject({ rows: 24, columns: 4 });
    await run({ kind: 'vectors', space: 'raw' }, 'before.npy');
    expect((await readVectorFile(path.join(folder, 'before.npy'))).vectors.columns).toBe(384);
    await run({ kind: 'vectors', space: 'raw' }, 'before.atlas.parquet');
    await run({ kind: 'plane' }, 'plane.csv');
    expect((await readFile(path.join(folder, 'plane.csv'), 'utf8')).trim().split('\n')).toHaveLength(25);
  });

  it('says that there is no transform to export', async () => {
    const plain = await analyze('none');
    await expect(run({ kind: 'transform', format: 'npz' }, 'none.npz', plain)).rejects.toThrow(/choose a method first/);
  });
});
