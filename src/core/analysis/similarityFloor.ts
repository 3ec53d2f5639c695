import { cosineAtPercentile, percentileOfCosine } from '../geometry/similarityFloor';
import { IsoscopeError } from '../protocol/errors';
import type { FloorReadings } from '../protocol/lab';
import type { Analysis } from './analysis';

/** Places on the floor that one question may ask for: enough for a curve. */
const MOST_READINGS = 10_000;

/**
 * What cosines mean in this corpus: the share of random pairs below each, raw and transformed.
 * @throws IsoscopeError `usage` for what is no number, or too many of them
 */
export function readPercentiles(analysis: Analysis, cosines: readonly number[]): FloorReadings {
  requireFew(cosines);
  for (const cosine of cosines) {
    if (!Number.isFinite(cosine)) throw new IsoscopeError('usage', `A cosine is a number, not ${String(cosine)}.`);
  }
  return readAll(analysis, cosines, percentileOfCosine);
}

/**
 * The other way round: the cosine below which each share of random pairs lies.
 * @throws IsoscopeError `usage` for a share outside 0 … 1, or too many of them
 */
export function readThresholds(analysis: Analysis, percentiles: readonly number[]): FloorReadings {
  requireFew(percentiles);
  for (const share of percentiles) {
    if (!(share >= 0 && share <= 1)) {
      throw new IsoscopeError('usage', `A percentile is a share from 0 to 1 here, not ${String(share)}.`);
    }
  }
  return readAll(analysis, percentiles, cosineAtPercentile);
}

function readAll(
  { raw, transformed }: Analysis,
  places: readonly number[],
  read: (sorted: Float64Array, place: number) => number | null,
): FloorReadings {
  return {
    raw: places.map((place) => read(raw.sortedCosines, place)),
    transformed: transformed && places.map((place) => read(transformed.sortedCosines, place)),
    pairCount: raw.sortedCosines.length,
  };
}

function requireFew(places: readonly number[]): void {
  if (places.length > MOST_READINGS) {
    throw new IsoscopeError('usage', `Ask for at most ${String(MOST_READINGS)} places of the floor at once.`);
  }
}
