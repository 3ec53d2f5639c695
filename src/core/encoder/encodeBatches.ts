import { setImmediate as nextTurn } from 'node:timers/promises';
import { widenFloat16 } from '../corpus/float16';
import { IsoscopeError } from '../protocol/errors';
import type { ModelSession, Tensor } from '../runtime/runtime';
import { planBatches, type BatchRules } from './batching';
import type { HeadLayer } from './dense';
import type { GraphInputs } from './graphInputs';
import { normalizeVector, poolTokens, type TokenPooling } from './pooling';
import type { Tokenizer, TokenSequence } from './tokenizer/tokenizer';
import { outputsOf, type VectorRecipe } from './vectorRecipe';

/** What takes sentences through a graph, opened and checked. */
export interface RunParts {
  readonly session: ModelSession;
  readonly inputs: GraphInputs;
  readonly tokenizer: Tokenizer;
  readonly rules: BatchRules;
  /** text → what the tokenizer sees */
  readonly prepare: (sentence: string) => string;
  /** leading tokens that the pooling leaves out */
  readonly skippedTokens: number;
  /** of the model, for errors */
  readonly name: string;
}

/** What makes a sentence's vector of a graph's outputs. */
export interface VectorMaker {
  readonly recipe: VectorRecipe;
  /** after the pooling, in order */
  readonly head: readonly HeadLayer[];
  readonly isNormalized: boolean;
}

export interface DistinctSentences {
  /** the rows at which a sentence stands for the first time */
  readonly firstRows: readonly number[];
  /** for each row the number of its sentence among those */
  readonly rowOf: readonly number[];
  readonly isTruncated: readonly boolean[];
}

/** Vectors of a batch of distinct sentences. */
export interface MadeVectors {
  /** numbers of the sentences among the distinct ones */
  readonly sentences: readonly number[];
  /** for each maker, for each sentence of the batch */
  readonly vectors: readonly (readonly Float64Array[])[];
}

export interface BatchOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Sentences tokenised between two looks at the signal: about 10 ms. */
const TOKENIZED_AT_ONCE = 500;

/**
 * Takes each distinct sentence through the graph once, length-sorted, and makes all wanted vectors of one run's outputs.
 * @param onBatch receives them as they come; awaited before the next batch
 * @throws IsoscopeError `encoder`; AbortError when cancelled (checked between batches)
 */
export async function encodeBatches(
  parts: RunParts,
  makers: readonly VectorMaker[],
  sentences: readonly string[],
  { signal, onProgress }: BatchOptions,
  onBatch: (made: MadeVectors, distinct: DistinctSentences) => void | Promise<void>,
): Promise<DistinctSentences> {
  signal?.throwIfAborted();
  const { firstRows, rowOf } = findDistinct(sentences);
  const sequences = await tokenizeAll(
    parts,
    firstRows.map((row) => sentences[row]),
    signal,
  );
  const distinct = { firstRows, rowOf, isTruncated: sequences.map(({ isTruncated }) => isTruncated) };
  const batches = planBatches(
    sequences.map(({ ids }) => ids.length),
    parts.rules,
  );
  let done = 0;
  onProgress?.(done, firstRows.length);
  for (const batch of batches) {
    // A run blocks the thread: between two of them messages get their turn, and with them a wish to cancel.
    await nextTurn();
    signal?.throwIfAborted();
    const vectors = await runBatch(
      parts,
      makers,
      batch.map((i) => sequences[i]),
    );
    for (const made of vectors) {
      made.forEach((vector, k) => {
        const row = firstRows[batch[k]];
        requireFinite(vector, sentences[row], row, parts.name);
      });
    }
    await onBatch({ sentences: batch, vectors }, distinct);
    done += batch.length;
    onProgress?.(done, firstRows.length);
  }
  return distinct;
}

/** Length of the vectors that a maker makes: the empty sentence tells it (a graph need not declare it), and that the graph runs at all. */
export async function probeDimension(parts: RunParts, maker: VectorMaker): Promise<number> {
  const [[probe]] = await runBatch(parts, [maker], [parts.tokenizer.encode(parts.prepare(''))]);
  return probe.length;
}

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
  { tokenizer, prepare }: RunParts,
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

/** For each maker the vectors of a batch, in its order. */
async function runBatch(
  parts: RunParts,
  makers: readonly VectorMaker[],
  sequences: readonly TokenSequence[],
): Promise<Float64Array[][]> {
  const { session, inputs } = parts;
  const width = inputs.fixedWidth ?? sequences.reduce((longest, { ids }) => Math.max(longest, ids.length), 1);
  const fetches = [...new Set(makers.flatMap(({ recipe }) => outputsOf(recipe)))];
  const outputs = await session.run(inputs.feed(sequences, width), fetches);
  const pool = poolOnce(parts, outputs, sequences);
  return makers.map(({ recipe, head, isNormalized }) => {
    const pooled =
      recipe.kind === 'tokens'
        ? average(recipe.outputs.map((output) => pool(output, recipe.pooling)))
        : rowsOf(outputs[recipe.output]);
    return pooled.map((vector) => {
      const result = head.reduce((current, layer) => layer.apply(current), vector);
      if (isNormalized) normalizeVector(result);
      return result;
    });
  });
}

/** Pools an output, each output in each way once. */
function poolOnce(
  { skippedTokens, name: model }: RunParts,
  outputs: Readonly<Record<string, Tensor>>,
  sequences: readonly TokenSequence[],
): (output: string, pooling: TokenPooling) => readonly Float64Array[] {
  const lengths = sequences.map(({ ids }) => ids.length);
  const longest = lengths.reduce((most, length) => Math.max(most, length), 0);
  const known = new Map<string, readonly Float64Array[]>();
  return (name, pooling) => {
    const key = `${pooling} ${name}`;
    const found = known.get(key);
    if (found) return found;
    const { dims } = outputs[name];
    if (dims.length !== 3 || dims[0] !== sequences.length || dims[1] < longest) {
      throw new IsoscopeError(
        'encoder',
        `The tensor "${name}" of ${model} holds no vector per token (its shape is ${dims.join(' × ')}).`,
      );
    }
    const tokens = { data: toFloat32(outputs[name]), width: dims[1], dimension: dims[2], lengths };
    const pooled: Float64Array[] = [];
    poolTokens(tokens, pooling, skippedTokens, (_, vector) => pooled.push(vector.slice()));
    known.set(key, pooled);
    return pooled;
  };
}

/** The averages of vectors of equal place, in memory of their own: what follows works in place. */
function average(lists: readonly (readonly Float64Array[])[]): Float64Array[] {
  return lists[0].map((first, i) => {
    const sum = first.slice();
    for (const list of lists.slice(1)) for (let j = 0; j < sum.length; j++) sum[j] += list[i][j];
    if (lists.length > 1) for (let j = 0; j < sum.length; j++) sum[j] /= lists.length;
    return sum;
  });
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
  // One number that is not finite makes the sum so; a loop takes a tenth of the time of `every`.
  let sum = 0;
  for (let j = 0; j < vector.length; j++) sum += Math.abs(vector[j]);
  if (Number.isFinite(sum)) return;
  throw new IsoscopeError(
    'encoder',
    `${model} gives numbers that are not finite for sentence ${row + 1} ("${sentence.slice(0, 40)}"): its float16 range may be exceeded; try another variant.`,
  );
}
