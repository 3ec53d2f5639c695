import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { analyzeSentences } from '../../../src/core/analysis/analyze';
import { openServices } from '../../../src/core/analysis/services';
import { readSentences } from '../../../src/core/corpus/sentences';
import { createEngineClient, type EngineClient } from '../../../src/core/engine/client';
import type { AnalysisProgress, AnalyzeParams } from '../../../src/core/protocol/engineProtocol';
import type { IsoscopeError } from '../../../src/core/protocol/errors';
import { createRandom } from '../../../src/core/linalg/random';
import { faultsOf } from '../analysis/corpora';
import { bundleForNode } from './bundle';

/** The real engine: forked, with ONNX Runtime and the embedded encoder. */
let client: EngineClient;
const log: string[] = [];
const repository = path.resolve(__dirname, '../../..');
const { sentences: sample } = readSentences(
  readFileSync(path.join(repository, 'media/samples/support-messages.txt'), 'utf8'),
);
const few = sample.slice(0, 60);

beforeAll(async () => {
  const enginePath = await bundleForNode('src/core/engine/main.ts', 'engine');
  // A batch takes a tenth of this, but the machine may be busy with other tests, and here nothing is to be killed.
  const cancelGraceMs = 5000;
  client = createEngineClient({
    enginePath,
    threads: 2,
    log: (line) => log.push(line),
    restartDelayMs: 20,
    cancelGraceMs,
  });
});
afterAll(() => client.dispose());

function question(analysisId: string, sentences: readonly string[], transform = 'none'): AnalyzeParams {
  return { analysisId, source: 'support.txt', sentences, encoder: { encoder: 'embedded' }, transform, seed: 0 };
}
const failure = (promise: Promise<unknown>): Promise<IsoscopeError> =>
  promise.then(
    () => expect.fail('it did not fail'),
    (error: unknown) => error as IsoscopeError,
  );

/** Sentences that nobody has encoded yet. */
function newSentences(count: number, seed: number): string[] {
  const random = createRandom(seed);
  const words = sample.join(' ').split(/\s+/);
  return Array.from({ length: count }, (_, i) => {
    const length = 8 + random.integer(12);
    return `${seed}.${i} ${Array.from({ length }, () => words[random.integer(words.length)]).join(' ')}`;
  });
}

