import { aimPairs, cosinesOfPairs, type AimedPairs } from '../geometry/aimedPairs';
import { rowNorms } from '../geometry/rowNorms';
import {
  COMPARED_CHARACTERS,
  editDistances,
  lengthDifferences,
  lexicalLeakage,
  normWithLength,
  sentenceLengths,
} from '../geometry/textStatistics';
import type { Matrix } from '../linalg/matrix';
import type { SpaceTextStatistics } from '../protocol/comparison';
import type { Note } from '../protocol/snapshot';

/** Pairs of rows, the same for all spaces of a corpus, and what is on the surface of their sentences. */
export interface Surface {
  readonly pairs: AimedPairs;
  /** of the raw space, in the order of the pairs; NaN where a row has length 0 */
  readonly rawCosines: Float64Array;
  /** `null` where there is no text */
  readonly text: SurfaceText | null;
}

export interface SurfaceText {
  /** characters of each sentence, length N */
  readonly lengths: Float64Array;
  /** of each pair */
  readonly editDistances: Float64Array;
  readonly lengthDifferences: Float64Array;
  /** sentences of which only the beginning is compared */
  readonly cutCount: number;
}

/** @param seed of the drawn pairs */
export async function measureSurface(
  raw: Matrix,
  sentences: readonly string[] | null,
  seed: number,
  signal?: AbortSignal,
): Promise<Surface> {
  const pairs = aimPairs(raw.rows, seed);
  const rawCosines = await cosinesOfPairs(raw, pairs, signal);
  if (sentences === null) return { pairs, rawCosines, text: null };
  const lengths = sentenceLengths(sentences);
  const text = {
    lengths,
    editDistances: await editDistances(sentences, pairs, signal),
    lengthDifferences: lengthDifferences(lengths, pairs),
    cutCount: sentences.reduce((count, { length }) => (length > COMPARED_CHARACTERS ? count + 1 : count), 0),
  };
  return { pairs, rawCosines, text };
}

/** What the text alone explains of one space. @param cosines of the surface's pairs */
export function textStatistics(matrix: Matrix, cosines: Float64Array, text: SurfaceText): SpaceTextStatistics {
  return {
    normWithLength: normWithLength(rowNorms(matrix), text.lengths),
    lexicalLeakage: lexicalLeakage(cosines, text.editDistances, text.lengthDifferences),
  };
}

/** A reason for every `null`, and what the numbers alone do not tell. */
export function explainText(
  { normWithLength: norms, lexicalLeakage: leakage }: SpaceTextStatistics,
  { lengths, cutCount }: SurfaceText,
  space: 'raw' | 'transformed',
): Note[] {
  const notes: Note[] = [];
  const add = (code: string, key: string, message: string): void => {
    notes.push({ code, message, keys: [`text.${space}.${key}`] });
  };
  if (norms === null) {
    if (lengths.length < 3)
      add(
        'few-rows-for-text',
        'normWithLength',
        'A correlation of vector length and text length needs three sentences.',
      );
    else if (lengths.every((length) => length === lengths[0]))
      add(
        'equal-sentence-lengths',
        'normWithLength',
        'All sentences are equally long: nothing can go with their length.',
      );
    else
      add(
        'equal-vector-lengths',
        'normWithLength',
        'All vectors are equally long: their length has nothing to do with that of the text.',
      );
  }
  if (leakage === null) {
    add(
      'few-pairs-for-text',
      'lexicalLeakage',
      'Comparing cosines with spelling needs three pairs that have a cosine.',
    );
    return notes;
  }
  for (const key of ['editDistance', 'lengthDifference'] as const) {
    if (leakage[key] === null)
      add(
        'equal-surface',
        `lexicalLeakage.${key}`,
        'All pairs have the same cosine, or are equally alike on the surface: ranks of equals have no correlation.',
      );
  }
  if (cutCount > 0) {
    add(
      'long-sentences',
      'lexicalLeakage.editDistance',
      `Edit distances compare the first ${String(COMPARED_CHARACTERS)} characters of a sentence; ${String(cutCount)} of ${String(lengths.length)} are longer.`,
    );
  }
  return notes;
}
