/** Two spaces of the same N rows. What cannot be computed is `null` with a note that says why. Symmetric in the two, all of them. */
export interface SpaceComparison {
  /** N */
  readonly count: number;
  /** over the k nearest by cosine, in the full dimension */
  readonly neighbours: NeighbourChange | null;
  readonly linearCka: LinearCka | null;
  /** orthogonal Procrustes residual (Schönemann 1966) of the centred rows at Frobenius norm 1 with the best scale, 0 … 1; 0 = equal up to rotation and scale */
  readonly procrustes: number | null;
  /** representational similarity analysis (Kriegeskorte et al. 2008): Spearman of the cosines of the same pairs */
  readonly rsa: RankedPairs | null;
}

export interface NeighbourChange {
  readonly k: number;
  /** rows that have neighbours in both spaces */
  readonly count: number;
  /** mean of |A ∩ B|/|A ∪ B| over the rows' sets of k nearest */
  readonly meanJaccard: number;
}

export interface LinearCka {
  /** Kornblith et al. 2019, eq. 3 with linear kernels; tends to 1 for N < d whatever the spaces */
  readonly biased: number | null;
  /** with the unbiased HSIC of Song et al. 2012, eq. 5 (Nguyen et al. 2021, eq. 3); needs N ≥ 4 */
  readonly debiased: number | null;
}

export interface RankedPairs {
  /** pairs of rows */
  readonly count: number;
  readonly spearman: number | null;
}

/** What the text alone explains of the vectors. */
export interface TextStatistics {
  readonly raw: SpaceTextStatistics;
  /** `null` when the transform is `none` */
  readonly transformed: SpaceTextStatistics | null;
}

export interface SpaceTextStatistics {
  /** of ‖x_i‖ with the number of characters (Unicode code points) of the sentence */
  readonly normWithLength: NormWithLength | null;
  /** of the cosine of a pair with what is on the surface of its sentences */
  readonly lexicalLeakage: LexicalLeakage | null;
}

export interface NormWithLength {
  /** rows */
  readonly count: number;
  readonly pearson: number | null;
  readonly spearman: number | null;
}

export interface LexicalLeakage {
  /** pairs i ≠ j: all, or drawn with the seed */
  readonly count: number;
  /** Spearman with the edit distance over the longer length (Levenshtein): below 0 where similar spelling goes with a high cosine */
  readonly editDistance: number | null;
  /** Spearman with the difference of the lengths in characters */
  readonly lengthDifference: number | null;
}
