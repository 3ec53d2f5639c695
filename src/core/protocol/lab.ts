import type { CosineReading } from './engineProtocol';

/** What each dimension holds, raw and transformed. */
export interface DimensionTable {
  readonly raw: DimensionStatistics;
  /** `null` when the transform is `none` */
  readonly transformed: DimensionStatistics | null;
}

/** By dimension, length d. */
export interface DimensionStatistics {
  readonly mean: Float64Array;
  /** divisor N − 1; `null` for fewer than two rows */
  readonly variance: Float64Array | null;
  /** signed share of the average cosine (rogue dimensions); `null` where that is 0 but for rounding, or there is no pair */
  readonly cosineShare: Float64Array | null;
  /** dimensions that do not vary, ascending */
  readonly dead: Uint32Array;
}

/** One dimension under the glass. */
export interface DimensionReading {
  readonly dimension: number;
  readonly mean: number;
  readonly variance: number | null;
  readonly cosineShare: number | null;
  /** rows with the largest values, largest first, equal ones by row */
  readonly highest: readonly DimensionValue[];
  /** rows with the smallest values, smallest first */
  readonly lowest: readonly DimensionValue[];
  /** counts of the values in equal bins from `least` to `most` */
  readonly bins: Uint32Array;
  readonly least: number;
  readonly most: number;
}

export interface DimensionValue {
  readonly row: number;
  readonly value: number;
}

/** What k dimensions keep, by method. */
export interface DimensionCurve {
  /** k, ascending; the last is d */
  readonly sizes: Uint32Array;
  readonly methods: readonly DimensionCurveMethod[];
  /** rows that the neighbour agreement stands on: all, or drawn with the seed */
  readonly sampleCount: number;
  /** neighbours that are compared; 0 where there are too few rows */
  readonly neighbourCount: number;
  readonly notes: readonly { readonly code: string; readonly message: string }[];
}

export interface DimensionCurveMethod {
  /** `truncate`: the first k dimensions; `pca`: the first k components, variances as they are; `whiten`: the same, variances made equal; `random`: a control */
  readonly method: 'truncate' | 'pca' | 'whiten' | 'random';
  /** specification of the transform at each k, to choose it */
  readonly specs: readonly string[];
  /** share of the variance of the rows within the span that is kept, 0 … 1; `null` where it cannot be had */
  readonly varianceKept: readonly (number | null)[];
  /** mean Jaccard of each sampled row's nearest with those in the full raw space, among the sampled rows; `null` where it cannot be had */
  readonly agreement: readonly (number | null)[];
}

/** How a row's neighbours change from the raw to the transformed space. */
export interface NeighbourDiff {
  readonly row: number;
  readonly k: number;
  /** |both|/|either| of the two sets; `null` where the row has no neighbours */
  readonly jaccard: number | null;
  /** by rank in the raw space */
  readonly lost: readonly NeighbourChangeEntry[];
  /** by rank in the transformed space */
  readonly gained: readonly NeighbourChangeEntry[];
  /** by rank in the transformed space */
  readonly kept: readonly NeighbourChangeEntry[];
}

export interface NeighbourChangeEntry {
  readonly row: number;
  /** from 1; `null` beyond k */
  readonly rawRank: number | null;
  readonly transformedRank: number | null;
  readonly raw: CosineReading | null;
  readonly transformed: CosineReading | null;
}

/** The similarity floor read at several places, raw and transformed. */
export interface FloorReadings {
  /** one per question; `null` where there are no pairs */
  readonly raw: readonly (number | null)[];
  /** `null` when the transform is `none` */
  readonly transformed: readonly (number | null)[] | null;
  /** random pairs that they stand on */
  readonly pairCount: number;
}
