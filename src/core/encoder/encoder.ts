import type { Matrix32 } from '../linalg/matrix';
import type { EncoderOffer } from '../protocol/engineProtocol';
import type { EncoderSummary, Note } from '../protocol/snapshot';

/** Sentences → vectors. Opened once, used for many corpora. */
export interface Encoder {
  readonly summary: EncoderSummary;
  /** equal for encoders that give equal vectors: of all files and settings that decide them (prefix included), not of the threads */
  readonly identity: string;
  /** what a reader needs to know about vectors of this encoder: another pooling than the model's own, sentences encoded one by one … */
  readonly notes: readonly Note[];
  /** layers and poolings to choose from; `null` where there is no choice */
  readonly offer: EncoderOffer | null;
  /** whether vectors are worth remembering: not where looking them up costs as much as making them, nor where they depend on the whole corpus */
  readonly isRemembered: boolean;
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
  /** about these sentences: words that a vocabulary does not know … */
  readonly notes?: readonly Note[];
}
