import type { Matrix32 } from '../linalg/matrix';
import type { EncoderSummary } from '../protocol/snapshot';

/** Sentences → vectors. Opened once, used for many corpora. */
export interface Encoder {
  readonly summary: EncoderSummary;
  /**
   * Encodes sentences; equal ones once. Row i of the result belongs to `sentences[i]` and does not depend on the others (≤ 1e-5 in cosine distance).
   * @throws IsoscopeError `encoder`; AbortError when cancelled (checked between batches)
   */
  encode(sentences: readonly string[], options?: EncodeOptions): Promise<EncodedSentences>;
  dispose(): Promise<void>;
}

export interface EncodeOptions {
  readonly signal?: AbortSignal;
  /** distinct sentences done and in all */
  readonly onProgress?: (done: number, total: number) => void;
}

export interface EncodedSentences {
  /** shape [sentences, dimension] */
  readonly vectors: Matrix32;
  /** rows cut at the maximum number of tokens, ascending */
  readonly truncatedRows: Uint32Array;
}
