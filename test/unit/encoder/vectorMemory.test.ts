import { describe, expect, it } from 'vitest';
import type { EncodedSentences, Encoder } from '../../../src/core/encoder/encoder';
import { encodeRemembering as encodeWithStore } from '../../../src/core/encoder/rememberVectors';
import { createVectorMemory, type VectorMemory } from '../../../src/core/encoder/vectorMemory';

const encodeRemembering = (encoder: Encoder, sentences: readonly string[], memory: VectorMemory) =>
  encodeWithStore(encoder, sentences, { memory, cache: null });

/** Encodes a sentence as [its length, −its length] and counts what it was asked; sentences above 5 characters are truncated. */
function countingEncoder(identity = 'a'): Encoder & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    identity,
    notes: [],
    offer: null,
    isRemembered: true,
    summary: {
      id: 'counting',
      sha256: '',
      dimension: 2,
      layer: 'last',
      pooling: 'mean',
      normalized: false,
      maxTokens: 5,
      backend: 'cpu',
      threads: 1,
    },
    encode: (sentences): Promise<EncodedSentences> => {
      asked.push(...sentences);
      return Promise.resolve({
        vectors: {
          data: Float32Array.from(sentences.flatMap((s) => [s.length, -s.length])),
          rows: sentences.length,
          columns: 2,
        },
        truncatedRows: Uint32Array.from(sentences.keys()).filter((i) => sentences[i].length > 5),
      });
    },
    dispose: () => Promise.resolve(),
  };
}

describe('encodeRemembering', () => {
  it('encodes each new sentence once and knows the others', async () => {
    const encoder = countingEncoder();
    const memory = createVectorMemory(1e6);
    const first = await encodeRemembering(encoder, ['one', 'a long one', 'one'], memory);
    expect(encoder.asked).toEqual(['one', 'a long one']);
    expect(first.encodedCount).toBe(2);
    expect([...first.vectors.data]).toEqual([3, -3, 10, -10, 3, -3]);

    const second = await encodeRemembering(encoder, ['a long one', 'new', 'one', 'a long one'], memory);
    expect(encoder.asked).toEqual(['one', 'a long one', 'new']);
    expect(second.encodedCount).toBe(1);
    expect([...second.vectors.data]).toEqual([10, -10, 3, -3, 3, -3, 10, -10]);
    // That a sentence was cut is remembered, too.
    expect([...second.truncatedRows]).toEqual([0, 3]);
  });

  it('does not take the vectors of another encoder', async () => {
    const memory = createVectorMemory(1e6);
    await encodeRemembering(countingEncoder('a'), ['one'], memory);
    expect((await encodeRemembering(countingEncoder('b'), ['one'], memory)).encodedCount).toBe(1);
  });

  it('gives right vectors even when the memory holds none of them', async () => {
    const memory = createVectorMemory(0);
    const sentences = ['one', 'four', 'one'];
    for (let again = 0; again < 2; again++) {
      const { vectors, encodedCount } = await encodeRemembering(countingEncoder(), sentences, memory);
      expect([...vectors.data]).toEqual([3, -3, 4, -4, 3, -3]);
      expect(encodedCount).toBe(2);
    }
    expect(memory.byteLength).toBe(0);
  });

  it('takes no sentences', async () => {
    const { vectors, encodedCount } = await encodeRemembering(countingEncoder(), [], createVectorMemory(1e6));
    expect([vectors.rows, vectors.columns, encodedCount]).toEqual([0, 2, 0]);
  });
});

describe('createVectorMemory', () => {
  const remembered = (length: number) => ({ vector: new Float32Array(length), isTruncated: false });

  it('forgets what was used least recently', () => {
    const memory = createVectorMemory(3 * (400 + 850));
    for (const key of ['a', 'b', 'c']) memory.set(key, remembered(100));
    memory.get('a');
    memory.set('d', remembered(100));
    expect(['a', 'b', 'c', 'd'].filter((key) => memory.get(key))).toEqual(['a', 'c', 'd']);
    expect(memory.byteLength).toBe(3 * 1250);
  });

  it('counts a replaced entry once, and nothing after clearing', () => {
    const memory = createVectorMemory(1e6);
    memory.set('a', remembered(100));
    memory.set('a', remembered(50));
    expect(memory.byteLength).toBe(1050);
    memory.clear();
    expect(memory.byteLength).toBe(0);
    expect(memory.get('a')).toBeUndefined();
  });
});
