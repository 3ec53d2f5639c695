import { assertNever } from '../protocol/errors';

/** Ways from the token vectors of one layer to a sentence's vector (names of the command line). */
export const tokenPoolings = ['cls', 'mean', 'max', 'last-token', 'weighted-mean', 'mean-sqrt-len'] as const;
export type TokenPooling = (typeof tokenPoolings)[number];

/** `pooler` is the model's own head on [CLS] (dense and tanh); `first-last` averages blocks 1 and L, `last-2` blocks L − 1 and L, both then take the mean. */
export const poolings = [...tokenPoolings, 'pooler', 'first-last', 'last-2'] as const;
export type Pooling = (typeof poolings)[number];

/** Token vectors of a batch: row-major [sentences, width, dimension]; sentence i has its tokens at 0 … lengths[i] − 1, padding after them. */
export interface TokenVectors {
  readonly data: Float32Array;
  readonly width: number;
  readonly dimension: number;
  readonly lengths: readonly number[];
}

/**
 * Pools each sentence's tokens, [CLS] and [SEP] included, padding not; sums in float64. Definitions as sentence-transformers' Pooling: `weighted-mean` weighs token i
 * (from 1) by i, `mean-sqrt-len` divides the sum by √tokens, `last-token` is the last attended one.
 * @param skip leading tokens of each sentence that do not count (a prompt that is left out); ignored by cls and last-token
 * @param write receives sentence and vector; the vector is reused for the next one
 */
export function poolTokens(
  tokens: TokenVectors,
  pooling: TokenPooling,
  skip: number,
  write: (sentence: number, vector: Float64Array) => void,
): void {
  const vector = new Float64Array(tokens.dimension);
  tokens.lengths.forEach((length, sentence) => {
    poolSentence(tokens, sentence, Math.min(skip, length - 1), length, pooling, vector);
    write(sentence, vector);
  });
}

function poolSentence(
  tokens: TokenVectors,
  sentence: number,
  first: number,
  length: number,
  pooling: TokenPooling,
  vector: Float64Array,
): void {
  const { data, width, dimension } = tokens;
  const start = sentence * width * dimension;
  switch (pooling) {
    case 'cls':
      copyToken(data, start, vector);
      return;
    case 'last-token':
      copyToken(data, start + (length - 1) * dimension, vector);
      return;
    case 'max':
      copyToken(data, start + first * dimension, vector);
      for (let token = first + 1; token < length; token++) {
        const offset = start + token * dimension;
        for (let j = 0; j < dimension; j++) if (data[offset + j] > vector[j]) vector[j] = data[offset + j];
      }
      return;
    case 'mean':
      sumTokens(tokens, start, first, length, vector);
      scale(vector, 1 / (length - first));
      return;
    case 'mean-sqrt-len':
      sumTokens(tokens, start, first, length, vector);
      scale(vector, 1 / Math.sqrt(length - first));
      return;
    case 'weighted-mean': {
      vector.fill(0);
      let weights = 0;
      for (let token = first; token < length; token++) {
        const weight = token + 1;
        weights += weight;
        const offset = start + token * dimension;
        for (let j = 0; j < dimension; j++) vector[j] += weight * data[offset + j];
      }
      scale(vector, 1 / weights);
      return;
    }
    default:
      assertNever(pooling);
  }
}

function sumTokens(tokens: TokenVectors, start: number, first: number, length: number, vector: Float64Array): void {
  const { data, dimension } = tokens;
  vector.fill(0);
  let token = first;
  // Four at a time: the sums are read and written a quarter as often.
  for (; token + 4 <= length; token += 4) {
    const a = start + token * dimension;
    const b = a + dimension;
    const c = b + dimension;
    const d = c + dimension;
    for (let j = 0; j < dimension; j++) vector[j] += data[a + j] + data[b + j] + (data[c + j] + data[d + j]);
  }
  for (; token < length; token++) {
    const offset = start + token * dimension;
    for (let j = 0; j < dimension; j++) vector[j] += data[offset + j];
  }
}

function copyToken(data: Float32Array, offset: number, vector: Float64Array): void {
  for (let j = 0; j < vector.length; j++) vector[j] = data[offset + j];
}

function scale(vector: Float64Array, factor: number): void {
  for (let j = 0; j < vector.length; j++) vector[j] *= factor;
}

/** To unit length, in place; a vector of length 0 stays as it is. */
export function normalizeVector(vector: Float64Array): void {
  let squares = 0;
  for (let j = 0; j < vector.length; j++) squares += vector[j] ** 2;
  if (squares > 0) scale(vector, 1 / Math.sqrt(squares));
}
