import type { ExportOutcome, ExportTarget } from './exports';
import type { Findings } from './findings';
import type { DimensionCurve, DimensionReading, DimensionTable, FloorReadings, NeighbourDiff } from './lab';
import type { Outgoing } from './rpc';
import type { Snapshot } from './snapshot';
import type { UmapPlane } from './umap';
import type { Preview, Views } from './views';

/** Host → engine. The result type follows from the request key; every request settles. */
export interface EngineRequests {
  /** Encode what is not cached, measure, transform, project. Replaces the analysis of the same id. */
  analyze: { params: AnalyzeParams; result: AnalysisResult; progress: AnalysisProgress };
  /** Another transform on the vectors that an analysis holds: settled numbers. */
  transform: { params: { analysisId: string; spec: string }; result: AnalysisResult; progress: AnalysisProgress };
  /** The same, from moments and samples, within a frame or two. A newer preview of the same analysis voids an older one. */
  preview: { params: { analysisId: string; spec: string }; result: Preview; progress: never };
  /** Cosines of pairs of rows of one analysis, raw and transformed, each with its percentile among random pairs. */
  similarity: { params: { analysisId: string; rows: readonly number[] }; result: SimilarityReading; progress: never };
  /** Rows nearest to a row. */
  neighbours: {
    params: { analysisId: string; row: number; k: number };
    result: { raw: readonly Neighbour[]; transformed: readonly Neighbour[] | null };
    progress: never;
  };
  /** What is wrong with which lines: duplicates, hubs, outliers … Computed at the first question and kept while the vectors stay. */
  findings: { params: { analysisId: string }; result: Findings; progress: StepProgress };
  /** Share of random pairs with a smaller cosine (equal ones count half), 0…1, for each of the cosines. */
  percentile: { params: { analysisId: string; cosines: readonly number[] }; result: FloorReadings; progress: never };
  /** The cosine that a share 0…1 of random pairs lies below: the inverse, with linear interpolation. */
  threshold: { params: { analysisId: string; percentiles: readonly number[] }; result: FloorReadings; progress: never };
  /** Mean, variance and share of the average cosine of every dimension. */
  dimensions: { params: { analysisId: string }; result: DimensionTable; progress: never };
  /** One dimension, with the rows that lie highest and lowest on it. */
  dimension: {
    params: { analysisId: string; space: 'raw' | 'transformed'; dimension: number; rows: number };
    result: DimensionReading;
    progress: never;
  };
  /** Variance kept and neighbour agreement against the number of dimensions. */
  dimensionCurve: { params: { analysisId: string }; result: DimensionCurve; progress: StepProgress };
  /** Neighbours of a row lost and gained by the transform; without one nothing is. */
  neighbourDiff: {
    params: { analysisId: string; row: number; k: number };
    result: NeighbourDiff;
    progress: never;
  };
  /** The rows that the planes show, laid out by UMAP; long. Kept while the space stays. `done` of `total` is a share of the work. */
  umap: {
    params: { analysisId: string; side: 'raw' | 'transformed'; seed: number; neighbours: number };
    result: UmapPlane;
    progress: StepProgress;
  };
  /** What can be chosen at an encoder: opens it, and keeps it open for the analysis that may follow. */
  describeEncoder: { params: { encoder: EncoderChoice }; result: EncoderDescription; progress: never };
  /** Write a part of an analysis for use elsewhere. */
  export: {
    params: { analysisId: string; target: ExportTarget; out: string; lines: Uint32Array };
    result: ExportOutcome;
    progress: never;
  };
  /** Free what an analysis holds. */
  forget: { params: { analysisId: string }; result: null; progress: never };
  status: { params: null; result: EngineStatus; progress: never };
  /** Vectors kept on disk; `null` when the engine was started without a folder for them. */
  cacheStatus: { params: null; result: CacheStatus | null; progress: never };
  /** Forgets all vectors, those on disk too. */
  clearCache: { params: null; result: null; progress: never };
}

/** The two directions of the border, for `openPeer`. */
export type HostToEngine = Outgoing<EngineRequests>;
export type EngineToHost = Outgoing<object, EngineNotifications>;

/** Engine → host, without an answer. */
export interface EngineNotifications {
  /** sent once, when requests can be answered */
  ready: null;
}

