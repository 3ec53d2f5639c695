import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openServices, type Services } from '../../../src/core/analysis/services';
import { readSentences } from '../../../src/core/corpus/sentences';
import { serveEngine } from '../../../src/core/engine/service';
import type {
  AnalysisResult,
  EngineToHost,
  HostToEngine,
  StepProgress,
} from '../../../src/core/protocol/engineProtocol';
import { failureReason } from '../../../src/core/protocol/errors';
import type { FindingKind } from '../../../src/core/protocol/findings';
import { openPeer, type Peer, type RpcPort } from '../../../src/core/protocol/rpc';

/** The service with the embedded encoder, over a message channel as over a process border. */
const repository = path.resolve(__dirname, '../../..');
const sample = readFileSync(path.join(repository, 'media/samples/support-messages.txt'), 'utf8');
const { sentences } = readSentences(sample);

let services: Services;
let client: Peer<HostToEngine>;
let close: () => void;
let result: AnalysisResult;

beforeAll(async () => {
  services = await openServices({ threads: 1 });
  const channel = new MessageChannel();
  close = () => channel.port1.close();
  client = openPeer<HostToEngine, EngineToHost>(portOf(channel.port1), {
    requests: {},
    notifications: { ready: () => undefined },
  });
  serveEngine(portOf(channel.port2), { openServices: () => Promise.resolve(services), onProblem: () => undefined });
  await analyse('raw', 'none');
  result = await analyse('pca', 'pca:k=64');
}, 120_000);
afterAll(async () => {
  close();
  await services.dispose();
});

function portOf(port: MessagePort): RpcPort {
  return {
    post: (message) => port.postMessage(message),
    onMessage: (listener) => {
      port.on('message', listener);
      return () => port.off('message', listener);
    },
  };
}

function analyse(analysisId: string, transform: string): Promise<AnalysisResult> {
  const encoder = { encoder: 'embedded' };
  return client.request('analyze', { analysisId, source: 'support.txt', sentences, encoder, transform, seed: 0 });
}

const reasonOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(() => 'no failure', failureReason); // prettier-ignore

describe('findings', () => {
  it('name lines of the sample, and are kept while the vectors stay', async () => {
    const steps: StepProgress[] = [];
    const first = await client.request('findings', { analysisId: 'pca' }, { onProgress: (step) => steps.push(step) });
    expect(steps.at(-1)).toEqual({ done: 4, total: 4 });
    const rowsOf = (kind: FindingKind) => first.kinds.find((found) => found.kind === kind)?.rowCount ?? 0;
    expect(rowsOf('truncated')).toBe(result.snapshot.corpus.truncated);
    const groups = first.kinds.find(({ kind }) => kind === 'duplicate')!;
    expect(groups.rowCount - groups.count).toBe(result.snapshot.corpus.duplicates);
    for (const { rows } of groups.findings) expect(new Set(rows.map((row) => sentences[row])).size).toBe(1);

    await client.request('transform', { analysisId: 'pca', spec: 'center' });
    steps.length = 0;
    const again = await client.request('findings', { analysisId: 'pca' }, { onProgress: (step) => steps.push(step) });
    expect(again).toEqual(first);
    expect(steps).toEqual([]);
    await client.request('transform', { analysisId: 'pca', spec: 'pca:k=64' });
  });

  it('answer two who ask at once, and stop for one who cancels', async () => {
    await analyse('twice', 'none');
    const controller = new AbortController();
    const cancelled = client.request('findings', { analysisId: 'twice' }, { signal: controller.signal });
    const other = client.request('findings', { analysisId: 'twice' });
    controller.abort();
    expect(await reasonOf(cancelled)).toBe('cancelled');
    expect((await other).kinds.length).toBeGreaterThan(0);
    await client.request('forget', { analysisId: 'twice' });
    expect(await reasonOf(client.request('findings', { analysisId: 'twice' }))).toBe('lost');
  });
});

