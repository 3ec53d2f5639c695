import { describe, expect, it } from 'vitest';
import { graphemes } from '../../../src/core/encoder/tokenizer/graphemes';
import { createNormalizer } from '../../../src/core/encoder/tokenizer/normalizers';
import { createPreTokenizer } from '../../../src/core/encoder/tokenizer/preTokenizers';
import { createTokenizer } from '../../../src/core/encoder/tokenizer/tokenizer';
import { readTokenizerJson } from '../../golden/encoder/referenceFolder';

const bert = readTokenizerJson('bert');
const xlmRoberta = readTokenizerJson('xlm-roberta');
const roberta = readTokenizerJson('roberta');

describe('truncation', () => {
  const text = 'the man is playing a guitar and the woman is slicing an onion';
  const whole = [...createTokenizer(bert, { maxTokens: 1000 }).encode(text).ids];

  it('keeps the first pieces between the special tokens', () => {
    const { ids, isTruncated } = createTokenizer(bert, { maxTokens: 8 }).encode(text);
    expect([...ids]).toEqual([...whole.slice(0, 7), whole.at(-1)]);
    expect(isTruncated).toBe(true);
  });

  it('does not call a sentence truncated that just fits', () => {
    const { ids, isTruncated } = createTokenizer(bert, { maxTokens: whole.length }).encode(text);
    expect([...ids]).toEqual(whole);
    expect(isTruncated).toBe(false);
    expect(createTokenizer(bert, { maxTokens: whole.length - 1 }).encode(text).isTruncated).toBe(true);
  });

  it('keeps the end where the folder cuts on the left', () => {
    const { ids } = createTokenizer(bert, { maxTokens: 8, truncationSide: 'left' }).encode(text);
    expect([...ids]).toEqual([whole[0], ...whole.slice(-7)]);
  });

  it('gives the special tokens alone for an empty sentence', () => {
    expect([...createTokenizer(bert, { maxTokens: 64 }).encode('').ids]).toEqual([2, 3]);
  });
});

describe('a line of 250,000 characters', () => {
  const head = (json: Record<string, unknown>, text: string) => [
    ...createTokenizer(json, { maxTokens: 32 }).encode(text).ids,
  ];

  // Each case would take minutes (Intl.Segmenter alone is quadratic), or exceed the stack, where the whole line went through the library.
  it.each([
    ['words', 'the man is playing a guitar '.repeat(8_000)],
    ['one word', 'a'.repeat(250_000)],
    ['spaces', ' '.repeat(250_000)],
    ['Japanese', '今日は天気がいい'.repeat(30_000)],
    ['combining marks', `a${'\u0301'.repeat(250_000)}`],
    ['emoji', '😍👍🏽'.repeat(40_000)],
  ])('%s: tokenised as its beginning is', (_, text) => {
    for (const json of [bert, roberta, xlmRoberta]) {
      // The beginning is far longer than 32 pieces, unless the whole is one unknown piece: then so is the beginning.
      expect(head(json, text)).toEqual(head(json, text.slice(0, 40_000)));
    }
  });
});

describe('normalisers differ from the library where the reference does', () => {
  const bertNormalizer = createNormalizer({
    type: 'BertNormalizer',
    clean_text: true,
    handle_chinese_chars: true,
    strip_accents: null,
    lowercase: true,
  });

  it('sets CJK beyond U+FFFF apart, lowers a final Σ to σ, strips accents and control characters', () => {
    expect(bertNormalizer('x𠜎𠜱')).toBe('x 𠜎  𠜱 ');
    expect(bertNormalizer('ΣΑΣ ΧΑΙΡΕΤΆ')).toBe('σασ χαιρετα');
    expect(bertNormalizer('Café\u0007\u200d\tÅ')).toBe('cafe a');
  });

  it('maps characters by the precompiled map, not by NFKC', () => {
    const normalize = createNormalizer(xlmRoberta['normalizer'] as Record<string, unknown>);
    expect(normalize('a\u0085b')).toBe('a\u0085b');
    expect(normalize('zero\u200bwidth\u200cnon\u200djoiner')).toBe('zero width non\u200djoiner');
    expect(normalize('ﬁnance ①')).toBe('finance 1');
  });

  it('refuses what it does not know', () => {
    expect(() => createNormalizer({ type: 'Magic' })).toThrow(/normaliser "Magic"/);
    expect(() => createNormalizer({ type: 'Precompiled', precompiled_charsmap: 'AAAA' })).toThrow(/damaged/);
    expect(() => createPreTokenizer({ type: 'UnicodeScripts' })).toThrow(/pre-tokenizer "UnicodeScripts"/);
  });
});

describe('graphemes', () => {
  const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

  it('are those of Intl.Segmenter, for neighbours of every kind', () => {
    const parts = [
      'a',
      'é',
      '\u0301',
      '\u200d',
      '😀',
      '👍🏽',
      '🇩🇪',
      '\u1100',
      '가',
      '각',
      '\u11a8',
      '\u0600',
      'क',
      '\u094d',
      'ำ',
      '\r',
      '\n',
      '1\ufe0f\u20e3',
      '漢',
      ' ',
    ];
    const text = parts.flatMap((left) => parts.map((right) => left + right)).join('');
    expect([...graphemes(text)]).toEqual(Array.from(segmenter.segment(text), ({ segment }) => segment));
  });

  it('takes clusters whole that lie across the slices', () => {
    const text = '👩\u200d👩\u200d👧'.repeat(700);
    expect(new Set(graphemes(text))).toEqual(new Set(['👩\u200d👩\u200d👧']));
  });
});