export interface AnalyzeParams {
  readonly analysisId: string;
  /** shown as `corpus.source` */
  readonly source: string;
  readonly sentences: readonly string[];
  /** where the sentences are a part of the document's: their numbers among all of them, from 0. Ready vectors of the whole document are matched by them */
  readonly rows?: Uint32Array;
  /** sentences of the whole document, with `rows` */
  readonly rowCount?: number;
  /** line of each sentence, from 0: explains why ready vectors do not match */
  readonly lines?: Uint32Array;
  readonly encoder: EncoderChoice;
  /** specification, e.g. "pca:k=128" */
  readonly transform: string;
  readonly seed: number;
  /** the user tries layers and poolings: the vectors of all of them are taken from one pass and remembered, so that the next choice is there at once */
  readonly explore?: boolean;
  /** other sentences to fit the transform on; default: these */
  readonly fitOn?: { readonly source: string; readonly sentences: readonly string[] };
}

export interface EncoderChoice {
  /**
   * "embedded"; the absolute path of a model folder, of a static-vector file (GloVe, word2vec) or of a Model2Vec folder; the http(s) address of an endpoint;
   * with `vectors`, the absolute path of a file of ready vectors
   */
  readonly encoder: string;
  readonly variant?: string;
  readonly layer?: string | number;
  readonly pooling?: string;
  readonly prefix?: string;
  readonly normalize?: 'auto' | 'yes' | 'no';
  /** how to speak with an endpoint; only with an address */
  readonly endpoint?: EndpointChoice;
  /** set when `encoder` is a file of ready vectors, one row per sentence */
  readonly vectors?: VectorsChoice;
}

export interface EndpointChoice {
  readonly api: EndpointApi;
  /** as the endpoint names it; not needed by `tei` */
  readonly model?: string;
  /** asks for shorter vectors where the API can (OpenAI's `dimensions`) */
  readonly dimensions?: number;
  /** sent as a bearer token; never logged, never part of an identity or an error */
  readonly key?: string;
}

export const endpointApis = ['openai', 'ollama', 'tei'] as const;
export type EndpointApi = (typeof endpointApis)[number];

export interface VectorsChoice {
  /** which array of a .npz or .safetensors file, which column of a Parquet, JSON Lines or CSV file; not needed where there is one */
  readonly name?: string;
}

/** What a user can choose at an encoder that is open. */
export interface EncoderOffer {
  /** number of blocks L whose outputs 0 … L can be had; `null` when only the last layer can */
  readonly layerCount: number | null;
  /** names of the poolings that work with this encoder, in the order to show */
  readonly poolings: readonly string[];
  /** what the model's files say; `null` when they say nothing */
  readonly ownPooling: string | null;
}

export interface EncoderDescription {
  readonly id: string;
  /** of its vectors */
  readonly dimension: number;
  readonly offer: EncoderOffer | null;
}

export interface AnalysisResult {
  readonly snapshot: Snapshot;
  readonly views: Views;
  /** rows cut at the encoder's maximum length, ascending */
  readonly truncatedRows: Uint32Array;
  /** sentences that had to be encoded (the others were known already) */
  readonly encodedCount: number;
  /** layers and poolings to choose from; `null` where there is no choice (ready vectors, endpoints) */
  readonly offer: EncoderOffer | null;
}

export interface AnalysisProgress {
  readonly stage: 'loading' | 'encoding' | 'geometry' | 'transform' | 'projection';
  /** sentences done and in all while encoding; steps otherwise */
  readonly done: number;
  readonly total: number;
}

/** Steps of a piece of work that has only one stage. */
export interface StepProgress {
  readonly done: number;
  readonly total: number;
}

export interface SimilarityReading {
  readonly pairs: readonly SimilarityPair[];
  /** specification of the transform that `transformed` speaks of, "none" for none */
  readonly transform: string;
  /** random pairs that the percentiles stand on */
  readonly randomPairCount: number;
}

export interface SimilarityPair {
  readonly first: number;
  readonly second: number;
  readonly raw: CosineReading | null;
  readonly transformed: CosineReading | null;
}

export interface CosineReading {
  readonly cosine: number;
  /** share of this corpus' random pairs with a smaller cosine (ties count half), 0…1 */
  readonly percentile: number;
}

export interface Neighbour {
  readonly row: number;
  readonly cosine: number;
}

export interface CacheStatus {
  readonly folder: string;
  /** of the files */
  readonly byteLength: number;
  /** vectors; one that two processes have written counts twice */
  readonly entryCount: number;
  readonly limitBytes: number;
}

export interface EngineStatus {
  readonly processId: number;
  readonly backend: string;
  readonly threads: number;
  readonly residentBytes: number;
  readonly analyses: readonly string[];
}
