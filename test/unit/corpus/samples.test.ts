import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseDelimited } from '../../../src/core/corpus/delimited';
import { readSentences } from '../../../src/core/corpus/sentences';
import { decodeText } from '../../../src/core/corpus/textFile';

const sample = (name: string) => decodeText(readFileSync(path.join(__dirname, '../../../media/samples', name)), name);

describe('the sample corpus', () => {
  const { sentences } = readSentences(sample('support-messages.txt'));
  const [header, ...pairs] = [...parseDelimited(sample('support-pairs.csv'), ',', 'support-pairs.csv')];

  it('has some 300 messages with the faults of real text', () => {
    expect(sentences.length).toBeGreaterThanOrEqual(280);
    expect(sentences.length - new Set(sentences).size).toBeGreaterThanOrEqual(10);
    expect(sentences.filter((sentence) => sentence.includes('Kettlebee help form')).length).toBeGreaterThanOrEqual(10);
    // 256 tokens are some 200 words.
    expect(Math.max(...sentences.map((sentence) => sentence.split(' ').length))).toBeGreaterThan(300);
  });

  it('has labelled pairs of these messages, balanced over the scale', () => {
    expect(header.cells).toEqual(['first', 'second', 'score']);
    expect(pairs.length).toBeGreaterThanOrEqual(110);
    const known = new Set(sentences);
    const counts = new Map<string, number>();
    for (const { cells } of pairs) {
      const [first = '', second = '', score = ''] = cells;
      expect(cells).toHaveLength(3);
      expect(known.has(first), first).toBe(true);
      expect(known.has(second), second).toBe(true);
      counts.set(score, (counts.get(score) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual(['0', '1', '2', '3', '4', '5']);
    expect(Math.max(...counts.values())).toBeLessThan(1.2 * Math.min(...counts.values()));
  });
});
