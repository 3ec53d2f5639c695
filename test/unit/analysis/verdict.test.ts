import { describe, expect, it } from 'vitest';
import { verdictOf } from '../../../src/core/analysis/verdict';
import type { Geometry, Snapshot } from '../../../src/core/protocol/snapshot';

/** A geometry of `count` rows whose numbers a test sets as it needs them. */
function geometry(
  count: number,
  dimension: number,
  averageCosine: number | null,
  upper: number,
  values?: readonly number[],
): Geometry {
  const eigenvalues = values ?? Array.from({ length: dimension }, (_, i) => 1 / (i + 1));
  return {
    count,
    dimension,
    averageCosine,
    cosineQuantiles:
      averageCosine === null
        ? null
        : { '0.01': -1, '0.05': -1, '0.25': 0, '0.5': averageCosine, '0.75': upper, '0.95': upper, '0.99': upper },
    meanNorm: 1,
    normStd: 0,
    meanVectorNorm: 0.5,
    eigenvalues,
    totalVariance: eigenvalues.reduce((sum, value) => sum + value, 0),
    effectiveRank: 10,
    participationRatio: 5,
    isoScore: 0.1,
    stableRank: 4,
    conditionNumber: null,
    componentsFor: { '0.9': 87, '0.95': 120, '0.99': 200 },
    decayExponent: 1,
    partitionIsotropy: null,
    uniformity: -2,
    intrinsicDimension: null,
    hubness: null,
    rogueDimensions: null,
    r2Without: null,
  };
}

function snapshot(raw: Geometry, change: Partial<Snapshot> = {}): Snapshot {
  return {
    format: 'isoscope.snapshot',
    version: 1,
    created: '1970-01-01T00:00:00.000Z',
    tool: 'isoscope 0.0.0',
    corpus: { source: 'a.txt', count: raw.count, sha256: '', truncated: 0, duplicates: 0 },
    encoder: {
      id: 'x', sha256: '', dimension: raw.dimension, layer: 'last', pooling: 'mean',
      normalized: true, maxTokens: 256, backend: 'cpu', threads: 1,
    }, // prettier-ignore
    transform: { spec: 'none', fittedOn: null },
    raw,
    transformed: null,
    seed: 0,
    notes: [],
    timing: { encodeMs: 0, geometryMs: 0, totalMs: 0 },
    ...change,
  };
}

function withTransform(
  raw: Geometry,
  spec: string,
  transformed: Geometry,
  fit: Partial<{ count: number; transductive: boolean }> = {},
) {
  const fittedOn = { count: raw.count, dimension: raw.dimension, sha256: '', transductive: true, ...fit };
  return snapshot(raw, { transform: { spec, fittedOn }, transformed });
}

describe('the floor', () => {
  it('is what a cosine must rise above', () => {
    expect(verdictOf(snapshot(geometry(3120, 384, 0.14, 0.41)))).toBe(
      'Random pairs of these 3,120 sentences already score 0.14 on average (95 % of them below 0.41): a cosine means something ' +
        'only above that. 87 of 384 dimensions hold 90 % of the variance. No labels: cannot say whether a transform would help.',
    );
  });

  it('is called high where it is', () => {
    expect(verdictOf(snapshot(geometry(3120, 384, 0.83, 0.9)))).toContain(
      'already score 0.83 on average (95 % of them below 0.90): most of the cosine scale is used up by what all of them share.',
    );
  });

  it.each([0.02, -0.001, -0.04])('is no floor at %d', (average) => {
    const text = verdictOf(snapshot(geometry(3120, 384, average, 0.11)));
    expect(text).toContain('their directions are spread out');
    expect(text).not.toMatch(/already|−0\.00/);
  });

  it('speaks of vectors where there is no text', () => {
    const raw = geometry(500, 8, 0.2, 0.3);
    const corpus = { source: 'x.npy', count: 500, sha256: '', truncated: null, duplicates: 0 };
    expect(verdictOf(snapshot(raw, { corpus }))).toMatch(/^Random pairs of these 500 vectors/);
  });
});

describe('few rows', () => {
  it('one row has no pairs', () => {
    const raw = { ...geometry(1, 384, null, 0), totalVariance: null };
    expect(verdictOf(snapshot(raw))).toBe(
      'One sentence alone has no pairs and no variance: add lines to see a geometry.',
    );
  });

  it('two rows have one pair', () => {
    expect(verdictOf(snapshot(geometry(2, 384, 0.71, 0.71)))).toMatch(
      /^The only pair of these two sentences scores 0\.71\./,
    );
  });

  it('a handful describe themselves', () => {
    const text = verdictOf(snapshot(geometry(7, 384, 0.3, 0.5)));
    expect(text).toMatch(
      /^The pairs of these 7 sentences score 0\.30 on average; so few describe themselves, not a corpus\./,
    );
    expect(text).toContain('(7 rows can fill 6 at most)');
    expect(text).toContain('Full whitening of so few would show noise');
  });

  it('fewer than dimensions cannot fill them', () => {
    const text = verdictOf(snapshot(geometry(312, 384, 0.14, 0.41)));
    expect(text).toContain('87 of 384 dimensions hold 90 % of the variance (312 rows can fill 311 at most).');
    expect(text).toContain('Full whitening of so few would show noise');
    expect(verdictOf(snapshot(geometry(386, 384, 0.14, 0.41)))).not.toContain('can fill');
  });
});

