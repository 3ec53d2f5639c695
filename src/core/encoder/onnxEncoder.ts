import type { EncoderOffer } from '../protocol/engineProtocol';
import { IsoscopeError } from '../protocol/errors';
import type { EncoderSummary, Note } from '../protocol/snapshot';
import { encodeBatches, probeDimension, type RunParts, type VectorMaker } from './encodeBatches';
import type { EncodedSentences, EncodeOptions, Encoder } from './encoder';

/** Everything that turns sentences into vectors, opened and checked. */
export type EncoderParts = RunParts & VectorMaker;

/**
 * An encoder over an ONNX graph.
 * @param summarize receives the dimension of its vectors
 * @throws IsoscopeError `encoder` when the graph does not run
 */
export async function createOnnxEncoder(
  parts: EncoderParts,
  identity: string,
  { notes, offer }: { readonly notes: readonly Note[]; readonly offer: EncoderOffer },
  summarize: (dimension: number) => EncoderSummary,
): Promise<Encoder> {
  const dimension = await probeDimension(parts, parts);
  return {
    summary: summarize(dimension),
    identity,
    notes,
    offer,
    isRemembered: true,
    encode: (sentences, options = {}) => encodeSentences(parts, dimension, sentences, options),
    dispose: () => parts.session.release(),
  };
}

/** One matrix for all sentences. @throws as `Encoder.encode` */
export async function encodeSentences(
  parts: EncoderParts,
  dimension: number,
  sentences: readonly string[],
  { onBatch, ...options }: EncodeOptions,
): Promise<EncodedSentences> {
  const data = new Float32Array(sentences.length * dimension);
  const { firstRows, rowOf, isTruncated } = await encodeBatches(
    parts,
    [parts],
    sentences,
    options,
    ({ sentences: batch, vectors: [vectors] }, distinct) => {
      const rows = batch.map((sentence) => distinct.firstRows[sentence]);
      vectors.forEach((vector, k) => {
        if (vector.length !== dimension) throw changedDimension(parts.name, dimension, vector.length);
        data.set(vector, rows[k] * dimension);
      });
      return onBatch?.({
        rows,
        vectors: rows.map((row) => data.subarray(row * dimension, (row + 1) * dimension)),
        isTruncated: batch.map((sentence) => distinct.isTruncated[sentence]),
      });
    },
  );
  rowOf.forEach((distinct, row) => {
    const first = firstRows[distinct];
    if (first !== row) data.copyWithin(row * dimension, first * dimension, (first + 1) * dimension);
  });
  return {
    vectors: { data, rows: sentences.length, columns: dimension },
    truncatedRows: Uint32Array.from(rowOf.keys()).filter((row) => isTruncated[rowOf[row]]),
  };
}

function changedDimension(name: string, expected: number, actual: number): IsoscopeError {
  return new IsoscopeError(
    'encoder',
    `${name} gives vectors of ${actual} dimensions where ${expected} were expected: if the cache of vectors says so, clear it.`,
  );
}
