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

/** Independent uniform draws (one pair can come twice), sorted by first row so that a pass over them reads each row once as the first of a pair. */
export interface DrawnPairs {
  readonly kind: 'drawn';
  readonly rowCount: number;
  readonly pairCount: number;
  /** rows, ascending, length pairCount */
  readonly first: Int32Array;
  /** rows, never equal to their `first` */
  readonly second: Int32Array;
}

/**
 * The pairs that a similarity distribution stands on.
 * @param count N rows
 * @param seed of the draw
 * @param limit all pairs are taken up to it
 */
export function samplePairs(count: number, seed: number, limit = PAIR_LIMIT): PairSample {
  const possible = (count * (count - 1)) / 2;
  if (possible <= limit) return { kind: 'all', rowCount: count, pairCount: possible };
  const random = createRandom(seed);
  // One number per ordered pair, i·(N − 1) + j′ with j′ counted without i: sorting them sorts the pairs.
  const codes = new Float64Array(limit);
  for (let at = 0; at < limit; at++) codes[at] = random.integer(count) * (count - 1) + random.integer(count - 1);
  codes.sort();
  const first = new Int32Array(limit);
  const second = new Int32Array(limit);
  for (let at = 0; at < limit; at++) {
    const i = Math.floor(codes[at] / (count - 1));
    const other = codes[at] - i * (count - 1);
    first[at] = i;
    second[at] = other < i ? other : other + 1;
  }
  return { kind: 'drawn', rowCount: count, pairCount: limit, first, second };
}
