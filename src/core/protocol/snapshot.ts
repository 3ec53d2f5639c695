import type { SpaceComparison, TextStatistics } from './comparison';

/**
 * The one result type. The panel, the report and `isoscope analyze --json` are three views of it.
 * Plain data: JSON numbers at full precision; what cannot be computed is `null` with a note that says why.
 */
export interface Snapshot {
  readonly format: 'isoscope.snapshot';
  readonly version: 1;
  /** ISO 8601 */
  readonly created: string;
  /** "isoscope x.y.z" */
  readonly tool: string;
  readonly corpus: CorpusSummary;
  readonly encoder: EncoderSummary;
  readonly transform: TransformSummary;
  readonly raw: Geometry;
  /** `null` when the transform is `none` */
  readonly transformed: Geometry | null;
  /** what the text alone explains of the vectors; `null` when there is no text (absent from older snapshots) */
  readonly text?: TextStatistics | null;
  /** raw beside transformed; `null` when the transform is `none` (absent from older snapshots) */
  readonly comparison?: SpaceComparison | null;
  readonly seed: number;
  readonly notes: readonly Note[];
  readonly timing: Timing;
}

export interface CorpusSummary {
  /** file name, URI or "standard input" */
  readonly source: string;
  /** sentences (rows) */
  readonly count: number;
  /** of the sentences joined by line feeds, UTF-8 (vectors without text: of their float bytes) */
  readonly sha256: string;
  /** sentences cut at the encoder's maximum number of tokens; `null` when there is no text */
  readonly truncated: number | null;
  /** rows that repeat an earlier sentence (vectors without text: an earlier row) */
  readonly duplicates: number;
}

export interface EncoderSummary {
  readonly id: string;
  /** of the ONNX file or vector file */
  readonly sha256: string;
  readonly dimension: number;
  /** "last", or a block number (0 = embedding output); `null` for ready and static vectors */
  readonly layer: string | number | null;
  readonly pooling: string | null;
  readonly normalized: boolean;
  readonly maxTokens: number | null;
  /** "cpu", "wasm", "static" for vectors of words, "endpoint", or "none" for ready vectors */
  readonly backend: string;
  readonly threads: number;
}

export interface TransformSummary {
  /** canonical specification, "none" for no transform */
  readonly spec: string;
  readonly fittedOn: FittedOn | null;
}

/** What a transform was fitted on. */
export interface FittedOn {
  readonly count: number;
  readonly dimension: number;
  readonly sha256: string;
  /** true when it was fitted on the very rows that it is applied to */
  readonly transductive: boolean;
}

/** A remark that a reader needs in order to trust the numbers. */
export interface Note {
  /** stable, kebab-case, for scripts: "small-sample", "zero-rows", "truncated" … */
  readonly code: string;
  /** one sentence */
  readonly message: string;
  /** which keys of the geometry it explains, e.g. ["raw.hubness"] */
  readonly keys?: readonly string[];
  /** rows concerned, from 0, at most 1,000 of them */
  readonly rows?: readonly number[];
}

export interface Timing {
  readonly encodeMs: number;
  readonly geometryMs: number;
  readonly totalMs: number;
}

export type QuantileKey = '0.01' | '0.05' | '0.25' | '0.5' | '0.75' | '0.95' | '0.99';

/** Statistics of one space: rows x_i, shape [N, d]; λ = eigenvalues of the covariance (divisor N − 1), descending. */
export interface Geometry {
  readonly count: number;
  readonly dimension: number;
  /** exact mean over all pairs i ≠ j */
  readonly averageCosine: number | null;
  /** of cosines of random pairs i ≠ j, linear interpolation */
  readonly cosineQuantiles: Readonly<Record<QuantileKey, number>> | null;
  /** of ‖x_i‖ (standard deviation with ddof 1); norm of the mean vector */
  readonly meanNorm: number | null;
  readonly normStd: number | null;
  readonly meanVectorNorm: number | null;
  /** all λ, descending, ≥ 0 */
  readonly eigenvalues: readonly number[] | null;
  readonly totalVariance: number | null;
  /** exp(H(σ/Σσ)), σ = √λ (Roy & Vetterli 2007) */
  readonly effectiveRank: number | null;
  /** (Σλ)²/Σλ² */
  readonly participationRatio: number | null;
  /** (participation ratio − 1)/(d − 1) */
  readonly isoScore: number | null;
  /** Σλ/λ1 */
  readonly stableRank: number | null;
  /** λ1/λd; `null` when λd counts as 0 */
  readonly conditionNumber: number | null;
  readonly componentsFor: Readonly<Record<'0.9' | '0.95' | '0.99', number>> | null;
  /** −slope of log λ on log rank */
  readonly decayExponent: number | null;
  /** min Z / max Z over ± eigenvectors of XᵀX (Mu & Viswanath 2018) */
  readonly partitionIsotropy: number | null;
  /** log mean exp(−2‖x̂_i − x̂_j‖²) (Wang & Isola 2020) */
  readonly uniformity: number | null;
  /** of the distinct RAW rows */
  readonly intrinsicDimension: { readonly twoNN: number | null; readonly mle: number | null } | null;
  readonly hubness: Hubness | null;
  /** the ten largest shares of single dimensions in the average cosine */
  readonly rogueDimensions: readonly RogueDimension[] | null;
  /** squared correlation of the cosine with the cosine without the top 1, 3, 5 dimensions */
  readonly r2Without: Readonly<Record<'1' | '3' | '5', number | null>> | null;
}

export interface Hubness {
  readonly k: number;
  readonly skewness: number | null;
  readonly antiHubRate: number;
  readonly hubShare: number;
  readonly robinHood: number;
}

export interface RogueDimension {
  /** from 0 */
  readonly dimension: number;
  /** signed share of the average cosine */
  readonly share: number;
}
