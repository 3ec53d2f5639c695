import type { Matrix } from '../linalg/matrix';
import type { Products } from '../linalg/products';
import type { AnalysisProgress, AnalysisResult, EncoderOffer } from '../protocol/engineProtocol';
import type { CorpusSummary, EncoderSummary, Note } from '../protocol/snapshot';
import type { FitData } from '../transform/fitStage';
import type { Transform } from '../transform/transform';
import type { PreviewMemory } from './previewMemory';
import type { Space } from './space';
import type { Surface } from './surface';

/** A corpus as vectors, before anything is measured. */
export interface CorpusVectors {
  readonly corpus: CorpusSummary;
  readonly encoder: EncoderSummary;
  /** shape [N, d], in the precision they came in */
  readonly vectors: Matrix;
  /** one per row; `null` for ready vectors without text */
  readonly sentences: readonly string[] | null;
  /** rows cut at the encoder's maximum length, ascending */
  readonly truncatedRows: Uint32Array;
  readonly encodedCount: number;
  readonly offer: EncoderOffer | null;
  /** on truncation, repetition … */
  readonly notes: readonly Note[];
  readonly encodeMs: number;
  /** all but the geometry */
  readonly preparationMs: number;
}

/** What stays when another transform is put on the same vectors. */
export interface AnalysisBasis extends CorpusVectors {
  readonly raw: Space;
  readonly rawMs: number;
  readonly surface: Surface;
  /** rows in the planes; `null` = all */
  readonly shownRows: Uint32Array | null;
  readonly seed: number;
  /** what transforms are fitted on: the rows themselves, or others */
  readonly fitData: FitData;
  readonly isFittedOnSelf: boolean;
  readonly products: Products;
  readonly now: () => Date;
  readonly previewMemory: PreviewMemory;
}

/** A finished analysis with all that a next question needs: another transform, a preview, a cosine. */
export interface Analysis extends AnalysisBasis {
  readonly result: AnalysisResult;
  readonly transform: Transform;
  /** `null` when the transform is `none`, or could not be fitted (a note says why) */
  readonly transformed: Space | null;
}

export interface AnalysisOptions {
  /** checked between batches and tiles */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: AnalysisProgress) => void) | undefined;
}
