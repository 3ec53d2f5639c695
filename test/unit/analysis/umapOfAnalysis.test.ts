import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { analyzeVectors, retransform } from '../../../src/core/analysis/analyze';
import { openServices, type Services } from '../../../src/core/analysis/services';
import { umapOfAnalysis } from '../../../src/core/analysis/umapOfAnalysis';
import { createRandom } from '../../../src/core/linalg/random';

let services: Services;
beforeAll(async () => {
  services = await openServices({ threads: 1 });
});
afterAll(() => services.dispose());

function analyze(transform: string) {
  const random = createRandom(4);
  const data = Float32Array.from(
    { length: 60 * 5 },
    (_, at) => random.normal() + (Math.floor(at / 5) % 3) * (at % 2) * 6,
  );
  return analyzeVectors(
    {
      source: 'X.npy',
      vectors: { data, rows: 60, columns: 5 },
      encoder: { id: 'X.npy', sha256: 'x' },
      transform,
      seed: 0,
    },
    services,
  );
}

describe('UMAP of an analysis', () => {
  const raw = { side: 'raw', seed: 0, neighbours: 10 } as const;
  const transformed = { ...raw, side: 'transformed' } as const;

  it('lays out either space, and keeps what it has made while the space stays', async () => {
    const analysis = await analyze('pca');
    const first = await umapOfAnalysis(analysis, raw);
    expect(first).toMatchObject({ rows: null, neighbours: 10, seed: 0 });
    expect(await umapOfAnalysis(analysis, raw)).toBe(first);
    expect(await umapOfAnalysis(analysis, { ...raw, seed: 1 })).not.toBe(first);
    const second = await umapOfAnalysis(analysis, transformed);
    expect(second.plane).not.toEqual(first.plane);
    const other = await retransform(analysis, 'zscore');
    // The raw space is the same; the transformed one is another.
    expect(await umapOfAnalysis(other, raw)).toBe(first);
    expect((await umapOfAnalysis(other, transformed)).plane).not.toEqual(second.plane);
  });

  it('does not keep what was cancelled', async () => {
    const analysis = await analyze('none');
    const controller = new AbortController();
    const cancelled = umapOfAnalysis(analysis, raw, { signal: controller.signal, onShare: () => controller.abort() });
    await expect(cancelled).rejects.toMatchObject({ name: 'AbortError' });
    expect((await umapOfAnalysis(analysis, raw)).plane).toHaveLength(120);
  });

  it('says that there is no transformed space where there is none', async () => {
    const analysis = await analyze('none');
    await expect(umapOfAnalysis(analysis, transformed)).rejects.toMatchObject({
      reason: 'usage',
      message: 'There is no transformed space to lay out: the transform is none.',
    });
  });
});
