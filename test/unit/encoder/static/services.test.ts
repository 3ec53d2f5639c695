import { afterAll, beforeAll, expect, it } from 'vitest';
import { analyzeSentences } from '../../../../src/core/analysis/analyze';
import { openServices, type Services } from '../../../../src/core/analysis/services';
import { createPlace, type Place } from './files';

let place: Place;
let services: Services;
beforeAll(async () => {
  place = createPlace();
  services = await openServices({ threads: 1, cacheFolder: place.cacheFolder });
});
afterAll(async () => {
  await services.dispose();
  place.remove();
});

const text = Array.from(
  { length: 4_000 },
  (_, i) => `w${i} ${Array.from({ length: 60 }, (__, j) => Math.sin(i * 61 + j).toFixed(6)).join(' ')}\n`,
).join('');
const sentences = Array.from({ length: 60 }, (_, i) => `w${i} w${(i * 7) % 50} w${(i * i) % 90} unknown`);

it('an analysis with word vectors: progress while the file is read, notes and offer in the result', async () => {
  const file = place.write('vectors.txt', text);
  const stages: string[] = [];
  const question = { source: 'text', sentences, transform: 'center', seed: 0 };
  const { result, corpus } = await analyzeSentences(
    { ...question, encoder: { encoder: file, pooling: 'sif' } },
    services,
    {
      onProgress: ({ stage, done, total }) => stages.push(`${stage} ${done}/${total}`),
    },
  );
  expect(stages).toContain(`loading ${text.length}/${text.length}`);
  expect(corpus.truncated).toBe(0);
  expect(result.snapshot.encoder).toMatchObject({ backend: 'static', layer: null, pooling: 'sif', dimension: 60 });
  const codes = result.snapshot.notes.map(({ code }) => code);
  expect(codes).toEqual(expect.arrayContaining(['frequency-from-rank', 'out-of-vocabulary', 'common-component']));
  expect(codes).not.toContain('no-text');
  expect(result.offer?.poolings).toContain('sif');
});

it('one who gives up opening a file does not take it from another who waits for it', async () => {
  const choice = { encoder: place.write('shared.txt', text) };
  const controller = new AbortController();
  const first = services.openEncoder(choice, {
    signal: controller.signal,
    onProgress: () => {
      controller.abort();
    },
  });
  const second = services.openEncoder(choice, {});
  await expect(first).rejects.toMatchObject({ name: 'AbortError' });
  expect((await second).summary.dimension).toBe(60);
});
