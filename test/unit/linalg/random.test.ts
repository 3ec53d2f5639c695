import { describe, expect, it } from 'vitest';
import { createRandom, sampleWithoutReplacement } from '../../../src/core/linalg/random';
import golden from '../../golden/linalg/random.json';

describe('createRandom', () => {
  it.each(golden.sequences)(
    'gives the sequence of the reference for seed $seed',
    ({ seed, uniforms, integers, normals }) => {
      const uniform = createRandom(seed);
      expect(uniforms.map(() => uniform.next())).toEqual(uniforms);
      const integer = createRandom(seed);
      expect(golden.integerBounds.map((n) => integer.integer(n))).toEqual(integers);
      const normal = createRandom(seed);
      // Logarithms of two libraries may differ in the last bit.
      normals.forEach((expected) => expect(normal.normal()).toBeCloseTo(expected, 14));
    },
  );

  it('keeps two sequences apart', () => {
    const [a, b] = [createRandom(5), createRandom(5)];
    const alone = [a.next(), a.next(), a.next()];
    const together = [b.next(), createRandom(6).next(), b.next(), b.next()];
    expect([together[0], together[2], together[3]]).toEqual(alone);
  });

  it('is uniform in 0 … n − 1, also where n does not divide 2³²', () => {
    const random = createRandom(1);
    const counts = [0, 0, 0];
    const draws = 30_000;
    for (let i = 0; i < draws; i++) counts[random.integer(3)] += 1;
    // Each count is binomial with sd 82: 5 of them.
    for (const count of counts) expect(Math.abs(count - draws / 3)).toBeLessThan(410);
  });

  it('draws beyond 32 bits', () => {
    const random = createRandom(1);
    const n = 2 ** 50;
    const drawn = Array.from({ length: 200 }, () => random.integer(n));
    expect(drawn.every((value) => Number.isInteger(value) && value >= 0 && value < n)).toBe(true);
    expect(Math.max(...drawn)).toBeGreaterThan(n * 0.9);
    expect(drawn.some((value) => value % 2 === 1)).toBe(true);
  });

  it('has mean 0, variance 1 and the tails of a normal distribution', () => {
    const random = createRandom(2);
    const n = 40_000;
    let [sum, squares, fourths] = [0, 0, 0];
    for (let i = 0; i < n; i++) {
      const x = random.normal();
      sum += x;
      squares += x * x;
      fourths += x ** 4;
    }
    // Standard errors: 1/√n, √(2/n), √(96/n); 5 of them.
    expect(Math.abs(sum / n)).toBeLessThan(5 / Math.sqrt(n));
    expect(Math.abs(squares / n - 1)).toBeLessThan(5 * Math.sqrt(2 / n));
    expect(Math.abs(fourths / n - 3)).toBeLessThan(5 * Math.sqrt(96 / n));
  });

  it('refuses seeds and bounds that are not whole numbers', () => {
    expect(() => createRandom(0.5)).toThrow(RangeError);
    expect(() => createRandom(NaN)).toThrow(RangeError);
    for (const n of [0, -1, 1.5, NaN, 2 ** 54]) expect(() => createRandom(0).integer(n)).toThrow(RangeError);
  });
});

describe('sampleWithoutReplacement', () => {
  it('draws different numbers, ascending', () => {
    const sample = sampleWithoutReplacement(createRandom(3), 1000, 100);
    expect(new Set(sample).size).toBe(100);
    expect([...sample]).toEqual([...sample].sort((a, b) => a - b));
    expect(sample.at(-1)).toBeLessThan(1000);
  });

  it('draws every subset equally often', () => {
    const random = createRandom(4);
    const counts = new Map<string, number>();
    const draws = 10_000;
    for (let i = 0; i < draws; i++) {
      const subset = sampleWithoutReplacement(random, 5, 2).join();
      counts.set(subset, (counts.get(subset) ?? 0) + 1);
    }
    expect(counts.size).toBe(10);
    // Each count is binomial with sd 30: 5 of them.
    for (const count of counts.values()) expect(Math.abs(count - draws / 10)).toBeLessThan(150);
  });

  it('draws nothing and everything', () => {
    expect([...sampleWithoutReplacement(createRandom(5), 0, 0)]).toEqual([]);
    expect([...sampleWithoutReplacement(createRandom(5), 9, 0)]).toEqual([]);
    expect([...sampleWithoutReplacement(createRandom(5), 4, 4)]).toEqual([0, 1, 2, 3]);
    expect(() => sampleWithoutReplacement(createRandom(5), 4, 5)).toThrow(RangeError);
  });
});
