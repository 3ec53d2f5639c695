import type { SpaceTextStatistics } from '../../src/core/protocol/comparison';
import type { EncoderOffer } from '../../src/core/protocol/engineProtocol';
import type { Geometry, Note, Snapshot } from '../../src/core/protocol/snapshot';
import type { CosineHistogram, Preview, SpaceView } from '../../src/core/protocol/views';
import type { FitChoice, Report } from '../../src/core/protocol/webviewProtocol';
import { createGenerator } from './random';

export interface FixtureOptions {
  readonly count?: number;
  readonly dimension?: number;
  /** "none" leaves the transformed side away */
  readonly spec?: string;
  readonly notes?: readonly Note[];
  readonly staleRows?: readonly number[];
  /** how many rows the planes show; default all */
  readonly shown?: number;
  readonly created?: string;
  readonly offer?: EncoderOffer | null;
  readonly fit?: FitChoice;
  readonly layer?: string | number;
  readonly pooling?: string;
}

const BINS = 200;

/** A report as the engine makes them of short messages: an anisotropic raw space, a whitened one, numbers that fit each other. */
export function buildReport(options: FixtureOptions = {}): Report {
  const { count = 312, dimension = 384, spec = 'pca:k=62', notes = [], staleRows = [], shown = count } = options;
  const raw = buildSpace(count, rawEigenvalues(count, dimension), { mean: 0.21, spread: 0.11, nearest: 0.71 }, shown);
  const transformed = spec === 'none' ? null : transformedSpace(raw, count, spec);
  const snapshot: Snapshot = {
    format: 'isoscope.snapshot',
    version: 1,
    created: options.created ?? '2026-03-01T09:30:00.000Z',
    tool: 'isoscope 0.1.0',
    corpus: { source: 'support-messages.txt', count, sha256: `corpus-${count}`, truncated: 1, duplicates: 9 },
    encoder: {
      id: 'all-MiniLM-L6-v2',
      sha256: 'model',
      dimension,
      layer: options.layer ?? 'last',
      pooling: options.pooling ?? 'mean',
      normalized: true,
      maxTokens: 256,
      backend: 'cpu',
      threads: 2,
    },
    transform:
      transformed === null
        ? { spec: 'none', fittedOn: null }
        : { spec, fittedOn: { count, dimension, sha256: `corpus-${count}`, transductive: true } },
    raw: raw.geometry,
    transformed: transformed?.geometry ?? null,
    text: { raw: textStatistics(-0.21), transformed: transformed && textStatistics(-0.08) },
    comparison: transformed && {
      count,
      neighbours: { k: 10, count, meanJaccard: 0.52 },
      linearCka: { biased: 0.93, debiased: 0.88 },
      procrustes: 0.07,
      rsa: { count: (count * (count - 1)) / 2, spearman: 0.81 },
    },
    seed: 0,
    notes,
    timing: { encodeMs: 812, geometryMs: 143, totalMs: 955 },
  };
  return {
    title: 'support-messages.txt',
    verdict:
      'Random pairs of these 312 sentences already score 0.21 on average (95 % of them below 0.39): a cosine means something only above that. ' +
      'After pca:k=62 they score −0.00 (95 % below 0.22); no labels: cannot say whether that helps.',
    snapshot,
    views: {
      shownRows:
        shown === count ? null : Uint32Array.from({ length: shown }, (_, i) => Math.floor((i * count) / shown)),
      raw: raw.view,
      transformed: transformed?.view ?? null,
    },
    offer: options.offer === undefined ? buildOffer() : options.offer,
    fit: options.fit ?? 'self',
    lines: Uint32Array.from({ length: count }, (_, row) => row + Math.floor(row / 10)),
    staleRows: Uint32Array.from(staleRows),
    isStale: staleRows.length > 0,
    progress: null,
  };
}

/** What the embedded encoder offers. */
export function buildOffer(): EncoderOffer {
  return {
    layerCount: 6,
    poolings: ['cls', 'mean', 'max', 'last-token', 'weighted-mean', 'mean-sqrt-len', 'first-last', 'last-2'],
    ownPooling: 'mean',
  };
}

/** What the engine measures of the same rows at another transform. */
export function buildTransformed({ snapshot }: Report, spec: string): Report {
  const { corpus, encoder, notes, created } = snapshot;
  const later = new Date(Date.parse(created) + 1_000).toISOString();
  return buildReport({ count: corpus.count, dimension: encoder.dimension, notes, spec, created: later });
}

