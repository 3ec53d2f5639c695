import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/core/linalg/random';
import { uniteNeighbourhoods, type FuzzyGraph } from '../../../src/core/projection/umap/fuzzyGraph';
import type { NeighbourGraph } from '../../../src/core/projection/umap/neighbourGraph';
import { openOptimiser } from '../../../src/core/projection/umap/optimiser';
import golden from '../../golden/projection/umapGraph.json';

function graphOf({ k, neighbours, distances }: (typeof golden.cases)[number]): NeighbourGraph {
  const count = neighbours.length / k;
  return { count, k, neighbours: Int32Array.from(neighbours), distances: Float32Array.from(distances) };
}

function weightsByEdge({ count, starts, ends, weights }: FuzzyGraph): Map<string, number> {
  const map = new Map<string, number>();
  for (let point = 0; point < count; point++) {
    for (let edge = starts[point]; edge < starts[point + 1]; edge++) map.set(`${point} ${ends[edge]}`, weights[edge]);
  }
  return map;
}

describe('fuzzy graph', () => {
  it.each(golden.cases)('is that of umap-learn: $name', (expected) => {
    const graph = uniteNeighbourhoods(graphOf(expected));
    const found = weightsByEdge(graph);
    // umap-learn leaves in what has no strength.
    const reference = new Map(
      expected.starts.slice(0, -1).flatMap((start, point) =>
        expected.ends
          .slice(start, expected.starts[point + 1])
          .map((end, at) => [`${point} ${end}`, expected.weights[start + at]] as const)
          .filter(([, weight]) => weight > 0),
      ),
    );
    expect([...found.keys()].sort()).toEqual([...reference.keys()].sort());
    // Both stop halving within 1e-5 of log2(k), umap-learn in float32: the scales differ by some 1e-5, the strengths no more.
    for (const [edge, weight] of reference) expect(Math.abs(found.get(edge)! - weight)).toBeLessThan(5e-5);
  });

  it('is symmetric, has no loops, and its strengths are shares', () => {
    for (const each of golden.cases) {
      const weights = weightsByEdge(uniteNeighbourhoods(graphOf(each)));
      for (const [edge, weight] of weights) {
        const [from, to] = edge.split(' ');
        expect(from).not.toBe(to);
        // Both directions are computed from the same two float32 numbers, in either order.
        expect(Math.abs(weights.get(`${to} ${from}`)! - weight)).toBeLessThan(2e-7);
        expect(weight).toBeGreaterThan(0);
        expect(weight).toBeLessThanOrEqual(1);
      }
    }
  });

  it('takes distances of 0, tiny and huge ones', () => {
    for (const unit of [0, 1e-30, 1e30]) {
      const count = 12;
      const neighbours = Int32Array.from({ length: 48 }, (_, at) => (Math.floor(at / 4) + (at % 4)) % count);
      const distances = Float32Array.from({ length: 48 }, (_, at) => (at % 4) * unit);
      const { weights } = uniteNeighbourhoods({ count, k: 4, neighbours, distances });
      expect(weights.length).toBeGreaterThan(0);
      for (const weight of weights) expect(weight > 0 && weight <= 1).toBe(true);
    }
  });
});

describe('optimiser', () => {
  /** Two cliques of five. */
  function cliques(): FuzzyGraph {
    const ends: number[] = [];
    for (let point = 0; point < 10; point++) {
      const first = point < 5 ? 0 : 5;
      for (let other = first; other < first + 5; other++) if (other !== point) ends.push(other);
    }
    return {
      count: 10,
      starts: Uint32Array.from({ length: 11 }, (_, point) => 4 * point),
      ends: Uint32Array.from(ends),
      weights: new Float32Array(40).fill(1),
    };
  }
  function start(): Float32Array {
    const random = createRandom(2);
    return Float32Array.from({ length: 20 }, () => 10 * random.normal());
  }
  function spread(layout: Float32Array, points: readonly number[]): number {
    const [x, y] = [0, 1].map((axis) => points.reduce((sum, p) => sum + layout[2 * p + axis], 0) / points.length);
    return Math.max(...points.map((p) => Math.hypot(layout[2 * p] - x, layout[2 * p + 1] - y)));
  }

  it('draws together what is joined and sets apart what is not', () => {
    const { layout, pass } = openOptimiser(cliques(), start(), 200, 1);
    for (let epoch = 0; epoch < 200; epoch++) pass(epoch);
    const [left, right] = [[0, 1, 2, 3, 4], [5, 6, 7, 8, 9]]; // prettier-ignore
    expect(Math.max(spread(layout, left), spread(layout, right))).toBeLessThan(
      0.6 * spread(layout, [...left, ...right]),
    );
  });

  it('moves less and less, and no coordinate farther in a pass than its draws allow', () => {
    const { layout, pass } = openOptimiser(cliques(), start(), 100, 1);
    const moves: number[] = [];
    for (let epoch = 0; epoch < 100; epoch++) {
      const before = layout.slice();
      pass(epoch);
      moves.push(layout.reduce((most, value, at) => Math.max(most, Math.abs(value - before[at])), 0));
      // Four edges that a point begins with six draws each, and four that end at it.
      expect(moves[epoch]).toBeLessThanOrEqual(28 * 4 * (1 - epoch / 100));
    }
    expect(Math.max(...moves.slice(95))).toBeLessThan(Math.max(...moves.slice(0, 10)) / 5);
  });

  it('is the same for the same seed, finite where all points begin in one place', () => {
    const run = (seed: number, from: Float32Array): Float32Array => {
      const { layout, pass } = openOptimiser(cliques(), from, 50, seed);
      for (let epoch = 0; epoch < 50; epoch++) pass(epoch);
      return layout;
    };
    expect(run(3, start())).toEqual(run(3, start()));
    expect(run(3, start())).not.toEqual(run(4, start()));
    expect(run(-7, start()).every(Number.isFinite)).toBe(true);
    expect(run(0, new Float32Array(20)).every(Number.isFinite)).toBe(true);
  });

  it('leaves edges out that are too weak to be due once', () => {
    const graph = cliques();
    // Point 0 holds to point 1 only.
    graph.weights.fill(0.001, 1, 4);
    const { layout, pass } = openOptimiser(graph, start(), 100, 1);
    for (let epoch = 0; epoch < 100; epoch++) pass(epoch);
    expect(layout.every(Number.isFinite)).toBe(true);
  });
});

describe('constants', () => {
  it('the curve is the one that umap-learn fits', async () => {
    const source = await import('node:fs/promises').then(({ readFile }) =>
      readFile(new URL('../../../src/core/projection/umap/optimiser.ts', import.meta.url), 'utf8'),
    );
    const read = (name: string): number => Number(new RegExp(`^const ${name} = ([\\d.]+);`, 'm').exec(source)?.[1]);
    // Least squares by two programs on one grid.
    expect(read('A')).toBeCloseTo(golden.a, 6);
    expect(read('B')).toBeCloseTo(golden.b, 6);
  });
});
