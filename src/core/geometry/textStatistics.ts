import { distance } from 'fastest-levenshtein';
import type { LexicalLeakage, NormWithLength } from '../protocol/comparison';
import { EQUAL_COSINES, withoutMissing, type AimedPairs } from './aimedPairs';
import { breathe } from './breathe';
import { pearsonCorrelation, spearmanCorrelation } from './rankCorrelation';

/** Edit distances compare the beginnings of sentences: their cost grows with the square of the length. */
export const COMPARED_CHARACTERS = 256;
/** Lengths of vectors that differ by no more, relatively, are equal but for rounding: those of normalised rows, of float16 ones too. */
const EQUAL_LENGTHS = 1e-4;
const PAIRS_PER_TURN = 2048;

/** Unicode code points of each sentence, as Python's `len`. */
export function sentenceLengths(sentences: readonly string[]): Float64Array {
  return Float64Array.from(sentences, (sentence) => {
    let length = 0;
    // Of a surrogate pair the second half is not counted.
    for (let at = 0; at < sentence.length; at++) {
      if (isLowSurrogate(sentence.charCodeAt(at)) && at > 0 && isHighSurrogate(sentence.charCodeAt(at - 1))) continue;
      length++;
    }
    return length;
  });
}

/**
 * Correlation of ‖x_i‖ with the length of the sentence. `null` where all vectors are equally long but for rounding, or all sentences are, or there are
 * fewer than three rows.
 */
export function normWithLength(norms: Float64Array, lengths: Float64Array): NormWithLength | null {
  const count = norms.length;
  if (count < 3 || isConstant(norms, EQUAL_LENGTHS) || isConstant(lengths, 0)) return null;
  return { count, pearson: pearsonCorrelation(norms, lengths), spearman: spearmanCorrelation(norms, lengths) };
}

/** Edit distance of each pair over the longer of the two (Levenshtein, UTF-16 units, beginnings of 256), 0 … 1; two empty sentences: 0. */
export async function editDistances(
  sentences: readonly string[],
  { first, second }: AimedPairs,
  signal?: AbortSignal,
): Promise<Float64Array> {
  const beginnings = sentences.map((sentence) => sentence.slice(0, COMPARED_CHARACTERS));
  const distances = new Float64Array(first.length);
  for (let pair = 0; pair < first.length; pair++) {
    if (pair % PAIRS_PER_TURN === 0) await breathe(signal);
    distances[pair] = editDistance(beginnings[first[pair]], beginnings[second[pair]]);
  }
  return distances;
}

/** Edit distance over the longer length, 0 … 1. */
export function editDistance(a: string, b: string): number {
  const longest = Math.max(a.length, b.length);
  return longest === 0 ? 0 : distance(a, b) / longest;
}

/**
 * Spearman of the cosines of pairs with what is on the surface of their sentences. `null` for fewer than three pairs that have a cosine.
 * @param cosines of the pairs; NaN = none
 */
export function lexicalLeakage(
  cosines: Float64Array,
  distances: Float64Array,
  lengthDifferences: Float64Array,
): LexicalLeakage | null {
  const [kept, edits, differences] = withoutMissing(cosines, distances, lengthDifferences);
  if (kept.length < 3) return null;
  return {
    count: kept.length,
    editDistance: spearmanCorrelation(kept, edits, [EQUAL_COSINES, 0]),
    lengthDifference: spearmanCorrelation(kept, differences, [EQUAL_COSINES, 0]),
  };
}

/** |length_i − length_j| of each pair. */
export function lengthDifferences(lengths: Float64Array, { first, second }: AimedPairs): Float64Array {
  return new Float64Array(first.length).map((_, pair) => Math.abs(lengths[first[pair]] - lengths[second[pair]]));
}

/** @param spread relative deviation from the mean that is rounding */
function isConstant(values: Float64Array, spread: number): boolean {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.every((value) => Math.abs(value - mean) <= spread * Math.abs(mean));
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
