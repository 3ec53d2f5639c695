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
  /** the layers and poolings of its model, where one pass can give several of them */
  readonly family?: EncoderFamily;
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
  /** receives vectors as they are made, in any order; what it returns is awaited before more are made. An encoder may leave it out, for all sentences or for some */
  readonly onBatch?: (batch: EncodedBatch) => void | Promise<void>;
}

/** Vectors of sentences that are ready while others are still to come; equal sentences come once. */
export interface EncodedBatch {
  /** of the sentences that were given; of equal ones the first */
  readonly rows: readonly number[];
  /** one per row; views of memory that does not change any more */
  readonly vectors: readonly Float32Array[];
  readonly isTruncated: readonly boolean[];
}

export interface EncodedSentences {
  /** shape [sentences, dimension] */
  readonly vectors: Matrix32;
  /** rows cut at the maximum number of tokens, ascending */
  readonly truncatedRows: Uint32Array;
  /** about these sentences: words that a vocabulary does not know … */
  readonly notes?: readonly Note[];
}

/** The layers and poolings of one model, prefix and normalisation as chosen: each the equivalent of an encoder that was opened for it. */
export interface EncoderFamily {
  readonly members: readonly FamilyMember[];
  /**
   * One pass over the sentences; equal ones once. Vectors go to `onBatch` only, member by member.
   * @throws as `Encoder.encode`
   */
  encode(sentences: readonly string[], members: readonly FamilyMember[], options: FamilyEncodeOptions): Promise<void>;
}

export interface FamilyMember {
  readonly layer: 'last' | number;
  readonly pooling: string;
  /** of the equivalent encoder */
  readonly identity: string;
}

export interface FamilyEncodeOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
  readonly onBatch: (member: FamilyMember, batch: EncodedBatch) => void | Promise<void>;
}
