/** What the charts draw, beside the snapshot's numbers. Typed arrays: they cross both process borders as binary. */
export interface Views {
  /** rows that the planes show, ascending, length m; `null` = all rows (m = N). Sampled with the seed above a limit that `notes` states */
  readonly shownRows: Uint32Array | null;
  readonly raw: SpaceView;
  /** `null` when the transform is `none` */
  readonly transformed: SpaceView | null;
}

export interface SpaceView {
  /** the first two principal components of this space, row-major [m, 2]; signs fixed so that the largest loading of an axis is positive */
  readonly plane: Float32Array;
  /** share of the space's variance along each axis of the plane, 0…1 */
  readonly planeVarianceShare: readonly [number, number];
  readonly cosines: CosineHistogram;
  /** eigenvalues, descending (the transformed space's own) */
  readonly eigenvalues: Float64Array;
}

/** Histograms over [−1, 1] in equal bins. */
export interface CosineHistogram {
  readonly binCount: number;
  /** cosines of random pairs i ≠ j: the floor; counts per bin */
  readonly randomPairs: Uint32Array;
  readonly randomPairCount: number;
  /** cosine of each row with its nearest other row (rows of length 0 left out); counts per bin; `null` when not computed */
  readonly nearest: Uint32Array | null;
  readonly nearestCount: number;
  /** quantiles of the random pairs' cosines: 5 %, 50 %, 95 % */
  readonly floor: readonly [number, number, number] | null;
}

/** A view at a setting that a slider passes through: from moments and samples only, never a new encoding. */
export interface Preview {
  /** canonical specification it answers */
  readonly spec: string;
  readonly view: SpaceView;
  /** the numbers that Moments alone or the sample give; the settled snapshot replaces them */
  readonly averageCosine: number | null;
  readonly effectiveRank: number | null;
  readonly isoScore: number | null;
  /** columns after the transform */
  readonly dimension: number;
  readonly notes: readonly { readonly code: string; readonly message: string }[];
  readonly elapsedMs: number;
}