describe('degenerate rows', () => {
  const equal = { ...geometry(40, 8, 1, 1, new Array<number>(8).fill(0)) };

  it('all the same sentence', () => {
    const corpus = { source: 'a.txt', count: 40, sha256: '', truncated: 0, duplicates: 39 };
    expect(verdictOf(snapshot(equal, { corpus }))).toBe(
      'All 40 lines are the same sentence: there is no geometry to look at.',
    );
  });

  it('different sentences with the same vector', () => {
    expect(verdictOf(snapshot(equal))).toBe('All 40 sentences have the same vector: there is no geometry to look at.');
  });

  it('all zero', () => {
    const zero = { ...equal, averageCosine: null, cosineQuantiles: null, meanNorm: 0 };
    expect(verdictOf(snapshot(zero))).toBe('All 40 vectors have length 0: there is no direction to compare.');
  });

  it('no pair with a cosine', () => {
    expect(verdictOf(snapshot(geometry(40, 8, null, 0)))).toMatch(/^No pair of these 40 sentences has a cosine\./);
  });

  it('many repeated lines, which raise everything', () => {
    const corpus = { source: 'a.txt', count: 1000, sha256: '', truncated: 0, duplicates: 250 };
    expect(verdictOf(snapshot(geometry(1000, 8, 0.3, 0.9), { corpus }))).toContain(
      '250 of the 1,000 lines repeat an earlier one: their pairs score 1.00 and raise these numbers.',
    );
  });
});

describe('a transform', () => {
  const raw = geometry(3120, 384, 0.83, 0.9);
  const white = (dimension: number, rank = dimension): readonly number[] =>
    Array.from({ length: dimension }, (_, i) => (i < rank ? 1 + 1e-6 * (i % 2) : 1e-15));

  it('is described by its own floor', () => {
    const text = verdictOf(withTransform(raw, 'pca:k=128', geometry(3120, 128, 0.0001, 0.16, white(128))));
    expect(text).toMatch(
      /After pca:k=128 they score 0\.00 \(95 % below 0\.16\); no labels: cannot say whether that helps\.$/,
    );
  });

  it('may change nothing', () => {
    expect(verdictOf(withTransform(raw, 'l2', geometry(3120, 384, 0.8301, 0.9)))).toContain(
      'After l2 they still score 0.83',
    );
  });

  it('that was fitted elsewhere says so', () => {
    const text = verdictOf(
      withTransform(raw, 'pca', geometry(3120, 384, 0, 0.1, white(384)), { count: 5000, transductive: false }),
    );
    expect(text).toContain('After pca, fitted on 5,000 other rows, they score 0.00');
  });

  it('is noise where rows are no more than dimensions + 1', () => {
    const few = geometry(312, 384, 0.14, 0.41);
    const transformed = geometry(312, 311, -0.0032, 0, white(311));
    expect(verdictOf(withTransform(few, 'pca', transformed))).toMatch(
      /pca of 312 rows in 384 dimensions makes every pair score 0\.00: arithmetic, not meaning; keep fewer components/,
    );
    const tiny = geometry(6, 384, 0.14, 0.41);
    // zca keeps all columns, and five of them carry variance.
    expect(verdictOf(withTransform(tiny, 'zca', geometry(6, 384, -0.2, -0.2, white(384, 5))))).toContain(
      'score −0.20: arithmetic',
    );
  });

  it('is mostly noise below five rows per component kept, and not above', () => {
    const few = geometry(600, 384, 0.14, 0.41);
    expect(verdictOf(withTransform(few, 'pca', geometry(600, 384, 0, 0.1, white(384))))).toMatch(
      /pca is fitted on only 1\.6 rows per dimension it keeps, so what it shows on those rows is mostly noise/,
    );
    expect(verdictOf(withTransform(few, 'zca:k=100', geometry(600, 384, 0, 0.1, white(384, 100))))).toContain(
      'After zca:k=100 they score',
    );
    // gamma < 1 leaves the variances unequal: soft, not noise.
    expect(verdictOf(withTransform(few, 'pca:gamma=0.5', geometry(600, 384, 0, 0.1)))).toContain('After pca:gamma=0.5');
  });

  it('that could not be fitted says why', () => {
    const notes = [{ code: 'transform-not-fitted', message: 'No transformed space for abtt:d=9: too many.' }];
    const text = verdictOf(snapshot(raw, { transform: { spec: 'abtt:d=9', fittedOn: null }, notes }));
    expect(text).toMatch(/No transformed space for abtt:d=9: too many\.$/);
  });

  it('is never called better or worse', () => {
    for (const average of [-0.3, 0, 0.2, 0.99]) {
      for (const spec of ['pca', 'center', 'zca:k=3', 'l2']) {
        const text = verdictOf(withTransform(raw, spec, geometry(3120, 384, average, average)));
        expect(text).not.toMatch(/better|worse|improve|good|bad/i);
        expect(text).toContain('no labels');
      }
    }
  });
});
