import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { analyzeVectors, retransform } from '../../../src/core/analysis/analyze';
import { isFullWhitening } from '../../../src/core/analysis/fullWhitening';
import { openServices, type Services } from '../../../src/core/analysis/services';
import { chooseShownRows, SHOWN_ROWS_LIMIT } from '../../../src/core/analysis/shownRows';
import { measureSpace } from '../../../src/core/analysis/space';
import type { Matrix } from '../../../src/core/linalg/matrix';
import { failureReason, type IsoscopeError } from '../../../src/core/protocol/errors';
import type { Snapshot } from '../../../src/core/protocol/snapshot';
import { anisotropicRows, faultsOf, rowsOf, toFloat32, vectorQuestion } from './corpora';

let services: Services;
beforeAll(async () => {
  services = await openServices({ threads: 2, now: () => new Date(0) });
});
afterAll(() => services.dispose());

const snapshotOf = async (vectors: Matrix, transform = 'none'): Promise<Snapshot> =>
  (await analyzeVectors(vectorQuestion(vectors, transform), services)).result.snapshot;
const failure = (promise: Promise<unknown>): Promise<IsoscopeError> =>
  promise.then(
    () => expect.fail('it did not fail'),
    (error: unknown) => error as IsoscopeError,
  );

describe('the snapshot', () => {
  it('is complete, raw and transformed', async () => {
    const vectors = toFloat32(anisotropicRows(300, 24));
    const snapshot = await snapshotOf(vectors, 'pca:k=8');
    expect(faultsOf(snapshot)).toEqual([]);
    expect(snapshot).toMatchObject({
      format: 'isoscope.snapshot',
      version: 1,
      created: '1970-01-01T00:00:00.000Z',
      corpus: { source: 'rows.npy', count: 300, truncated: null, duplicates: 0 },
      encoder: { id: 'rows.npy', dimension: 24, layer: null, pooling: null, normalized: false, backend: 'none' },
      transform: { spec: 'pca:k=8', fittedOn: { count: 300, dimension: 24, transductive: true } },
      raw: { count: 300, dimension: 24 },
      transformed: { count: 300, dimension: 8 },
      seed: 0,
    });
    expect(snapshot.tool).toMatch(/^isoscope \d+\.\d+\.\d+$/);
    const bytes = Buffer.from(vectors.data.buffer);
    expect(snapshot.corpus.sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
    expect(snapshot.transform.fittedOn?.sha256).toBe(snapshot.corpus.sha256);
  });

  it('has no transformed space for none', async () => {
    const snapshot = await snapshotOf(anisotropicRows(50, 6));
    expect(snapshot.transformed).toBeNull();
    expect(snapshot.transform).toEqual({ spec: 'none', fittedOn: null });
    expect(faultsOf(snapshot)).toEqual([]);
  });

  it('measures the transformed space on the transformed rows', async () => {
    const { transformed, raw } = await snapshotOf(toFloat32(anisotropicRows(400, 16)), 'pca');
    // Whitened by their own covariance (divisor N − 1): float32 rows, so about 1e-6 of each variance.
    for (const value of transformed?.eigenvalues ?? []) expect(value).toBeCloseTo(1, 4);
    expect(transformed?.isoScore).toBeCloseTo(1, 4);
    // Zero mean: the average cosine of full whitening is near −1/(N − 1), far below the raw one.
    expect(Math.abs(transformed?.averageCosine ?? 1)).toBeLessThan(0.01);
    expect(raw.averageCosine).toBeGreaterThan(0.1);
  });

  it('takes the intrinsic dimension of the raw rows in both spaces, and no partition isotropy after full whitening', async () => {
    const { raw, transformed, notes } = await snapshotOf(anisotropicRows(200, 12), 'zca');
    expect(transformed?.intrinsicDimension).toEqual(raw.intrinsicDimension);
    expect(raw.partitionIsotropy).toBeGreaterThan(0);
    expect(transformed?.partitionIsotropy).toBeNull();
    expect(notes.some((note) => note.keys?.includes('transformed.partitionIsotropy'))).toBe(true);
  });

  it('keeps float64 rows float64: what float32 cannot hold still has a variance', async () => {
    // Two columns that differ by 1e-9 around 1: float32 would make them one constant.
    const rows = rowsOf(Array.from({ length: 40 }, (_, i) => [1 + 1e-9 * Math.sin(i), 1 + 1e-9 * Math.cos(i * i)]));
    const { raw } = await snapshotOf(rows);
    expect(raw.eigenvalues?.[1]).toBeGreaterThan(1e-20);
    expect((await snapshotOf(toFloat32(rows))).raw.totalVariance).toBe(0);
  });

  it('is the same again with the same seed', async () => {
    const vectors = toFloat32(anisotropicRows(250, 10));
    const [first, second] = [await snapshotOf(vectors, 'random:k=4'), await snapshotOf(vectors, 'random:k=4')];
    expect({ ...first, timing: null }).toEqual({ ...second, timing: null });
  });

  it('normalises rows first when asked to', async () => {
    const vectors = anisotropicRows(60, 5);
    const { snapshot } = (await analyzeVectors({ ...vectorQuestion(vectors), normalize: true }, services)).result;
    expect(snapshot.encoder.normalized).toBe(true);
    expect(snapshot.raw.meanNorm).toBeCloseTo(1, 12);
    // The corpus is still what came in.
    expect(snapshot.corpus.sha256).toBe((await snapshotOf(vectors)).corpus.sha256);
  });

  it('counts repeated rows and sentences', async () => {
    const rows = rowsOf([[1, 2], [3, 4], [1, 2], [1, 2], [-0, 1], [0, 1]]); // prettier-ignore
    const vectors = await analyzeVectors(vectorQuestion(rows), services);
    // −0 and 0 are the same number.
    expect(vectors.result.snapshot.corpus.duplicates).toBe(3);
    const note = vectors.result.snapshot.notes.find(({ code }) => code === 'duplicates');
    expect(note?.rows).toEqual([2, 3, 5]);
    const sentences = ['a', 'b', 'a', 'c', 'd', 'e'];
    const text = await analyzeVectors({ ...vectorQuestion(rows), sentences }, services);
    expect(text.result.snapshot.corpus.duplicates).toBe(1);
    const joined = createHash('sha256').update('a\nb\na\nc\nd\ne').digest('hex');
    expect(text.result.snapshot.corpus.sha256).toBe(joined);
  });
});

describe('fitting on other rows', () => {
  const vectors = anisotropicRows(120, 8, 1);
  const others = anisotropicRows(90, 8, 2);

  it('says so, and uses them', async () => {
    const fitOn = { source: 'fit.npy', vectors: others };
    const { result, isFittedOnSelf } = await analyzeVectors({ ...vectorQuestion(vectors, 'pca'), fitOn }, services);
    expect(result.snapshot.transform.fittedOn).toMatchObject({ count: 90, dimension: 8, transductive: false });
    expect(isFittedOnSelf).toBe(false);
    // Whitened by somebody else's covariance: not white.
    expect(result.snapshot.transformed?.conditionNumber).toBeGreaterThan(1.05);
    expect(faultsOf(result.snapshot)).toEqual([]);
  });

  it('knows the very same rows again', async () => {
    const fitOn = { source: 'same.npy', vectors: anisotropicRows(120, 8, 1) };
    const { result } = await analyzeVectors({ ...vectorQuestion(vectors, 'pca'), fitOn }, services);
    expect(result.snapshot.transform.fittedOn?.transductive).toBe(true);
    expect(result.snapshot.transformed?.partitionIsotropy).toBeNull();
  });

  it('refuses another dimension, and text for ready vectors', async () => {
    const wide = { source: 'wide.npy', vectors: anisotropicRows(20, 9) };
    const error = await failure(analyzeVectors({ ...vectorQuestion(vectors, 'pca'), fitOn: wide }, services));
    expect(error.message).toBe(
      'wide.npy has vectors of 9 dimensions, the corpus of 8: fit on vectors of the same encoder.',
    );
    const text = { source: 'fit.txt', sentences: ['a'] };
    expect((await failure(analyzeVectors({ ...vectorQuestion(vectors, 'pca'), fitOn: text }, services))).reason).toBe(
      'usage',
    );
  });

  it('takes a transform that is fitted already', async () => {
    const fitted = await analyzeVectors(vectorQuestion(others, 'zca'), services);
    const given = { ...vectorQuestion(vectors), transform: fitted.transform };
    const { snapshot } = (await analyzeVectors(given, services)).result;
    expect(snapshot.transform).toMatchObject({ spec: 'zca', fittedOn: { count: 90, transductive: false } });
    const { snapshot: own } = (
      await analyzeVectors({ ...vectorQuestion(others), transform: fitted.transform }, services)
    ).result;
    expect(own.transform.fittedOn?.transductive).toBe(true);
    expect(own.transformed).toEqual(fitted.result.snapshot.transformed);
  });
});

describe('degenerate corpora', () => {
  const equal = rowsOf(Array.from({ length: 12 }, () => [1, 2, 3]));
  const zeros = rowsOf(Array.from({ length: 12 }, () => [0, 0, 0]));
  const someZeros = rowsOf([[0, 0, 0], ...Array.from({ length: 14 }, (_, i) => [i, 1, i * i]), [0, 0, 0]]);
  const cases: readonly (readonly [string, Matrix])[] = [
    ['one row', rowsOf([[1, 2, 3]])],
    ['one row of zeros', rowsOf([[0, 0, 0]])],
    ['two rows', rowsOf([[1, 2, 3], [3, 2, 1]])], // prettier-ignore
    ['two equal rows', rowsOf([[1, 2, 3], [1, 2, 3]])], // prettier-ignore
    ['three rows', rowsOf([[1, 2, 3], [3, 2, 1], [0, 1, 0]])], // prettier-ignore
    ['d + 1 rows', anisotropicRows(9, 8)],
    ['fewer rows than dimensions', anisotropicRows(12, 40)],
    ['all rows equal', equal],
    ['all rows zero', zeros],
    ['some rows zero', someZeros],
    ['one dimension', rowsOf(Array.from({ length: 15 }, (_, i) => [i - 7]))],
    ['a constant dimension', rowsOf(Array.from({ length: 30 }, (_, i) => [5, Math.sin(i), Math.cos(3 * i)]))],
    ['a line', rowsOf(Array.from({ length: 30 }, (_, i) => [i, 2 * i, 3 * i]))],
    ['opposite rows', rowsOf(Array.from({ length: 30 }, (_, i) => (i % 2 === 0 ? [1, 0] : [-1, 0])))],
  ];
  const transforms = ['none', 'center', 'pca', 'zca:k=1', 'zscore', 'l2', 'pca:shrinkage=lw', 'abtt:d=1'];
  it.each(cases)('%s: every transform gives numbers, or says why not', async (_name, vectors) => {
    let analysis = await analyzeVectors(vectorQuestion(vectors), services);
    for (const spec of transforms) {
      analysis = await retransform(analysis, spec);
      const { snapshot, views } = analysis.result;
      expect(faultsOf(snapshot), spec).toEqual([]);
      for (const view of [views.raw, views.transformed]) {
        if (view === null) continue;
        expect(view.plane.every(Number.isFinite), spec).toBe(true);
        expect(view.plane).toHaveLength(2 * vectors.rows);
        const binned = view.cosines.randomPairs.reduce((sum, count) => sum + count, 0);
        expect(binned).toBe(view.cosines.randomPairCount);
      }
    }
  });

  it('keeps the raw numbers where a transform cannot be fitted', async () => {
    const snapshot = await snapshotOf(equal, 'pca');
    expect(snapshot.transformed).toBeNull();
    expect(snapshot.transform).toEqual({ spec: 'pca', fittedOn: null });
    expect(snapshot.raw.averageCosine).toBeCloseTo(1, 12);
    expect(snapshot.notes.find(({ code }) => code === 'transform-not-fitted')?.message).toMatch(
      /^No transformed space for pca: /,
    );
  });

  it('refuses no rows, and NaN with its place', async () => {
    const none = await failure(snapshotOf({ data: new Float64Array(0), rows: 0, columns: 3 }));
    expect([none.reason, none.message]).toEqual(['input', 'rows.npy has no vectors: its shape is (0, 3).']);
    const nan = await failure(snapshotOf(rowsOf([[1, 2], [3, NaN]]))); // prettier-ignore
    expect(nan.reason).toBe('input');
    expect(nan.message).toMatch(/row 2, column 2/);
  });

  it('refuses sentences that do not belong to the rows', async () => {
    const question = { ...vectorQuestion(rowsOf([[1, 2], [3, 4]])), sentences: ['a', 'b', 'c'] }; // prettier-ignore
    expect((await failure(analyzeVectors(question, services))).message).toMatch(/2 rows and rows\.npy 3 sentences/);
  });

  it('refuses a wrong specification before any work', async () => {
    let hasWorked = false;
    const onProgress = (): void => void (hasWorked = true);
    const error = await failure(
      analyzeVectors(vectorQuestion(anisotropicRows(20, 4), 'pca:q=3'), services, { onProgress }),
    );
    expect([error.reason, hasWorked]).toEqual(['usage', false]);
    expect((await failure(snapshotOf(anisotropicRows(20, 4), 'truncate:k=5'))).reason).toBe('usage');
  });
});

describe('full whitening', () => {
  it.each([
    ['pca', true],
    ['zca:k=3', true],
    ['l2+cholesky', true],
    ['zca-cor+center', true],
    ['pca:gamma=0.5', false],
    ['pca:eps=0.1', false],
    ['zca:shrinkage=lw', false],
    ['pca:beta=0', false],
    ['pca+l2', false],
    ['center', false],
    ['none', false],
    ['cosent: a trained head', false],
  ])('%s: %s', (spec, expected) => {
    expect(isFullWhitening(spec)).toBe(expected);
  });
});

describe('views', () => {
  it('show all rows up to a limit, and above it a seeded sample', async () => {
    expect(chooseShownRows(SHOWN_ROWS_LIMIT, 0)).toBeNull();
    const rows = [...(chooseShownRows(2 * SHOWN_ROWS_LIMIT, 7) ?? [])];
    expect(rows).toHaveLength(SHOWN_ROWS_LIMIT);
    expect(rows.every((row, i) => row < 2 * SHOWN_ROWS_LIMIT && (i === 0 || row > rows[i - 1]))).toBe(true);
    expect(rows).toEqual([...(chooseShownRows(2 * SHOWN_ROWS_LIMIT, 7) ?? [])]);
    expect(rows).not.toEqual([...(chooseShownRows(2 * SHOWN_ROWS_LIMIT, 8) ?? [])]);

    const shownRows = Uint32Array.of(3, 17, 40);
    const options = { products: services.products, seed: 0, shownRows: null };
    const matrix = anisotropicRows(60, 5);
    const [all, some] = [
      await measureSpace({ matrix, space: 'raw' }, options),
      await measureSpace({ matrix, space: 'raw' }, { ...options, shownRows }),
    ];
    const expected = [...shownRows].flatMap((row) => [...all.view.plane.subarray(2 * row, 2 * row + 2)]);
    expect([...some.view.plane]).toEqual(expected);
    expect(some.geometry).toEqual(all.geometry);
  });

  it('hold histograms of the same pairs, and the floor that the quantiles say', async () => {
    const { snapshot, views } = (await analyzeVectors(vectorQuestion(anisotropicRows(80, 6), 'center'), services))
      .result;
    const { cosines } = views.raw;
    expect(cosines.randomPairCount).toBe((80 * 79) / 2);
    expect(views.transformed?.cosines.randomPairCount).toBe(cosines.randomPairCount);
    expect(cosines.nearestCount).toBe(80);
    const quantiles = snapshot.raw.cosineQuantiles;
    expect(cosines.floor).toEqual([quantiles?.['0.05'], quantiles?.['0.5'], quantiles?.['0.95']]);
    expect([...views.raw.eigenvalues]).toEqual(snapshot.raw.eigenvalues);
  });
});

describe('retransform', () => {
  it('gives what a fresh analysis gives, and leaves the first as it was', async () => {
    const vectors = toFloat32(anisotropicRows(150, 9));
    const first = await analyzeVectors(vectorQuestion(vectors, 'center'), services);
    const before = structuredClone(first.result.snapshot);
    const again = await retransform(first, 'zca:k=4');
    const fresh = await analyzeVectors(vectorQuestion(vectors, 'zca:k=4'), services);
    expect({ ...again.result.snapshot, timing: null }).toEqual({ ...fresh.result.snapshot, timing: null });
    expect(again.result.views).toEqual(fresh.result.views);
    expect(first.result.snapshot).toEqual(before);
    expect((await retransform(again, 'none')).result.snapshot.transformed).toBeNull();
  });
});

describe('cancelling', () => {
  it('stops within a tile of work', async () => {
    const controller = new AbortController();
    const work = failure(
      analyzeVectors(vectorQuestion(toFloat32(anisotropicRows(6000, 96)), 'pca'), services, {
        signal: controller.signal,
      }),
    );
    await new Promise((resolve) => setTimeout(resolve, 150));
    const start = performance.now();
    controller.abort();
    expect(failureReason(await work)).toBe('cancelled');
    // A tile takes some tens of milliseconds; the rest is for a busy machine.
    expect(performance.now() - start).toBeLessThan(1000);
  });

  it('reports progress through the stages', async () => {
    const stages = new Set<string>();
    const onProgress = ({ stage, done, total }: { stage: string; done: number; total: number }): void => {
      expect(done).toBeLessThanOrEqual(total);
      stages.add(stage);
    };
    await analyzeVectors(vectorQuestion(anisotropicRows(40, 4), 'pca'), services, { onProgress });
    expect([...stages]).toEqual(['geometry', 'projection', 'transform']);
  });
});
