import { IsoscopeError } from '../protocol/errors';
import type { Tensor, TensorData, TensorInfo, TensorType } from '../runtime/runtime';
import type { TokenSequence } from './tokenizer/tokenizer';

/** What the sentences' encoder feeds: the inputs a graph declares, by name and type. */
export interface GraphInputs {
  /** a batch of exactly this many sentences, where the graph fixes it */
  readonly fixedSentences: number | null;
  /** sentences of exactly this many tokens (padded), where the graph fixes it */
  readonly fixedWidth: number | null;
  /** tensors of shape [sentences, width] */
  feed(sequences: readonly TokenSequence[], width: number): Record<string, Tensor>;
}

export interface InputNumbers {
  readonly padId: number;
  /** position of the first token: 0, or pad id + 1 in the RoBERTa family */
  readonly firstPosition: number;
}

/** What is fed for token `k` of a sentence; `null` in place of a sentence's token is padding. */
type Meaning = (sequence: TokenSequence, k: number, isPadding: boolean, numbers: InputNumbers) => number;

const meanings: ReadonlyMap<string, Meaning> = new Map<string, Meaning>([
  ['input_ids', (sequence, k, isPadding, { padId }) => (isPadding ? padId : sequence.ids[k])],
  ['attention_mask', (_, __, isPadding) => (isPadding ? 0 : 1)],
  ['token_type_ids', (sequence, k, isPadding) => (isPadding ? 0 : (sequence.typeIds?.[k] ?? 0))],
  // Padding takes the last token's position: it is always one that the model has.
  [
    'position_ids',
    (sequence, k, isPadding, { firstPosition }) => firstPosition + (isPadding ? sequence.ids.length - 1 : k),
  ],
]);
/** Other names of the same, as older exports have them. */
const aliases: Readonly<Record<string, string>> = { input_mask: 'attention_mask', segment_ids: 'token_type_ids' };

/**
 * @param file of the graph, for errors
 * @throws IsoscopeError `encoder` when the graph asks for an input that a sentence does not give, or of an unusable type
 */
export function readGraphInputs(inputs: readonly TensorInfo[], file: string, numbers: InputNumbers): GraphInputs {
  const known = inputs.map((input) => {
    const meaning = meanings.get(aliases[input.name] ?? input.name);
    if (!meaning) {
      throw new IsoscopeError(
        'encoder',
        `${file} asks for the input "${input.name}", which a sentence encoder is not given: export the model for feature extraction.`,
      );
    }
    if (!(input.type in arrays)) {
      throw new IsoscopeError(
        'encoder',
        `${file} wants its input "${input.name}" as ${input.type}, which Isoscope cannot give.`,
      );
    }
    return { ...input, meaning };
  });
  if (!inputs.some((input) => input.name === 'input_ids')) {
    throw new IsoscopeError('encoder', `${file} takes no input_ids: it is not a graph of a text encoder.`);
  }
  const fixedAxis = (axis: number) => {
    const size = inputs.map((input) => input.shape[axis]).find((length) => typeof length === 'number' && length > 0);
    return typeof size === 'number' ? size : null;
  };
  return {
    fixedSentences: fixedAxis(0),
    fixedWidth: fixedAxis(1),
    feed(sequences, width) {
      const dims = [sequences.length, width];
      return Object.fromEntries(
        known.map(({ name, type, meaning }) => [
          name,
          { type, dims, data: fill(type, sequences, width, meaning, numbers) },
        ]),
      );
    },
  };
}

const arrays: Partial<Record<TensorType, new (length: number) => TensorData>> = {
  int64: BigInt64Array,
  int32: Int32Array,
  bool: Uint8Array,
  float32: Float32Array,
};

function fill(
  type: TensorType,
  sequences: readonly TokenSequence[],
  width: number,
  meaning: Meaning,
  numbers: InputNumbers,
): TensorData {
  const data = new arrays[type]!(sequences.length * width);
  // The lower halves of 64-bit numbers that are never negative: a BigInt per token takes ten times as long. All platforms here are little-endian.
  const isLong = data instanceof BigInt64Array;
  const target = isLong ? new Int32Array(data.buffer) : data;
  const step = isLong ? 2 : 1;
  sequences.forEach((sequence, i) => {
    const { length } = sequence.ids;
    for (let k = 0; k < width; k++) target[(i * width + k) * step] = meaning(sequence, k, k >= length, numbers);
  });
  return data;
}
