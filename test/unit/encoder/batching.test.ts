import { describe, expect, it } from 'vitest';
import { planBatches, tokenBudget } from '../../../src/core/encoder/batching';

const rules = { tokenBudget: 100, maxSentences: Infinity, isUnpadded: false };
const lengths = [5, 40, 3, 40, 5, 120, 7, 5, 1, 33];

describe('planBatches', () => {
  it('takes every sentence once, longest first, within the budget', () => {
    const batches = planBatches(lengths, rules);
    expect(batches.flat().sort((a, b) => a - b)).toEqual([...lengths.keys()]);
    for (const batch of batches) {
      const widths = batch.map((i) => lengths[i]);
      expect(widths).toEqual([...widths].sort((a, b) => b - a));
      expect(batch.length === 1 || batch.length * widths[0] <= 100).toBe(true);
    }
    expect(batches[0]).toEqual([5]);
  });

  it('pads little: 2 % of the tokens where lengths are those of a real file', () => {
    const many = Array.from({ length: 2000 }, (_, i) => 6 + ((i * 7919) % 17) + (i % 50 === 0 ? 40 : 0));
    const padded = planBatches(many, { ...rules, tokenBudget: 512 }).reduce(
      (sum, batch) => sum + batch.length * many[batch[0]],
      0,
    );
    expect(padded / many.reduce((sum, length) => sum + length, 0)).toBeLessThan(1.04);
  });

  it('keeps different lengths apart where padding is not wanted, and single sentences alone', () => {
    for (const batch of planBatches(lengths, { ...rules, isUnpadded: true })) {
      expect(new Set(batch.map((i) => lengths[i])).size).toBe(1);
    }
    expect(planBatches(lengths, { ...rules, maxSentences: 1 })).toHaveLength(lengths.length);
  });

  it('plans nothing for no sentences, and a batch for sentences without tokens', () => {
    expect(planBatches([], rules)).toEqual([]);
    expect(planBatches([0, 0], rules)).toEqual([[0, 1]]);
  });
});

it('gives large models smaller batches', () => {
  expect(tokenBudget(6, 384)).toBe(512);
  expect(tokenBudget(3, 32)).toBe(512);
  expect(tokenBudget(24, 1024)).toBe(128);
  expect(tokenBudget(12, 384)).toBe(256);
});
