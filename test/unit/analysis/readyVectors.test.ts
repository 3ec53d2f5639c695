import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { analyzeSentences, analyzeVectors } from '../../../src/core/analysis/analyze';
import { openServices, type Services } from '../../../src/core/analysis/services';
import { writeNpy } from '../../../src/core/corpus/npy';
import { rowRange, type Matrix } from '../../../src/core/linalg/matrix';
import { anisotropicRows, faultsOf, rowsOf, toFloat32, vectorQuestion } from './corpora';

const folder = mkdtempSync(path.join(tmpdir(), 'isoscope-matched-'));
let services: Services;
beforeAll(async () => {
  services = await openServices({ threads: 1, now: () => new Date(0) });
});
afterAll(async () => {
  await services.dispose();
  rmSync(folder, { recursive: true });
});

function saveNpy(name: string, matrix: Matrix): string {
  const file = path.join(folder, name);
  writeFileSync(file, writeNpy(matrix));
  return file;
}

const sentences = Array.from({ length: 30 }, (_, i) => `sentence ${String(i)}`);
const vectors = toFloat32(anisotropicRows(30, 5));
const question = (file: string) => ({
  source: 'lines.txt',
  sentences,
  encoder: { encoder: file, vectors: {} },
  transform: 'center',
  seed: 0,
});

describe('a choice of ready vectors', () => {
  it('gives what the same vectors give when they are handed over', async () => {
    const file = saveNpy('all.npy', vectors);
    const { result } = await analyzeSentences(question(file), services);
    expect(faultsOf(result.snapshot)).toEqual([]);
    expect(result.snapshot).toMatchObject({
      corpus: { source: 'lines.txt', count: 30, truncated: null },
      encoder: { id: 'all.npy', backend: 'none', normalized: false, layer: null },
      transform: { fittedOn: { transductive: true } },
    });
    expect(result.offer).toBeNull();
    const given = await analyzeVectors({ ...vectorQuestion(vectors, 'center'), sentences }, services);
    expect(result.snapshot.raw).toEqual(given.result.snapshot.raw);
    expect(result.snapshot.transformed).toEqual(given.result.snapshot.transformed);
  });

  it('normalises when it is told to', async () => {
    const asked = question(saveNpy('all.npy', vectors));
    const { result } = await analyzeSentences({ ...asked, encoder: { ...asked.encoder, normalize: 'yes' } }, services);
    expect(result.snapshot.raw.meanNorm).toBeCloseTo(1, 6);
  });

  it('takes the rows of a part of the document', async () => {
    const file = saveNpy('all.npy', vectors);
    const rows = Uint32Array.from({ length: 12 }, (_, i) => 10 + i);
    const part = Array.from(rows, (row) => sentences[row]);
    const { result } = await analyzeSentences({ ...question(file), sentences: part, rows, rowCount: 30 }, services);
    const given = await analyzeVectors(
      { ...vectorQuestion(rowRange(vectors, 10, 22), 'center'), sentences: part },
      services,
    );
    expect(result.snapshot.raw).toEqual(given.result.snapshot.raw);
    expect(result.snapshot.corpus.sha256).toBe(given.result.snapshot.corpus.sha256);
  });

  it('explains a mismatch, names what could serve, and cannot encode text', async () => {
    const file = saveNpy('all.npy', vectors);
    const lines = Uint32Array.from({ length: 29 }, (_, i) => (i < 5 ? i : i + 1));
    const fewer = { ...question(file), sentences: sentences.slice(0, 29), lines };
    await expect(analyzeSentences(fewer, services)).rejects.toThrow(
      /all\.npy has 30 rows and lines\.txt 29 sentences: it looks as if the blank line was encoded too/,
    );
    const named = { ...question(file), encoder: { encoder: file, vectors: { name: 'x' } } };
    await expect(analyzeSentences(named, services)).rejects.toThrow('has no named parts');
    const fitted = { ...question(file), fitOn: { source: 'other.txt', sentences: ['a', 'b'] } };
    await expect(analyzeSentences(fitted, services)).rejects.toThrow(
      'other.txt is text and the vectors are ready ones',
    );
    await expect(analyzeSentences(question(path.join(folder, 'none.npy')), services)).rejects.toThrow('does not exist');
  });

  it('reads the named column of a table', async () => {
    const file = path.join(folder, 'two.jsonl');
    writeFileSync(file, sentences.map((_, i) => JSON.stringify({ a: [i, 1], b: [1, i * i] })).join('\n'));
    await expect(analyzeSentences(question(file), services)).rejects.toThrow('(a, b)');
    const asked = { ...question(file), encoder: { encoder: file, vectors: { name: 'b' } } };
    const { snapshot } = (await analyzeSentences(asked, services)).result;
    expect(snapshot.raw.meanVectorNorm).toBeGreaterThan(200);
  });
});

describe('what is said of ready vectors', () => {
  const noteOf = async (given: Parameters<typeof analyzeVectors>[0], code: string) =>
    (await analyzeVectors(given, services)).result.snapshot.notes.find((note) => note.code === code)?.message;

  it('does not give rows of length 0 a cosine', async () => {
    const zeros = rowsOf([[0, 0], [1, 0], [0, 0], [0, 1], [2, 1]]); // prettier-ignore
    expect(await noteOf(vectorQuestion(zeros), 'duplicates')).toBe(
      '1 of 5 rows repeats an earlier one; it is of length 0 and has no cosine.',
    );
    const mixed = rowsOf([[0, 0], [1, 0], [0, 0], [1, 0], [0, 0]]); // prettier-ignore
    expect(await noteOf(vectorQuestion(mixed), 'duplicates')).toMatch(
      /^3 of 5 rows repeat an earlier one; 2 of them are of length 0 and have no cosine, pairs of the other equal rows have cosine 1/,
    );
    const plain = rowsOf([[1, 1], [1, 0], [1, 1], [0, 1]]); // prettier-ignore
    expect(await noteOf(vectorQuestion(plain), 'duplicates')).toBe(
      '1 of 4 rows repeats an earlier one: pairs of equal rows have cosine 1 and raise the upper quantiles.',
    );
  });

  it('doubts the match when equal sentences have quite different vectors', async () => {
    const rows = rowsOf([[1, 0], [0, 1], [0, 1], [1, 1]]); // prettier-ignore
    const doubtful = { ...vectorQuestion(rows), sentences: ['a', 'b', 'a', 'c'] };
    expect(await noteOf(doubtful, 'repeats-differ')).toMatch(
      /^1 of 4 sentences .* the rows may not belong to these lines\.$/,
    );
    const fine = { ...vectorQuestion(rows), sentences: ['a', 'b', 'b', 'c'] };
    expect(await noteOf(fine, 'repeats-differ')).toBeUndefined();
  });

  it('knows the analysed rows again in what the transform is fitted on, with text and normalised', async () => {
    for (const normalize of [false, true]) {
      const { result } = await analyzeVectors(
        {
          ...vectorQuestion(vectors, 'center'),
          sentences,
          normalize,
          fitOn: { source: 'rows.npy', vectors: { ...vectors, data: vectors.data.slice() } },
        },
        services,
      );
      expect(result.snapshot.transform.fittedOn).toMatchObject({
        transductive: true,
        sha256: result.snapshot.corpus.sha256,
      });
    }
    const others = toFloat32(anisotropicRows(30, 5, 2));
    const { result } = await analyzeVectors(
      { ...vectorQuestion(vectors, 'center'), sentences, fitOn: { source: 'o.npy', vectors: others } },
      services,
    );
    expect(result.snapshot.transform.fittedOn?.transductive).toBe(false);
  });
});
