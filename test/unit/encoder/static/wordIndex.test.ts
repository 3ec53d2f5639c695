import { describe, expect, it } from 'vitest';
import { createWordIndexBuilder, findWord, wordAt } from '../../../../src/core/encoder/static/wordIndex';
import { createRandom } from '../../../../src/core/linalg/random';

function build(words: readonly string[]) {
  const builder = createWordIndexBuilder();
  const isNew = words.map((word) => {
    const bytes = Buffer.from(`<${word}>`);
    return builder.add(bytes, 1, bytes.length - 1);
  });
  return { index: builder.finish(), isNew };
}

describe('a word index', () => {
  it('answers as a Map does, through every growth', () => {
    const random = createRandom(7);
    const words = Array.from({ length: 30_000 }, () => Math.floor(random.next() * 20_000).toString(36));
    const { index, isNew } = build(words);
    const map = new Map<string, number>();
    const wasNew = words.map((word) => {
      if (map.has(word)) return false;
      map.set(word, map.size);
      return true;
    });
    expect(isNew).toEqual(wasNew);
    expect(index.count).toBe(map.size);
    const found = [...map.keys()].map((word) => findWord(index, Buffer.from(word)));
    expect(found).toEqual([...map.values()]);
    expect(found.map((number) => wordAt(index, number))).toEqual([...map.keys()]);
    for (const word of ['', 'zzzzzz', 'é', ' ']) expect(findWord(index, Buffer.from(word))).toBe(-1);
  });

  it('tells words apart that share a beginning, and takes the empty one', () => {
    const words = ['a', 'ab', 'abc', '', 'ü', 'ü!', '汉字', '👍'];
    const { index } = build(words);
    expect(words.map((word) => findWord(index, Buffer.from(word)))).toEqual(words.map((_, i) => i));
  });

  it('takes a word that is longer than its first buffer', () => {
    const long = 'x'.repeat(200_000);
    const { index } = build(['a', long, 'b']);
    expect([findWord(index, Buffer.from(long)), findWord(index, Buffer.from('b'))]).toEqual([1, 2]);
  });
});
