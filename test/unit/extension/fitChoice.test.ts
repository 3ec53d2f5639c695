import { describe, expect, it } from 'vitest';
import { applyFit, drawHalves } from '../../../src/extension/runs/fitChoice';
import type { AnalysisQuestion } from '../../../src/extension/runs/runState';
import { englishL10n } from './englishL10n';

function questionOf(count: number): AnalysisQuestion {
  return {
    source: 'notes.txt',
    sentences: Array.from({ length: count }, (_, row) => `sentence ${row}`),
    lines: Uint32Array.from({ length: count }, (_, row) => 2 * row),
    encoder: { encoder: 'embedded' },
    transform: 'pca',
    seed: 7,
  };
}

describe('halves', () => {
  it.each([8, 9, 100])('%i rows are in one of them each, ascending, the same again with the same seed', (count) => {
    const { fitted, shown } = drawHalves(count, 3);
    expect([...fitted, ...shown].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, row) => row));
    expect(shown.length - fitted.length).toBe(count % 2);
    for (const half of [fitted, shown]) expect(half).toEqual([...half].sort((a, b) => a - b));
    expect(drawHalves(count, 3)).toEqual({ fitted, shown });
  });

  it('differ with the seed', () => {
    expect(drawHalves(100, 1).fitted).not.toEqual(drawHalves(100, 2).fitted);
  });
});

describe('a question with its fit', () => {
  it('is left alone when fitted on itself', () => {
    const question = questionOf(20);
    expect(applyFit(question, { on: 'self' }, englishL10n)).toBe(question);
  });

  it('shows one half on its own lines and fits on the other', () => {
    const question = questionOf(20);
    const { sentences, lines, fitOn } = applyFit(question, { on: 'half' }, englishL10n);
    expect(sentences).toHaveLength(10);
    expect([...lines]).toEqual(sentences.map((sentence) => 2 * Number(sentence.slice(9))));
    expect([...sentences, ...(fitOn?.sentences ?? [])].sort()).toEqual([...question.sentences].sort());
  });

  it('keeps all lines when fitted on another file', () => {
    const fit = { on: 'file', source: 'other.txt', sentences: ['a', 'b'] } as const;
    expect(applyFit(questionOf(20), fit, englishL10n)).toMatchObject({
      sentences: { length: 20 },
      fitOn: { source: 'other.txt', sentences: ['a', 'b'] },
    });
  });

  it('says how many sentences halves need', () => {
    expect(() => applyFit(questionOf(7), { on: 'half' }, englishL10n)).toThrow(/7 sentences are too few .* 8 or more/);
  });
});
