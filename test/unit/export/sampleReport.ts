import type { Geometry, Snapshot } from '../../../src/core/protocol/snapshot';
import type { SpaceView } from '../../../src/core/protocol/views';
import type { Report } from '../../../src/core/protocol/webviewProtocol';

/** A report with plausible numbers, for what draws reports; the numbers mean nothing. */
export function sampleReport(changes: Partial<Snapshot> = {}): Report {
  const snapshot: Snapshot = {
    format: 'isoscope.snapshot',
    version: 1,
    created: '2025-01-02T03:04:05.000Z',
    tool: 'isoscope 0.1.0',
    corpus: { source: 'folder/notes.txt', count: 1234, sha256: 'ab'.repeat(32), truncated: 1, duplicates: 12 },
    encoder: {
      id: 'all-MiniLM-L6-v2',
      sha256: 'cd'.repeat(32),
      dimension: 384,
      layer: 'last',
      pooling: 'mean',
      normalized: true,
      maxTokens: 256,
      backend: 'cpu',
      threads: 2,
    },
    transform: {
      spec: 'pca:k=128',
      fittedOn: { count: 1234, dimension: 384, sha256: 'ef'.repeat(32), transductive: true },
    },
    raw: sampleGeometry(384),
    transformed: { ...sampleGeometry(128), averageCosine: -1e-9, intrinsicDimension: null },
    seed: 7,
    notes: [{ code: 'small-sample', message: 'There are fewer than 5 rows per dimension, so the spectrum is biased.' }],
    timing: { encodeMs: 4210, geometryMs: 320, totalMs: 4600 },
    ...changes,
  };
  return {
    title: 'notes.txt',
    verdict: 'Random pairs already score 0.14 on average: a cosine means something only above that.',
    snapshot,
    views: {
      shownRows: null,
      raw: sampleView(384),
      transformed: snapshot.transformed === null ? null : sampleView(128),
    },
    lines: Uint32Array.from({ length: 1234 }, (_, row) => row),
    staleRows: new Uint32Array(0),
    offer: null,
    fit: 'self',
    isStale: false,
    progress: null,
  };
}

function sampleGeometry(dimension: number): Geometry {
  return {
    count: 1234,
    dimension,
    averageCosine: 0.14159,
    cosineQuantiles: { '0.01': -0.1, '0.05': -0.05, '0.25': 0.05, '0.5': 0.12, '0.75': 0.2, '0.95': 0.4, '0.99': 0.6 },
    meanNorm: 1,
    normStd: 3e-9,
    meanVectorNorm: 0.377,
    eigenvalues: [...sampleView(dimension).eigenvalues],
    totalVariance: 0.857,
    effectiveRank: 211.4567,
    participationRatio: 67.8,
    isoScore: 0.1747,
    stableRank: 12.3,
    conditionNumber: null,
    componentsFor: { '0.9': 140, '0.95': 190, '0.99': 280 },
    decayExponent: 1.234,
    partitionIsotropy: 0.41,
    uniformity: -3.2,
    intrinsicDimension: { twoNN: 17.3, mle: 19.1 },
    hubness: { k: 10, skewness: 2.5, antiHubRate: 0.034, hubShare: 0.2, robinHood: 0.3 },
    rogueDimensions: [{ dimension: 223, share: 0.021 }],
    r2Without: { '1': 0.99, '3': 0.98, '5': 0.97 },
  };
}

function sampleView(dimension: number): SpaceView {
  const randomPairs = new Uint32Array(200);
  randomPairs[95] = 250;
  randomPairs[112] = 500;
  randomPairs[150] = 250;
  return {
    plane: Float32Array.from({ length: 2 * 1234 }, (_, i) => Math.sin(i)),
    planeVarianceShare: [0.08, 0.05],
    cosines: {
      binCount: 200,
      randomPairs,
      randomPairCount: 1000,
      nearest: null,
      nearestCount: 0,
      floor: [-0.05, 0.12, 0.4],
    },
    eigenvalues: Float64Array.from({ length: dimension }, (_, i) => (i === dimension - 1 ? 0 : 0.08 / (i + 1))),
  };
}