describe('the engine', () => {
  it('gives what the same chain gives in this process', async () => {
    const stages: string[] = [];
    const onProgress = ({ stage }: AnalysisProgress): void => {
      if (stages.at(-1) !== stage) stages.push(stage);
    };
    const result = await client.request('analyze', question('a', few, 'pca:k=10'), { onProgress });
    expect(stages).toEqual(['loading', 'encoding', 'geometry', 'projection', 'transform', 'projection']);
    expect(result.encodedCount).toBe(new Set(few).size);
    expect(faultsOf(result.snapshot)).toEqual([]);
    expect(result.snapshot.encoder).toMatchObject({ dimension: 384, backend: 'cpu', threads: 2, normalized: true });

    const services = await openServices({ threads: 2 });
    const { result: here } = await analyzeSentences(question('a', few, 'pca:k=10'), services);
    await services.dispose();
    const timeless = { created: '', timing: { encodeMs: 0, geometryMs: 0, totalMs: 0 } };
    expect({ ...result.snapshot, ...timeless }).toEqual({ ...here.snapshot, ...timeless });
    expect(result.views).toEqual(here.views);
    expect(result.views.raw.plane.buffer.byteLength).toBe(few.length * 2 * 4);
  });

  it('encodes only what is new, and gives the same vectors', async () => {
    const edited = few.map((sentence, row) => (row === 7 ? 'A line that was edited just now.' : sentence));
    const first = await client.request('analyze', question('b', few));
    const second = await client.request('analyze', question('b', edited));
    expect(first.encodedCount).toBe(0);
    expect(second.encodedCount).toBe(1);
    const again = await client.request('analyze', question('b', few));
    expect(again.snapshot.raw).toEqual(first.snapshot.raw);
  });

  it('answers transform, preview, similarity and neighbours from what it holds', async () => {
    await client.request('analyze', question('c', few));
    const { snapshot } = await client.request('transform', { analysisId: 'c', spec: 'zca:k=10' });
    expect(snapshot.transform.spec).toBe('zca:k=10');
    const preview = await client.request('preview', { analysisId: 'c', spec: 'pca:k=10' });
    expect(preview.averageCosine).toBeCloseTo(snapshot.transformed?.averageCosine ?? NaN, 4);
    const reading = await client.request('similarity', { analysisId: 'c', rows: [0, 1] });
    expect(reading.transform).toBe('zca:k=10');
    const { raw, transformed } = await client.request('neighbours', { analysisId: 'c', row: 0, k: 3 });
    expect(raw).toHaveLength(3);
    const nearest = await client.request('similarity', { analysisId: 'c', rows: [0, raw[0]?.row ?? 0] });
    expect(nearest.pairs[0]?.raw?.cosine).toBeCloseTo(raw[0]?.cosine ?? NaN, 12);
    expect(transformed).toHaveLength(3);
    const status = await client.request('status', null);
    expect(status.analyses).toContain('c');
    expect(status).toMatchObject({ processId: client.processId, backend: 'cpu', threads: 2 });
  });

  it('voids older previews of an analysis, not those of another', async () => {
    await client.request('analyze', question('d', few));
    await client.request('analyze', question('e', few));
    const settled = await Promise.allSettled([
      ...[2, 3, 4, 5, 6, 7].map((k) => client.request('preview', { analysisId: 'd', spec: `pca:k=${k}` })),
      client.request('preview', { analysisId: 'e', spec: 'center' }),
    ]);
    const answered = settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value.spec] : []));
    expect(answered.slice(-2)).toEqual(['pca:k=7', 'center']);
    for (const result of settled) {
      if (result.status === 'rejected') expect((result.reason as IsoscopeError).reason).toBe('cancelled');
    }
  });

  it('does not hold what it was told to forget', async () => {
    await client.request('analyze', question('f', few));
    expect(await client.request('forget', { analysisId: 'f' })).toBeNull();
    const errors = await Promise.all([
      failure(client.request('preview', { analysisId: 'f', spec: 'center' })),
      failure(client.request('transform', { analysisId: 'f', spec: 'center' })),
      failure(client.request('similarity', { analysisId: 'f', rows: [0, 1] })),
    ]);
    expect(errors.map(({ reason }) => reason)).toEqual(['lost', 'lost', 'lost']);
  });

  it('keeps the reasons of what cannot be done', async () => {
    const empty = await failure(client.request('analyze', question('g', [])));
    expect([empty.reason, empty.message]).toEqual([
      'input',
      'support.txt has no sentences: every line that is not blank is one.',
    ]);
    expect((await failure(client.request('analyze', question('g', few, 'pcaa')))).reason).toBe('usage');
    const nowhere = { ...question('g', few), encoder: { encoder: '/nowhere/model' } };
    expect((await failure(client.request('analyze', nowhere))).reason).toBe('encoder');
    expect((await failure(client.request('similarity', { analysisId: 'a', rows: [0, 1e6] }))).reason).toBe('usage');
  });

  it('analyses one line, and many equal ones', async () => {
    for (const sentences of [['A single line.'], new Array<string>(12).fill('The same line.'), ['a', 'b']]) {
      const { snapshot } = await client.request('analyze', question('h', sentences, 'pca:k=1'));
      expect(faultsOf(snapshot)).toEqual([]);
      expect(snapshot.raw.count).toBe(sentences.length);
    }
  });
});

describe('a long job', () => {
  it('is cancelled between batches: at once for the caller, after a batch for the engine', async () => {
    const { processId } = await client.request('status', null);
    const controller = new AbortController();
    let start = 0;
    const work = failure(
      client.request('analyze', question('long', newSentences(4000, 1)), {
        signal: controller.signal,
        onProgress: ({ stage, done }) => {
          if (stage !== 'encoding' || done < 20 || start > 0) return;
          start = performance.now();
          controller.abort();
        },
      }),
    );
    expect((await work).reason).toBe('cancelled');
    expect(performance.now() - start).toBeLessThan(1000);
    // The next answer comes when the batch that ran has ended.
    const status = await client.request('status', null);
    expect(performance.now() - start).toBeLessThan(5000);
    expect(status.processId).toBe(processId);
    expect(status.analyses).not.toContain('long');
  });

  it('gives way to a newer one of the same id', async () => {
    const older = failure(client.request('analyze', question('same', newSentences(2000, 2))));
    await sleep(100);
    const newer = await client.request('analyze', question('same', few));
    expect((await older).reason).toBe('cancelled');
    expect(newer.snapshot.corpus.count).toBe(few.length);
  });

  it('rejects with a reason when the engine is killed, and the next request works', async () => {
    const { processId } = await client.request('status', null);
    const work = failure(client.request('analyze', question('killed', newSentences(4000, 3))));
    await sleep(300);
    process.kill(processId, 'SIGKILL');
    expect((await work).message).toMatch(/killed from outside \(SIGKILL\)/);
    expect((await failure(client.request('preview', { analysisId: 'c', spec: 'center' }))).reason).toBe('lost');
    const { snapshot } = await client.request('analyze', question('c', few));
    expect(snapshot.raw.count).toBe(few.length);
    expect(client.processId).not.toBe(processId);
  });
});
