/** How sentences may be put together in one run of a graph. */
export interface BatchRules {
  /** most tokens of a batch, padding included; a longer sentence is a batch of its own */
  readonly tokenBudget: number;
  /** most sentences of a batch */
  readonly maxSentences: number;
  /** only sentences of equal length together: nothing is padded */
  readonly isUnpadded: boolean;
}

/**
 * Sentences sorted by length, longest first, cut into batches. Sorting keeps padding near 2 % of the tokens (in the order of a file it is 65 %). Longest first, so that
 * the most memory is asked for at once and the progress never slows down.
 * @param lengths tokens of each sentence
 * @returns indices into `lengths`, each once; the sentences of a batch in order of falling length, equal ones by index
 */
export function planBatches(lengths: readonly number[], rules: BatchRules): number[][] {
  const order = Array.from(lengths.keys()).sort((a, b) => lengths[b] - lengths[a] || a - b);
  const batches: number[][] = [];
  for (let start = 0; start < order.length;) {
    const width = Math.max(1, lengths[order[start]]);
    const most = Math.max(1, Math.min(Math.floor(rules.tokenBudget / width), rules.maxSentences));
    let end = start + 1;
    while (end < order.length && end - start < most && (!rules.isUnpadded || lengths[order[end]] === width)) end++;
    batches.push(order.slice(start, end));
    start = end;
  }
  return batches;
}

/**
 * Processor seconds of the embedded encoder on half of STS-B's test sentences, one thread, by budget: 128 6.3, 256 6.0, 512 5.9, 1,024 6.4, 2,048 8.1, 4,096 9.3
 * (a larger batch leaves the cache).
 */
const SMALL_MODEL_BUDGET = 512;
const SMALLEST_BUDGET = 128;
/** Weights of the blocks of the embedded encoder: 6 blocks of 12 · 384². */
const SMALL_MODEL_WEIGHTS = 12 * 384 ** 2 * 6;

/**
 * Tokens of a batch. Larger models get smaller batches, so that a batch stays below a second and cancelling is prompt; it depends on the model alone, so that the
 * same sentences always make the same batches.
 */
export function tokenBudget(blocks: number, dimension: number): number {
  const weights = 12 * dimension ** 2 * blocks;
  const budget = SMALL_MODEL_BUDGET * (SMALL_MODEL_WEIGHTS / Math.max(1, weights));
  return Math.round(Math.min(SMALL_MODEL_BUDGET, Math.max(SMALLEST_BUDGET, budget)));
}
