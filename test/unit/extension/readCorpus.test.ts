import { describe, expect, it } from 'vitest';
import { IsoscopeError } from '../../../src/core/protocol/errors';
import { readCorpus, type CorpusOptions } from '../../../src/extension/runs/readCorpus';
import { suggestTransform } from '../../../src/extension/runs/suggestTransform';
import { englishL10n } from './englishL10n';

const options: CorpusOptions = { title: 'notes.txt', isInScope: null, maxLines: 100, l10n: englishL10n };

function refusal(text: string, changed: Partial<CorpusOptions> = {}): string {
  try {
    readCorpus(text, { ...options, ...changed });
  } catch (error) {
    expect(error).toBeInstanceOf(IsoscopeError);
    expect((error as IsoscopeError).reason).toBe('input');
    return (error as IsoscopeError).message;
  }
  throw new Error('was not refused');
}

describe('readCorpus', () => {
  it('gives sentences with their lines', () => {
    const { sentences, lines } = readCorpus('one\r\n\r\n two \n', options);
    expect(sentences).toEqual(['one', ' two ']);
    expect([...lines]).toEqual([0, 2]);
  });

  it('reads only the lines in scope', () => {
    const { sentences, lines } = readCorpus('a\nb\n\nc\nd', {
      ...options,
      isInScope: (line) => line >= 1 && line <= 3,
    });
    expect(sentences).toEqual(['b', 'c']);
    expect([...lines]).toEqual([1, 3]);
  });

  it('refuses what has no geometry, in one sentence that names the file and a way on', () => {
    const messages = [
      refusal(''),
      refusal(' \n\n\t'),
      refusal('only one'),
      refusal('same\nsame\n\nsame'),
      refusal('\u0000\u0001\u0002\u0003PNG\nx'),
      refusal('\ufffd\ufffd\ufffda\nb'),
      refusal('a\nb\nc', { maxLines: 2 }),
      refusal('a\nb', { isInScope: () => false }),
      refusal('a\nb', { isInScope: (line) => line === 0 }),
    ];
    for (const message of messages) {
      expect(message).toContain('notes.txt');
      expect(message).toMatch(/^[^.!?]*(notes\.txt|isoscope\.maxLines)[^!?]*\.$/);
      expect(message).toMatch(/: |, or /);
    }
    expect(new Set(messages).size).toBe(7);
    expect(refusal('a\nb\nc', { maxLines: 2 })).toContain('isoscope.maxLines');
    expect(refusal('same\nsame')).toMatch(/All 2 sentences/);
  });

  it('lets single control characters pass: real text has them', () => {
    const text = `a bell \u0007 and a NUL \u0000 in a sentence that is long enough\n${'words '.repeat(20)}`;
    expect(readCorpus(text, options).sentences).toHaveLength(2);
  });
});

describe('suggestTransform', () => {
  it('keeps at least five sentences per component, and no more components than there are', () => {
    expect(suggestTransform(300, 384)).toBe('pca:k=60');
    expect(suggestTransform(1919, 384)).toBe('pca:k=383');
    expect(suggestTransform(1920, 384)).toBe('pca');
    expect(suggestTransform(10, 384)).toBe('pca:k=2');
  });

  it('only centres where even two components are too many', () => {
    expect(suggestTransform(9, 384)).toBe('center');
    expect(suggestTransform(2, 384)).toBe('center');
  });
});
