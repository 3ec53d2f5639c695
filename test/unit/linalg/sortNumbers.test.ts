import { expect, it } from 'vitest';
import { createRandom } from '../../../src/core/linalg/random';
import { sortAscending } from '../../../src/core/linalg/sortNumbers';

const random = createRandom(3);
const draw = (count: number, next: (i: number) => number) => Float64Array.from({ length: count }, (_, i) => next(i));

it.each([
  ['nothing', draw(0, () => 0)],
  ['one number', draw(1, () => 5)],
  ['two numbers', Float64Array.of(2, -1)],
  ['uniform numbers', draw(5000, () => random.next() - 0.5)],
  ['normal numbers', draw(20_000, () => random.normal())],
  ['numbers of which most fall into one bucket', draw(5000, (i) => (i % 100 === 0 ? 1e9 : random.normal()))],
  ['equal numbers', draw(1000, () => 0.25)],
  ['few different numbers', draw(3000, () => random.integer(3))],
  ['neighbouring numbers of float64', draw(1000, () => 1 + random.integer(5) * Number.EPSILON)],
  ['a range beyond float64', draw(1000, (i) => (i % 2 === 0 ? 1.7e308 : -1.7e308))],
  ['numbers next to 0', draw(1000, () => random.next() * 1e-310)],
  ['sorted numbers', draw(1000, (i) => i)],
])('sorts %s as the engine does', (_, values) => {
  const expected = values.slice().sort();
  const sorted = sortAscending(values);
  expect(sorted).toBe(values);
  expect(sorted).toEqual(expected);
});