/** What the engine answers while a slider moves. */
export function buildPreview(report: Report, spec: string): Preview {
  const { count } = report.snapshot.corpus;
  const { view, geometry } = transformedSpace({ view: report.views.raw }, count, spec);
  return {
    spec,
    view: { ...view, cosines: { ...view.cosines, nearest: null, nearestCount: 0 } },
    averageCosine: geometry.averageCosine,
    effectiveRank: geometry.effectiveRank,
    isoScore: geometry.isoScore,
    dimension: geometry.dimension,
    notes: [],
    elapsedMs: 4,
  };
}

/** The sentence of a row; the first ones are what a page must not take for markup. */
export function sentenceOf(row: number): string {
  const hostile = [
    '<b>x</b><img src=x onerror="window.hacked = true">',
    'Order <a href="javascript:alert(1)">4711</a> & <br>more &lt;text&gt;',
    '${7*7} {{7*7}} %{x} <script>window.hacked = true</script>',
  ];
  const subjects = ['My order', 'The invoice', 'The parcel', 'My account', 'The coffee machine', 'Die Rechnung'];
  const faults = ['has not arrived', 'shows the wrong amount', 'was damaged', 'is locked', 'leaks at the valve'];
  return (
    hostile[row] ??
    `${subjects[row % subjects.length]} ${faults[(row * 7) % faults.length]}, please help (case ${1000 + row}).`
  );
}

function textStatistics(editDistance: number): SpaceTextStatistics {
  return {
    normWithLength: { count: 312, pearson: 0.1, spearman: 0.12 },
    lexicalLeakage: { count: 48_516, editDistance, lengthDifference: -0.05 },
  };
}

interface Space {
  readonly view: SpaceView;
  readonly geometry: Geometry;
}

/** A power law, with the null directions that N rows and a closing LayerNorm leave. */
function rawEigenvalues(count: number, dimension: number): Float64Array {
  const rank = Math.max(0, Math.min(count - 1, dimension - 3));
  return Float64Array.from({ length: dimension }, (_, i) => (i < rank ? 0.05 * (i + 1) ** -0.95 : 0));
}

function transformedSpace(raw: { readonly view: SpaceView }, count: number, spec: string): Space {
  const { eigenvalues, plane } = raw.view;
  const rank = eigenvalues.filter((value) => value > 0).length;
  const setting = (name: string): number | undefined => {
    const text = new RegExp(`${name}=([^,]+)`).exec(spec)?.[1];
    return text === undefined ? undefined : Number(text);
  };
  const eps = setting('eps') ?? 0;
  const k = Math.min(rank, setting('k') ?? rank);
  const isWhitening = /^(pca|zca)/.test(spec);
  const values = isWhitening
    ? Float64Array.from(eigenvalues.subarray(0, Math.max(k, 1)), (value) => (value === 0 ? 0 : value / (value + eps)))
    : eigenvalues;
  const space = buildSpace(
    count,
    values,
    { mean: 0, spread: 0.5 / Math.sqrt(Math.max(1, k)) + 0.05, nearest: 0.42 },
    plane.length / 2,
  );
  const scales = [0, 1].map((axis) => Math.sqrt(varianceAlong(values, axis) / (varianceAlong(eigenvalues, axis) || 1)));
  return { ...space, view: { ...space.view, plane: plane.map((value, i) => value * scales[i % 2]) } };
}

function buildSpace(
  count: number,
  eigenvalues: Float64Array,
  cosine: { readonly mean: number; readonly spread: number; readonly nearest: number },
  shown: number,
): Space {
  const total = eigenvalues.reduce((sum, value) => sum + value, 0);
  const shares = [0, 1].map((axis) => (total > 0 ? varianceAlong(eigenvalues, axis) / total : 0));
  const hasPairs = count > 1 && total > 0;
  const pairCount = hasPairs ? Math.min(2_000_000, (count * (count - 1)) / 2) : 0;
  const randomPairs = spread(pairCount, cosine.mean, cosine.spread);
  const nearest = hasPairs ? spread(count, cosine.nearest, 0.13) : null;
  const quantile = (q: number): number => cosine.mean + cosine.spread * NORMAL_QUANTILES[q];
  const cosines: CosineHistogram = {
    binCount: BINS,
    randomPairs,
    randomPairCount: randomPairs.reduce((sum, value) => sum + value, 0),
    nearest,
    nearestCount: nearest === null ? 0 : nearest.reduce((sum, value) => sum + value, 0),
    floor: hasPairs ? [quantile(0.05), quantile(0.5), quantile(0.95)] : null,
  };
  return {
    view: {
      plane: buildPlane(shown, eigenvalues),
      planeVarianceShare: [shares[0], shares[1]],
      cosines,
      eigenvalues,
    },
    geometry: buildGeometry(count, eigenvalues, hasPairs ? cosine.mean : null, quantile),
  };
}

