import { describe, expect, it } from 'vitest';
import { createRowMemory } from '../../../../src/core/encoder/static/rowMemory';
import { createRandom } from '../../../../src/core/linalg/random';

describe('a memory of rows', () => {
  it('gives the rows asked for, reads each once, and keeps its limit', async () => {
    const dimension = 3;
    const limitRows = 20;
    let reads = 0;
    const memory = createRowMemory(
      dimension,
      (numbers, into, at) => {
        expect([...numbers]).toEqual([...numbers].sort((a, b) => a - b));
        reads += numbers.length;
        numbers.forEach((number, i) => into.fill(number, (at + i) * dimension, (at + i + 1) * dimension));
        return Promise.resolve();
      },
      limitRows * dimension * 4,
    );
    await memory.load(Uint32Array.of(5, 2, 5, 9));
    await memory.load(Uint32Array.of(9, 2));
    expect(reads).toBe(3);
    const random = createRandom(3);
    for (let time = 0; time < 200; time++) {
      const wanted = Uint32Array.from({ length: 1 + Math.floor(random.next() * 15) }, () =>
        Math.floor(random.next() * 90),
      );
      await memory.load(wanted);
      for (const number of wanted) {
        const at = memory.offsetOf(number);
        expect([...memory.data.subarray(at, at + dimension)]).toEqual([number, number, number]);
      }
      expect(memory.data.length).toBeLessThanOrEqual(limitRows * dimension);
    }
    // One load may be larger than the limit.
    await memory.load(Uint32Array.from({ length: 50 }, (_, i) => i));
    expect(memory.data[memory.offsetOf(49)]).toBe(49);
  });
});