describe('the floor', () => {
  it('reads both ways, raw and transformed', async () => {
    const { cosineQuantiles } = result.snapshot.raw;
    const at = await client.request('threshold', { analysisId: 'pca', percentiles: [0.05, 0.5, 0.95] });
    expect(at.raw).toEqual(['0.05', '0.5', '0.95'].map((key) => cosineQuantiles![key as '0.05']));
    expect(at.transformed).toHaveLength(3);
    const back = await client.request('percentile', { analysisId: 'pca', cosines: at.raw as number[] });
    back.raw.forEach((share, i) => expect(share).toBeCloseTo([0.05, 0.5, 0.95][i], 4));
    expect(back.pairCount).toBe((304 * 303) / 2);
    expect(await client.request('percentile', { analysisId: 'raw', cosines: [-2, 2] })).toMatchObject({
      raw: [0, 1],
      transformed: null,
    });
  });

  it('refuses what is no place on it', async () => {
    expect(await reasonOf(client.request('threshold', { analysisId: 'pca', percentiles: [1.1] }))).toBe('usage');
    expect(await reasonOf(client.request('percentile', { analysisId: 'pca', cosines: [NaN] }))).toBe('usage');
    const tooMany = new Array<number>(10_001).fill(0);
    expect(await reasonOf(client.request('percentile', { analysisId: 'pca', cosines: tooMany }))).toBe('usage');
  });
});

describe('dimensions', () => {
  it('have mean, variance and share, in both spaces', async () => {
    const { raw, transformed } = await client.request('dimensions', { analysisId: 'pca' });
    expect(raw.mean).toHaveLength(384);
    expect(transformed!.mean).toHaveLength(64);
    expect(raw.variance!.reduce((a, b) => a + b, 0)).toBeCloseTo(result.snapshot.raw.totalVariance!, 10);
    expect(raw.cosineShare!.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 10);
    const [rogue] = result.snapshot.raw.rogueDimensions!;
    expect(raw.cosineShare![rogue.dimension]).toBe(rogue.share);
    expect(Array.from(raw.dead)).toEqual([127, 223, 319]);
    for (const variance of transformed!.variance!) expect(variance).toBeCloseTo(1, 4);
    expect((await client.request('dimensions', { analysisId: 'raw' })).transformed).toBeNull();
  });

  it('show the rows at their ends, and how the values lie', async () => {
    const { raw } = await client.request('dimensions', { analysisId: 'pca' });
    const reading = await client.request('dimension', { analysisId: 'pca', space: 'raw', dimension: 5, rows: 3 });
    expect(reading).toMatchObject({ dimension: 5, mean: raw.mean[5], variance: raw.variance![5] });
    expect(reading.highest[0].value).toBe(reading.most);
    expect(reading.lowest[0].value).toBe(reading.least);
    expect(reading.highest.map(({ value }) => value)).toEqual(
      reading.highest.map(({ value }) => value).sort((a, b) => b - a),
    );
    expect([reading.highest.length, reading.lowest.length]).toEqual([3, 3]);
    expect(reading.bins.reduce((a, b) => a + b, 0)).toBe(304);
    // A dead dimension has one value, and MiniLM's are 0 but for rounding.
    const dead = await client.request('dimension', { analysisId: 'pca', space: 'raw', dimension: 127, rows: 5000 });
    expect(dead.highest).toHaveLength(304);
    expect(dead.bins.reduce((a, b) => a + b, 0)).toBe(304);
  });

  it('are refused where there are none', async () => {
    const ask = (analysisId: string, space: 'raw' | 'transformed', dimension: number): Promise<string> =>
      reasonOf(client.request('dimension', { analysisId, space, dimension, rows: 3 }));
    expect(await ask('pca', 'transformed', 64)).toBe('usage');
    expect(await ask('pca', 'raw', 1.5)).toBe('usage');
    expect(await ask('raw', 'transformed', 0)).toBe('usage');
  });
});