const NORMAL_QUANTILES: Readonly<Record<number, number>> = {
  0.01: -2.326,
  0.05: -1.645,
  0.25: -0.674,
  0.5: 0,
  0.75: 0.674,
  0.95: 1.645,
  0.99: 2.326,
};

/** 0 where a space has fewer axes. */
function varianceAlong(eigenvalues: Float64Array, axis: number): number {
  return axis < eigenvalues.length ? eigenvalues[axis] : 0;
}

/** About `total` counts as a normal distribution over [−1, 1]. */
function spread(total: number, mean: number, deviation: number): Uint32Array {
  const counts = Uint32Array.from({ length: BINS }, (_, bin) => {
    const at = ((2 * bin + 1) / BINS - 1 - mean) / deviation;
    return Math.round((total * (2 / BINS) * Math.exp((-at * at) / 2)) / (deviation * Math.sqrt(2 * Math.PI)));
  });
  // So few that every bin rounds to nothing: all in the middle.
  if (counts.every((value) => value === 0)) counts[Math.floor(((mean + 1) / 2) * BINS)] = total;
  return counts;
}

/** Five groups of different weight, and a few outliers. */
function buildPlane(count: number, eigenvalues: Float64Array): Float32Array {
  const random = createGenerator(7);
  const plane = new Float32Array(2 * count);
  const [first, second] = [0, 1].map((axis) => Math.sqrt(varianceAlong(eigenvalues, axis)));
  for (let i = 0; i < count; i++) {
    const group = Math.floor(random.next() ** 1.5 * 5);
    const isOutlier = random.next() < 0.01;
    const width = isOutlier ? 1.2 : 0.3;
    plane[2 * i] = first * (1.3 * Math.cos(group * 1.3) + width * random.normal());
    plane[2 * i + 1] = second * (1.3 * Math.sin(group * 1.3) + width * random.normal());
  }
  return plane;
}

function buildGeometry(
  count: number,
  eigenvalues: Float64Array,
  averageCosine: number | null,
  quantile: (q: number) => number,
): Geometry {
  const dimension = eigenvalues.length;
  const positive = eigenvalues.filter((value) => value > 0);
  const total = positive.reduce((sum, value) => sum + value, 0);
  const squares = positive.reduce((sum, value) => sum + value * value, 0);
  const roots = positive.reduce((sum, value) => sum + Math.sqrt(value), 0);
  const entropy = positive.reduce((sum, value) => {
    const p = Math.sqrt(value) / roots;
    return sum - p * Math.log(p);
  }, 0);
  const isFlat = positive.length === 0;
  const ratio = isFlat ? null : (total * total) / squares;
  const componentsFor = (share: number): number => {
    let sum = 0;
    return 1 + positive.findIndex((value) => (sum += value) >= share * total * (1 - 1e-12));
  };
  const hasPairs = averageCosine !== null;
  return {
    count,
    dimension,
    averageCosine,
    cosineQuantiles: hasPairs
      ? {
          '0.01': quantile(0.01),
          '0.05': quantile(0.05),
          '0.25': quantile(0.25),
          '0.5': quantile(0.5),
          '0.75': quantile(0.75),
          '0.95': quantile(0.95),
          '0.99': quantile(0.99),
        }
      : null,
    meanNorm: 1,
    normStd: count > 1 ? 3e-8 : null,
    meanVectorNorm: hasPairs ? Math.sqrt(Math.max(0, averageCosine)) : 1,
    eigenvalues: isFlat ? null : [...eigenvalues],
    totalVariance: isFlat ? null : total,
    effectiveRank: isFlat ? null : Math.exp(entropy),
    participationRatio: ratio,
    isoScore: ratio === null || dimension < 2 ? null : (ratio - 1) / (dimension - 1),
    stableRank: isFlat ? null : total / positive[0],
    conditionNumber: positive.length === dimension && !isFlat ? positive[0] / positive.at(-1) : null,
    componentsFor: isFlat
      ? null
      : { '0.9': componentsFor(0.9), '0.95': componentsFor(0.95), '0.99': componentsFor(0.99) },
    decayExponent: isFlat ? null : 0.95,
    partitionIsotropy: isFlat ? null : 0.41,
    uniformity: hasPairs ? -2.63 : null,
    intrinsicDimension: count > 21 ? { twoNN: 11.4, mle: 9.8 } : null,
    hubness: count > 10 ? { k: 10, skewness: 1.31, antiHubRate: 0.032, hubShare: 0.21, robinHood: 0.27 } : null,
    rogueDimensions: hasPairs ? [{ dimension: 223, share: 0.041 }] : null,
    r2Without: hasPairs ? { '1': 0.99, '3': 0.97, '5': 0.96 } : null,
  };
}
