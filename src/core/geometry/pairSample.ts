import { createRandom } from '../linalg/random';

/** Up to as many pairs all of them are taken, beyond it as many are drawn (cli.md, cosineQuantiles). */
export const PAIR_LIMIT = 2_000_000;

/** Pairs of rows i ≠ j of N: all of them, or drawn ones. */
export type PairSample = AllPairs | DrawnPairs;

/** Every pair i < j. */
export interface AllPairs {
  readonly kind: 'all';
  /** N */
  readonly rowCount: number;
  /** N(N − 1)/2 */
  readonly pairCount: number;
}

/** Independent uniform draws (one pair can come twice), first < second, by first row so that a pass over them reads each row once as the first. */
export interface DrawnPairs {
  readonly kind: 'drawn';
  readonly rowCount: number;
  readonly pairCount: number;
  /** rows, ascending, length pairCount */
  readonly first: Int32Array;
  /** rows, each greater than its `first` */
  readonly second: Int32Array;
}

/**
 * The pairs that a similarity distribution stands on.
 * @param count N rows
 * @param seed of the draw
 * @param limit all pairs are taken up to it
 */
export function samplePairs(count: number, seed: number, limit = PAIR_LIMIT): PairSample {
  const possible = (count * Math.max(0, count - 1)) / 2;
  if (possible <= limit) return { kind: 'all', rowCount: count, pairCount: possible };
  const random = createRandom(seed);
  const lower = new Int32Array(limit);
  const higher = new Int32Array(limit);
  for (let at = 0; at < limit; at++) {
    const i = random.integer(count);
    // A row other than i, each with the same chance.
    const drawn = random.integer(count - 1);
    const j = drawn < i ? drawn : drawn + 1;
    lower[at] = Math.min(i, j);
    higher[at] = Math.max(i, j);
  }
  return { kind: 'drawn', rowCount: count, pairCount: limit, ...sortByFirst(lower, higher, count) };
}

/** Counting sort: linear, and stable, so that the order is the seed's alone. */
function sortByFirst(lower: Int32Array, higher: Int32Array, count: number): Pick<DrawnPairs, 'first' | 'second'> {
  const next = new Int32Array(count + 1);
  for (const row of lower) next[row + 1]++;
  for (let row = 0; row < count; row++) next[row + 1] += next[row];
  const first = new Int32Array(lower.length);
  const second = new Int32Array(lower.length);
  for (let at = 0; at < lower.length; at++) {
    const place = next[lower[at]]++;
    first[place] = lower[at];
    second[place] = higher[at];
  }
  return { first, second };
}
