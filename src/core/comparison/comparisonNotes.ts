import { HUBNESS_K } from '../geometry/hubness';
import type { SpaceComparison } from '../protocol/comparison';
import type { Note } from '../protocol/snapshot';

/** A reason for every `null` of a comparison: each null key is among the `keys` of a note. */
export function explainComparison({ neighbours, linearCka, procrustes, rsa }: SpaceComparison): Note[] {
  const notes: Note[] = [];
  const add = (code: string, keys: readonly string[], message: string): void => {
    notes.push({ code, message, keys: keys.map((key) => `comparison.${key}`) });
  };
  if (neighbours === null) {
    const k = String(HUBNESS_K);
    add(
      'few-rows-for-neighbour-change',
      ['neighbours'],
      `Comparing ${k} neighbours needs more than ${k} rows whose vectors have a length other than 0 in both spaces.`,
    );
  }
  if (linearCka === null || procrustes === null) {
    add(
      'no-variance-to-compare',
      ['linearCka', 'procrustes'],
      'In one of the spaces all vectors are equal: nothing varies that could be compared.',
    );
  } else if (linearCka.debiased === null) {
    add(
      'no-debiased-cka',
      ['linearCka.debiased'],
      'The debiased CKA needs at least four rows whose similarities differ.',
    );
  }
  if (rsa === null) {
    add('no-pairs-to-compare', ['rsa'], 'There are not two pairs of vectors that have a cosine in both spaces.');
  } else if (rsa.spearman === null) {
    add(
      'equal-cosines',
      ['rsa.spearman'],
      'In one of the spaces all pairs have the same cosine: ranks of equals have no correlation.',
    );
  }
  return notes;
}
