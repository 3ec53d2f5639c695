import type {
  DimensionCurve,
  DimensionReading,
  DimensionStatistics,
  DimensionTable,
  NeighbourChangeEntry,
  NeighbourDiff,
} from '../../src/core/protocol/lab';
import type { Report } from '../../src/core/protocol/webviewProtocol';
import { createGenerator } from './random';

/** What the engine says of the dimensions: two rogue ones before, equal ones after. */
export function buildDimensions({ snapshot }: Report): DimensionTable {
  const { raw, transformed } = snapshot;
  return {
    raw: statistics(raw.dimension, (k) => (k === 17 ? 9 : k === 200 ? 5 : 1)),
    transformed: transformed === null ? null : statistics(transformed.dimension, () => 1),
  };
}

function statistics(dimension: number, scale: (k: number) => number): DimensionStatistics {
  const generator = createGenerator(dimension);
  const variance = Float64Array.from({ length: dimension }, (_, k) => scale(k) * (0.8 + 0.4 * generator.next()));
  const total = variance.reduce((sum, value) => sum + value, 0);
  return {
    mean: variance.map((value) => value / 10),
    variance,
    cosineShare: variance.map((value) => value / total),
    dead: new Uint32Array(0),
  };
}

export function buildDimension(dimension: number, rows: number): DimensionReading {
  const at = (row: number, value: number): { row: number; value: number } => ({ row, value });
  return {
    dimension,
    mean: 0.1,
    variance: 0.04,
    cosineShare: 0.12,
    highest: Array.from({ length: rows }, (_, i) => at(10 + i, 0.9 - i / 10)),
    lowest: Array.from({ length: rows }, (_, i) => at(50 + i, -0.9 + i / 10)),
    bins: Uint32Array.from([1, 4, 20, 60, 110, 70, 30, 12, 5]),
    least: -0.9,
    most: 0.9,
  };
}

export function buildCurve(): DimensionCurve {
  const sizes = Uint32Array.from([2, 4, 8, 16, 32, 64, 128, 256, 384]);
  const method = (
    name: DimensionCurve['methods'][number]['method'],
    specOf: (k: number) => string,
    power: number,
  ): DimensionCurve['methods'][number] => ({
    method: name,
    specs: Array.from(sizes, specOf),
    varianceKept: Array.from(sizes, (k) => (k / 384) ** power),
    agreement: Array.from(sizes, (k) => (name === 'whiten' && k > 200 ? null : (k / 384) ** (power + 0.1))),
  });
  return {
    sizes,
    methods: [
      method('truncate', (k) => `truncate:k=${k}`, 0.9),
      method('pca', (k) => `pca:k=${k},gamma=0`, 0.2),
      method('whiten', (k) => `pca:k=${k}`, 0.3),
      method('random', (k) => `random:k=${k}`, 1),
    ],
    sampleCount: 312,
    neighbourCount: 10,
    notes: [],
  };
}

/** Three lost, three gained, the rest kept. */
export function buildNeighbourDiff(row: number, k: number, { snapshot }: Report): NeighbourDiff {
  const hasAfter = snapshot.transformed !== null;
  const changed = hasAfter ? 3 : 0;
  const entry = (other: number, rawRank: number | null, transformedRank: number | null): NeighbourChangeEntry => ({
    row: (row + other) % snapshot.corpus.count,
    rawRank,
    transformedRank,
    raw: { cosine: 0.7 - other / 100, percentile: 0.99 },
    transformed: hasAfter ? { cosine: 0.5 - other / 100, percentile: 0.97 } : null,
  });
  const kept = k - changed;
  return {
    row,
    k,
    jaccard: kept / (kept + 2 * changed),
    lost: Array.from({ length: changed }, (_, i) => entry(1 + i, kept + 1 + i, null)),
    gained: Array.from({ length: changed }, (_, i) => entry(20 + i, null, kept + 1 + i)),
    kept: Array.from({ length: kept }, (_, i) => entry(40 + i, 1 + i, hasAfter ? 1 + i : null)),
  };
}
