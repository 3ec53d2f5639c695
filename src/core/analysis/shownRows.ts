import { createRandom, sampleWithoutReplacement } from '../linalg/random';

/** More points than this are no picture any more, and slow to draw: the page has a layer of its own for so many. */
export const SHOWN_ROWS_LIMIT = 100_000;

/** Rows that the planes show, ascending: `null` = all, a seeded sample of them above the limit. */
export function chooseShownRows(count: number, seed: number): Uint32Array | null {
  return count <= SHOWN_ROWS_LIMIT ? null : sampleWithoutReplacement(createRandom(seed), count, SHOWN_ROWS_LIMIT);
}
