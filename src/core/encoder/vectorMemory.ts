import { createHash } from 'node:crypto';
import type { Matrix32 } from '../linalg/matrix';
import type { EncodedSentences, EncodeOptions, Encoder } from './encoder';

/** Vectors of sentences seen before, the least recently used going first. */
export interface VectorMemory {
  readonly byteLength: number;
  get(key: string): RememberedVector | undefined;
  set(key: string, remembered: RememberedVector): void;
  clear(): void;
}

export interface RememberedVector {
  readonly vector: Float32Array;
  /** whether the sentence was cut at the maximum number of tokens */
  readonly isTruncated: boolean;
}

/** What an entry takes of the process beside its numbers: key, objects, a buffer of its own, a place in the map (measured in Node 20: 330 bytes of heap, 850 in all). */
const ENTRY_OVERHEAD_BYTES = 850;

/** @param limitBytes of memory, bookkeeping included; an entry larger than that is not kept */
export function createVectorMemory(limitBytes: number): VectorMemory {
  // A Map keeps the order of insertion: what is used is inserted anew, so the first key is the least recently used.
  const entries = new Map<string, RememberedVector>();
  let byteLength = 0;
  const forget = (key: string, { vector }: RememberedVector) => {
    entries.delete(key);
    byteLength -= vector.byteLength + ENTRY_OVERHEAD_BYTES;
  };
  return {
    get byteLength() {
      return byteLength;
    },
    get(key) {
      const found = entries.get(key);
      if (found) {
        entries.delete(key);
        entries.set(key, found);
      }
      return found;
    },
    set(key, remembered) {
      const known = entries.get(key);
      if (known) forget(key, known);
      entries.set(key, remembered);
      byteLength += remembered.vector.byteLength + ENTRY_OVERHEAD_BYTES;
      for (const [oldest, vector] of entries) {
        if (byteLength <= limitBytes) break;
        forget(oldest, vector);
      }
    },
    clear() {
      entries.clear();
      byteLength = 0;
    },
  };
}

/**
 * Encodes only the sentences that the memory does not hold for this encoder, and remembers them.
 * @returns as `encoder.encode`, with the number of distinct sentences that had to be encoded
 * @throws as `encoder.encode`; what a cancelled call has encoded is lost
 */
export async function encodeRemembering(
  encoder: Encoder,
  sentences: readonly string[],
  memory: VectorMemory,
  options: EncodeOptions = {},
): Promise<EncodedSentences & { readonly encodedCount: number }> {
  if (!encoder.isRemembered) {
    return { ...(await encoder.encode(sentences, options)), encodedCount: new Set(sentences).size };
  }
  const { dimension } = encoder.summary;
  const vectors: Matrix32 = {
    data: new Float32Array(sentences.length * dimension),
    rows: sentences.length,
    columns: dimension,
  };
  const isTruncated = new Uint8Array(sentences.length);
  const keep = (row: number, vector: Float32Array, truncated: boolean) => {
    vectors.data.set(vector, row * dimension);
    isTruncated[row] = Number(truncated);
  };

  const unknownRows = new Map<string, number[]>();
  const keys = new Map<string, string>();
  sentences.forEach((sentence, row) => {
    const waiting = unknownRows.get(sentence);
    if (waiting) {
      waiting.push(row);
      return;
    }
    const key = keyOf(encoder, sentence);
    const found = memory.get(key);
    if (found) keep(row, found.vector, found.isTruncated);
    else {
      unknownRows.set(sentence, [row]);
      keys.set(sentence, key);
    }
  });

  const unknown = [...unknownRows.keys()];
  if (unknown.length > 0) {
    const encoded = await encoder.encode(unknown, options);
    const truncated = new Set(encoded.truncatedRows);
    unknown.forEach((sentence, i) => {
      const vector = encoded.vectors.data.slice(i * dimension, (i + 1) * dimension);
      for (const row of unknownRows.get(sentence)!) keep(row, vector, truncated.has(i));
      memory.set(keys.get(sentence)!, { vector, isTruncated: truncated.has(i) });
    });
  }
  const truncatedRows = Uint32Array.from(isTruncated.keys()).filter((row) => isTruncated[row] === 1);
  return { vectors, truncatedRows, encodedCount: unknown.length };
}

/** A digest instead of the sentence: the memory's entries are of one size, however long the lines. */
function keyOf(encoder: Encoder, sentence: string): string {
  return createHash('sha256').update(encoder.identity).update(sentence).digest('base64');
}
