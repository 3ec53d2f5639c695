import type { Matrix } from '../linalg/matrix';
import { breathe } from './breathe';
import { clampCosine } from './pairProducts';
import { samplePairs } from './pairSample';
import { inverseNorms, rowNorms } from './rowNorms';

/** Pairs that rank correlations stand on: their sampling error is then 0.003, and an edit distance of each takes a quarter of a second. */
export const AIMED_PAIRS = 100_000;
const PAIRS_PER_TURN = 8192;
/** Cosines that are equal in exact arithmetic differ by some 1e-15 in float64, and a rank must not be decided by that. */
export const EQUAL_COSINES = 1e-12;

/** Pairs of rows i ≠ j one by one, so that several measures can be taken of the same pair. */
export interface AimedPairs {
  readonly first: Int32Array;
  readonly second: Int32Array;
}

/** All pairs of `count` rows, or as many as the limit drawn with the seed. */
export function aimPairs(count: number, seed: number, limit = AIMED_PAIRS): AimedPairs {
  const pairs = samplePairs(count, seed, limit);
  if (pairs.kind === 'drawn') return pairs;
  const first = new Int32Array(pairs.pairCount);
  const second = new Int32Array(pairs.pairCount);
  let at = 0;
  for (let i = 0; i < count; i++) {
    for (let j = i + 1; j < count; j++) {
      first[at] = i;
      second[at++] = j;
    }
  }
  return { first, second };
}

/**
 * Cosine of each pair, in the order of the pairs, float64; NaN where a row has length 0.
 * @param matrix shape [N, d]
 */
export async function cosinesOfPairs(
  matrix: Matrix,
  { first, second }: AimedPairs,
  signal?: AbortSignal,
): Promise<Float64Array> {
  const { data, columns } = matrix;
  const inverse = inverseNorms(rowNorms(matrix));
  const cosines = new Float64Array(first.length);
  for (let pair = 0; pair < first.length; pair++) {
    if (pair % PAIRS_PER_TURN === 0) await breathe(signal);
    const [i, j] = [first[pair], second[pair]];
    const [a, b] = [i * columns, j * columns];
    const [inverseA, inverseB] = [inverse[i], inverse[j]];
    let product = 0;
    // Unit rows first: the product of two short rows could vanish.
    for (let k = 0; k < columns; k++) product += data[a + k] * inverseA * (data[b + k] * inverseB);
    cosines[pair] = inverseA > 0 && inverseB > 0 ? clampCosine(product) : NaN;
  }
  return cosines;
}

/** The entries of several samples at the places where none of them is NaN. */
export function withoutMissing(...samples: readonly Float64Array[]): Float64Array[] {
  const isMissing = (at: number): boolean => samples.some((sample) => Number.isNaN(sample[at]));
  const length = samples[0]?.length ?? 0;
  const kept: number[] = [];
  for (let at = 0; at < length; at++) if (!isMissing(at)) kept.push(at);
  if (kept.length === length) return [...samples];
  return samples.map((sample) => Float64Array.from(kept, (at) => sample[at]));
}
