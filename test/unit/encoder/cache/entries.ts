import type { KeyedVector } from '../../../../src/core/encoder/cache/segmentFormat';
import { cacheKey } from '../../../../src/core/encoder/cache/vectorCache';

/** The vector of sentence `i`: numbers that tell it from every other one. */
export function vectorOf(i: number, dimension: number): Float32Array {
  return Float32Array.from({ length: dimension }, (_, j) => i + j / dimension);
}

export function entryOf(identity: string, i: number, dimension: number): KeyedVector {
  return { key: cacheKey(identity, `sentence ${i}`), vector: vectorOf(i, dimension), isTruncated: i % 3 === 0 };
}
