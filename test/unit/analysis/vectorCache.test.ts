import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { AnalysisOptions } from '../../../src/core/analysis/analysis';
import { analyzeSentences } from '../../../src/core/analysis/analyze';
import { openServices, type Services, type ServicesOptions } from '../../../src/core/analysis/services';
import type { EncoderChoice } from '../../../src/core/protocol/engineProtocol';
import { modelFolder } from '../../golden/encoder/referenceFolder';

const root = mkdtempSync(path.join(tmpdir(), 'isoscope-sessions-'));
const open: Services[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((services) => services.dispose()));
});
afterAll(() => rmSync(root, { recursive: true }));

/** A session of its own: nothing is remembered but on disk. */
async function session(folder: string, options: ServicesOptions = {}): Promise<Services> {
  const services = await openServices({ threads: 1, cacheFolder: path.join(root, folder), ...options });
  open.push(services);
  return services;
}

const lines = Array.from(
  { length: 60 },
  (_, i) => `Sentence ${i} is about ${['music', 'rain', 'bread'][i % 3]} ${'and more '.repeat(i % 5)}`,
);

function analyze(
  services: Services,
  sentences: readonly string[],
  choice: Partial<EncoderChoice> & { readonly explore?: boolean } = {},
  options: AnalysisOptions = {},
) {
  const { explore, ...rest } = choice;
  const encoder = { encoder: modelFolder('bert')!, ...rest };
  return analyzeSentences(
    { source: 'lines', sentences, encoder, transform: 'none', seed: 0, ...(explore && { explore }) },
    services,
    options,
  );
}

describe('vectors on disk', () => {
  it('a second session encodes nothing, and one edited line costs one line', async () => {
    const first = await analyze(await session('again'), lines);
    expect(first.encodedCount).toBe(60);
    const services = await session('again');
    const second = await analyze(services, lines);
    expect(second.encodedCount).toBe(0);
    expect(second.vectors).toEqual(first.vectors);
    expect(second.result.snapshot.raw).toEqual(first.result.snapshot.raw);
    const edited = await analyze(services, lines.with(7, 'Another sentence.'));
    expect(edited.encodedCount).toBe(1);
    expect((await analyze(await session('again'), ['Another sentence.', lines[3]])).encodedCount).toBe(0);
    // Another prompt makes other vectors.
    expect((await analyze(await session('again'), lines, { prefix: 'query: ' })).encodedCount).toBe(60);
  });

  it('what a cancelled analysis has encoded is kept', async () => {
    const many = Array.from({ length: 400 }, (_, i) => `sentence ${i} of many`);
    const controller = new AbortController();
    let done = 0;
    const running = analyze(
      await session('cancelled'),
      many,
      {},
      {
        signal: controller.signal,
        onProgress: (progress) => {
          if (progress.stage !== 'encoding') return;
          done = progress.done;
          if (done > 100) controller.abort();
        },
      },
    );
    await expect(running).rejects.toMatchObject({ name: 'AbortError' });
    expect(done).toBeLessThan(400);
    expect((await analyze(await session('cancelled'), many)).encodedCount).toBe(400 - done);
  });

  it('a folder that cannot be used costs a line in the log and no analysis', async () => {
    const file = path.join(root, 'file');
    writeFileSync(file, '');
    const said: string[] = [];
    const services = await session('file', { log: (line) => said.push(line) });
    expect((await analyze(services, lines)).encodedCount).toBe(60);
    expect((await analyze(services, lines.slice(1))).encodedCount).toBe(0);
    await analyze(services, ['something new']);
    expect(said).toHaveLength(1);
  });

  it('a vector of another session is the same for a truncated line', async () => {
    const long = ['short', 'long '.repeat(100)];
    await analyze(await session('long'), long);
    const again = await analyze(await session('long'), long);
    expect(again.encodedCount).toBe(0);
    expect([...again.truncatedRows]).toEqual([1]);
  });
});

describe('exploring', () => {
  it.each([
    ['in memory', undefined],
    ['on disk', 'explored'],
  ])('after one pass every layer and pooling is there: %s', async (_, folder) => {
    const cacheFolder = folder === undefined ? undefined : path.join(root, folder);
    const services = await session('', { cacheFolder });
    const stages: number[] = [];
    const first = await analyze(
      services,
      lines,
      { explore: true },
      { onProgress: ({ stage, done }) => stage === 'encoding' && stages.push(done) },
    );
    expect(first.encodedCount).toBe(60);
    expect([Math.min(...stages), Math.max(...stages)]).toEqual([0, 60]);
    const plain = await analyze(await session('', { cacheFolder: undefined }), lines);
    expect(largestDifference(first.vectors.data, plain.vectors.data)).toBeLessThan(1e-6);
    const later = folder === undefined ? services : await session(folder);
    for (const layer of [0, 1, 2, 3, 'last']) {
      for (const pooling of ['mean', 'cls', 'max', 'last-token']) {
        expect((await analyze(later, lines, { layer, pooling })).encodedCount, `${pooling} of ${layer}`).toBe(0);
      }
    }
    expect((await analyze(later, lines, { pooling: 'first-last', explore: true })).encodedCount).toBe(0);
    // An edited line goes through the graph once, for all of them.
    const edited = lines.with(3, 'An edited line.');
    expect((await analyze(later, edited, { layer: 1, explore: true })).encodedCount).toBe(1);
    expect((await analyze(later, edited, { layer: 2, pooling: 'max' })).encodedCount).toBe(0);
  });

  it('takes what the memory holds: the pooling at all layers before other poolings', async () => {
    const room = 7 * 60 * (4 * 32 + 850);
    const services = await session('', { cacheFolder: undefined, vectorMemoryBytes: room });
    await analyze(services, lines, { pooling: 'cls', explore: true });
    for (const layer of [0, 1, 2, 3])
      expect((await analyze(services, lines, { layer, pooling: 'cls' })).encodedCount).toBe(0);
    expect((await analyze(services, lines, { layer: 0, pooling: 'max' })).encodedCount).toBe(60);
  });

  it('where nothing can be explored, encodes what is asked for', async () => {
    const services = await session('', { cacheFolder: undefined, vectorMemoryBytes: 1000 });
    expect((await analyze(services, lines, { explore: true })).encodedCount).toBe(60);
  });
});

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i] - b[i]));
  return largest;
}
