import { setImmediate as nextTurn } from 'node:timers/promises';
import { widenFloat16 } from '../corpus/float16';
import { IsoscopeError } from '../protocol/errors';
import type { EncoderOffer } from '../protocol/engineProtocol';
import type { EncoderSummary, Note } from '../protocol/snapshot';
import type { ModelSession, Tensor } from '../runtime/runtime';
import { planBatches, type BatchRules } from './batching';
import type { HeadLayer } from './dense';
import type { EncodedSentences, EncodeOptions, Encoder } from './encoder';
import type { GraphInputs } from './graphInputs';
import { normalizeVector, poolTokens } from './pooling';
import type { Tokenizer, TokenSequence } from './tokenizer/tokenizer';
import { outputsOf, type VectorRecipe } from './vectorRecipe';

/** Everything that turns sentences into vectors, opened and checked. */
export interface EncoderParts {
  readonly session: ModelSession;
  readonly inputs: GraphInputs;
  readonly tokenizer: Tokenizer;
  readonly rules: BatchRules;
  readonly recipe: VectorRecipe;
  /** after the pooling, in order */
  readonly head: readonly HeadLayer[];
  readonly isNormalized: boolean;
  /** text → what the tokenizer sees */
  readonly prepare: (sentence: string) => string;
  /** leading tokens that the pooling leaves out */
  readonly skippedTokens: number;
  /** of the model, for errors */
  readonly name: string;
}

/** Sentences tokenised between two looks at the signal: about 10 ms. */
const TOKENIZED_AT_ONCE = 500;

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
  // The empty sentence tells the dimension (a graph need not declare it), and that the graph runs at all.
  const [probe] = await runBatch(parts, [parts.tokenizer.encode(parts.prepare(''))]);
  const dimension = probe.length;
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

async function encodeSentences(
  parts: EncoderParts,
  dimension: number,
  sentences: readonly string[],
  { signal, onProgress }: EncodeOptions,
): Promise<EncodedSentences> {
  signal?.throwIfAborted();
  const { firstRows, rowOf } = findDistinct(sentences);
  const sequences = await tokenizeAll(
    parts,
    firstRows.map((row) => sentences[row]),
    signal,
  );
  const data = new Float32Array(sentences.length * dimension);
  let done = 0;
  onProgress?.(done, firstRows.length);
  for (const batch of planBatches(
    sequences.map(({ ids }) => ids.length),
    parts.rules,
  )) {
    // A run blocks the thread: between two of them messages get their turn, and with them a wish to cancel.
    await nextTurn();
    signal?.throwIfAborted();
    const vectors = await runBatch(
      parts,
      batch.map((i) => sequences[i]),
    );
    vectors.forEach((vector, k) => {
      const row = firstRows[batch[k]];
      requireFinite(vector, sentences[row], row, parts.name);
      data.set(vector, row * dimension);
    });
    done += batch.length;
    onProgress?.(done, firstRows.length);
  }
  rowOf.forEach((distinct, row) => {
    const first = firstRows[distinct];
    if (first !== row) data.copyWithin(row * dimension, first * dimension, (first + 1) * dimension);
  });
  return {
    vectors: { data, rows: sentences.length, columns: dimension },
    truncatedRows: Uint32Array.from(rowOf.keys()).filter((row) => sequences[rowOf[row]].isTruncated),
  };
}

/** The rows at which a sentence stands for the first time, and for each row the number of its sentence among those. */
function findDistinct(sentences: readonly string[]): { firstRows: number[]; rowOf: number[] } {
  const numbers = new Map<string, number>();
  const firstRows: number[] = [];
  const rowOf = sentences.map((sentence, row) => {
    let number = numbers.get(sentence);
    if (number === undefined) {
      number = firstRows.push(row) - 1;
      numbers.set(sentence, number);
    }
    return number;
  });
  return { firstRows, rowOf };
}

async function tokenizeAll(
  { tokenizer, prepare }: EncoderParts,
  sentences: readonly string[],
  signal: AbortSignal | undefined,
): Promise<TokenSequence[]> {
  const sequences: TokenSequence[] = [];
  for (const sentence of sentences) {
    sequences.push(tokenizer.encode(prepare(sentence)));
    if (sequences.length % TOKENIZED_AT_ONCE !== 0) continue;
    await nextTurn();
    signal?.throwIfAborted();
  }
  return sequences;
}

/** The vectors of a batch, in its order. */
async function runBatch(parts: EncoderParts, sequences: readonly TokenSequence[]): Promise<Float64Array[]> {
  const { session, inputs, recipe, head, isNormalized } = parts;
  const width = inputs.fixedWidth ?? Math.max(1, ...sequences.map(({ ids }) => ids.length));
  const outputs = await session.run(inputs.feed(sequences, width), outputsOf(recipe));
  const pooled =
    recipe.kind === 'tokens' ? poolOutputs(parts, recipe, outputs, sequences) : rowsOf(outputs[recipe.output]);
  return pooled.map((vector) => {
    const result = head.reduce((current, layer) => layer.apply(current), vector);
    if (isNormalized) normalizeVector(result);
    return result;
  });
}

function poolOutputs(
  { skippedTokens, name: model }: EncoderParts,
  { outputs: names, pooling }: Extract<VectorRecipe, { kind: 'tokens' }>,
  outputs: Readonly<Record<string, Tensor>>,
  sequences: readonly TokenSequence[],
): Float64Array[] {
  const lengths = sequences.map(({ ids }) => ids.length);
  const sums: Float64Array[] = [];
  for (const name of names) {
    const { dims } = outputs[name];
    if (dims.length !== 3 || dims[0] !== sequences.length || dims[1] < Math.max(...lengths)) {
      throw new IsoscopeError(
        'encoder',
        `The tensor "${name}" of ${model} holds no vector per token (its shape is ${dims.join(' × ')}).`,
      );
    }
    const tokens = { data: toFloat32(outputs[name]), width: dims[1], dimension: dims[2], lengths };
    poolTokens(tokens, pooling, skippedTokens, (i, vector) => {
      sums[i] ??= new Float64Array(vector.length);
      for (let j = 0; j < vector.length; j++) sums[i][j] += vector[j] / names.length;
    });
  }
  return sums;
}

function rowsOf(tensor: Tensor): Float64Array[] {
  const [rows, columns] = tensor.dims;
  const data = toFloat32(tensor);
  return Array.from({ length: rows }, (_, row) => Float64Array.from(data.subarray(row * columns, (row + 1) * columns)));
}

function toFloat32({ data }: Tensor): Float32Array {
  if (data instanceof Float32Array) return data;
  // The only 16-bit numbers that a session gives are halves.
  return data instanceof Uint16Array ? widenFloat16(data) : Float32Array.from(data as Float64Array);
}

function requireFinite(vector: Float64Array, sentence: string, row: number, model: string): void {
  if (vector.every(Number.isFinite)) return;
  throw new IsoscopeError(
    'encoder',
    `${model} gives numbers that are not finite for sentence ${row + 1} ("${sentence.slice(0, 40)}"): its float16 range may be exceeded; try another variant.`,
  );
}