describe('the dimension curve', () => {
  it('rises to all of the variance and all of the neighbours', async () => {
    const steps: StepProgress[] = [];
    const curve = await client.request('dimensionCurve', { analysisId: 'pca' }, { onProgress: (s) => steps.push(s) });
    expect(Array.from(curve.sizes)).toEqual([1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384]);
    expect(curve).toMatchObject({ sampleCount: 304, neighbourCount: 10, notes: [] });
    expect(steps.at(-1)).toEqual({ done: 68, total: 68 });
    const named = Object.fromEntries(curve.methods.map((method) => [method.method, method]));
    expect(Object.keys(named)).toEqual(['truncate', 'pca', 'whiten', 'random']);
    for (const { varianceKept } of curve.methods) {
      expect(varianceKept.at(-1)).toBeCloseTo(1, 9);
      expect(varianceKept).toEqual([...varianceKept].sort((a, b) => a! - b!));
    }
    // Nothing keeps more variance in k dimensions than the first k components.
    named['pca'].varianceKept.forEach((kept, i) => {
      expect(kept).toBeGreaterThanOrEqual(named['truncate'].varianceKept[i]! - 1e-12);
      expect(kept).toBeGreaterThanOrEqual(named['random'].varianceKept[i]! - 1e-12);
    });
    expect(named['truncate'].agreement.at(-1)).toBe(1);
    expect(named['pca'].agreement[11]).toBeGreaterThan(named['random'].agreement[11]!);
    expect(named['whiten'].specs[11]).toBe('pca:k=64');
    // The components for 90 % of the variance are those of the snapshot.
    const needed = result.snapshot.raw.componentsFor!['0.9'];
    const below = curve.sizes.findLastIndex((size) => size < needed);
    expect(named['pca'].varianceKept[below]).toBeLessThan(0.9);
    expect(named['pca'].varianceKept[below + 1]).toBeGreaterThanOrEqual(0.9 - 1e-9);
  }, 120_000);

  it('stops when cancelled', async () => {
    await analyse('curve', 'none');
    const controller = new AbortController();
    const asked = client.request(
      'dimensionCurve',
      { analysisId: 'curve' },
      { signal: controller.signal, onProgress: () => controller.abort() },
    );
    expect(await reasonOf(asked)).toBe('cancelled');
  });
});

describe('the neighbour diff', () => {
  it('is what the two lists of neighbours say', async () => {
    const [row, k] = [12, 10];
    const lists = await client.request('neighbours', { analysisId: 'pca', row, k });
    const diff = await client.request('neighbourDiff', { analysisId: 'pca', row, k });
    const [before, after] = [lists.raw, lists.transformed!].map((list) => list.map((neighbour) => neighbour.row));
    expect(diff.lost.map((entry) => entry.row)).toEqual(before.filter((other) => !after.includes(other)));
    expect(diff.gained.map((entry) => entry.row)).toEqual(after.filter((other) => !before.includes(other)));
    expect(diff.kept.map((entry) => entry.row)).toEqual(after.filter((other) => before.includes(other)));
    expect(diff.jaccard).toBe(diff.kept.length / (20 - diff.kept.length));
    for (const entry of diff.kept) {
      expect(before[entry.rawRank! - 1]).toBe(entry.row);
      expect(after[entry.transformedRank! - 1]).toBe(entry.row);
      expect(entry.raw!.cosine).toBeCloseTo(lists.raw[entry.rawRank! - 1].cosine, 12);
    }
    for (const entry of diff.lost) expect([entry.rawRank, entry.transformedRank]).toEqual([expect.any(Number), null]);
    for (const { raw, transformed } of [...diff.lost, ...diff.gained]) {
      expect(raw!.percentile).toBeGreaterThan(0.5);
      expect(transformed!.percentile).toBeLessThanOrEqual(1);
    }
  });

  it('is empty without a transform, and refuses what does not exist', async () => {
    const diff = await client.request('neighbourDiff', { analysisId: 'raw', row: 0, k: 5 });
    expect(diff).toMatchObject({ lost: [], gained: [], jaccard: 1 });
    expect(diff.kept).toHaveLength(5);
    expect(await reasonOf(client.request('neighbourDiff', { analysisId: 'raw', row: 304, k: 5 }))).toBe('usage');
    expect(await reasonOf(client.request('neighbourDiff', { analysisId: 'raw', row: 0, k: 0 }))).toBe('usage');
  });
});

describe('the snapshot', () => {
  it('relates the spaces to each other and to the text', async () => {
    const { text, comparison } = result.snapshot;
    expect(text!.raw.lexicalLeakage).toMatchObject({ count: (304 * 303) / 2 });
    expect(text!.raw.lexicalLeakage!.editDistance).toBeLessThan(0);
    // Vectors of unit length have no length that could go with the text's.
    expect(text!.raw.normWithLength).toBeNull();
    expect(text!.transformed!.normWithLength!.count).toBe(304);
    expect(comparison!.neighbours).toMatchObject({ k: 10, count: 304 });
    expect(comparison!.procrustes).toBeGreaterThan(0);
    const raw = await analyse('raw', 'none');
    expect([raw.snapshot.text!.transformed, raw.snapshot.comparison]).toEqual([null, null]);
    const same = await analyse('turned', 'pca:beta=0,gamma=0');
    expect(same.snapshot.comparison!.procrustes).toBeLessThan(1e-12);
    expect(same.snapshot.comparison!.linearCka!.debiased).toBeCloseTo(1, 9);
    expect(same.snapshot.comparison!.rsa!.spearman).toBeCloseTo(1, 9);
  });
});
