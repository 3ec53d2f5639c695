import type { CosineHistogram } from '../protocol/views';

/** A stretch of cosines and the share of the random pairs in it, for each of several histograms. */
export interface CosineStretch {
  readonly low: number;
  readonly high: number;
  readonly shares: readonly number[];
}

/** Bins per unit of cosine that read well; the finest that needs no more than this many lines is taken. */
const FINENESS = [50, 20, 10];
const MOST_STRETCHES = 16;

/**
 * Histograms as few lines: from the lowest to the highest cosine that occurs in any of them, in equal stretches of 0.02, 0.05 or 0.1.
 * A bin that crosses a border counts by its middle. Empty when there are no pairs.
 */
export function tabulateCosines(histograms: readonly CosineHistogram[]): readonly CosineStretch[] {
  for (const perUnit of FINENESS) {
    const columns = histograms.map((histogram) => sharesPerStretch(histogram, perUnit));
    const isOccupied = (stretch: number) => columns.some((shares) => shares[stretch] > 0);
    let first = 0;
    let last = 2 * perUnit - 1;
    while (first <= last && !isOccupied(first)) first++;
    while (last >= first && !isOccupied(last)) last--;
    const count = last - first + 1;
    if (count > MOST_STRETCHES && perUnit !== FINENESS[FINENESS.length - 1]) continue;
    return Array.from({ length: count }, (_, i) => ({
      low: (first + i - perUnit) / perUnit,
      high: (first + i + 1 - perUnit) / perUnit,
      shares: columns.map((shares) => shares[first + i]),
    }));
  }
  return [];
}

/** Length 2 · perUnit, over [−1, 1]. */
function sharesPerStretch({ binCount, randomPairs, randomPairCount }: CosineHistogram, perUnit: number): Float64Array {
  const shares = new Float64Array(2 * perUnit);
  for (let bin = 0; bin < binCount; bin++) {
    const stretch = Math.floor(((bin + 0.5) / binCount) * 2 * perUnit);
    shares[stretch] += randomPairs[bin] / Math.max(1, randomPairCount);
  }
  return shares;
}
