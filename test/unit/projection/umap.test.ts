import { beforeAll, describe, expect, it } from 'vitest';
import { matrixOf, type Matrix32 } from '../../../src/core/linalg/matrix';
import { openProducts } from '../../../src/core/linalg/onnxProducts';
import type { Products } from '../../../src/core/linalg/products';
import { createRandom } from '../../../src/core/linalg/random';
import { findNeighbourGraph } from '../../../src/core/projection/umap/neighbourGraph';
import { projectToUmap, type UmapOptions } from '../../../src/core/projection/umap/umapPlane';
import { directionsOf } from '../../../src/core/geometry/neighbours';
import { openNodeRuntime } from '../../../src/core/runtime/nodeRuntime';

let products: Products;
beforeAll(async () => {
  products = await openProducts(await openNodeRuntime({ threads: 1 }));
});

/** Clouds about random centres; the cloud of row i is i mod `groups`. */
function clusters(rows: number, columns: number, groups: number, spread = 0.15): Matrix32 {
  const random = createRandom(11);
  const centres = Float64Array.from({ length: groups * columns }, () => random.normal());
  const data = Float32Array.from({ length: rows * columns }, (_, at) => {
    const [row, column] = [Math.floor(at / columns), at % columns];
    return centres[(row % groups) * columns + column] + spread * random.normal();
  });
  return matrixOf(data, rows, columns);
}

function umap(matrix: Matrix32, options: Partial<UmapOptions> = {}) {
  return projectToUmap(matrix, { seed: 0, neighbours: 15, products, rows: null, ...options });
}

function nearestOnPlane(plane: Float32Array, point: number): number {
  let [best, distance] = [-1, Infinity];
  for (let other = 0; other < plane.length / 2; other++) {
    const d = Math.hypot(plane[2 * other] - plane[2 * point], plane[2 * other + 1] - plane[2 * point + 1]);
    if (other !== point && d < distance) [best, distance] = [other, d];
  }
  return best;
}

describe('neighbour graph', () => {
  it('has the point itself first, then its exact nearest by cosine, ascending', async () => {
    const matrix = clusters(60, 8, 4, 0.5);
    const { points } = directionsOf(matrix);
    const graph = await findNeighbourGraph(points, 7, products);
    expect(graph).toMatchObject({ count: 60, k: 7 });
    const cosine = (a: number, b: number): number => {
      let [ab, aa, bb] = [0, 0, 0];
      for (let c = 0; c < 8; c++) {
        const [p, q] = [matrix.data[a * 8 + c], matrix.data[b * 8 + c]];
        ab += p * q;
        aa += p * p;
        bb += q * q;
      }
      return ab / Math.sqrt(aa * bb);
    };
    for (let point = 0; point < 60; point++) {
      const expected = Array.from({ length: 60 }, (_, other) => other)
        .filter((other) => other !== point)
        .map((other) => [1 - cosine(point, other), other] as const)
        .sort((a, b) => a[0] - b[0])
        .slice(0, 6);
      expect([...graph.neighbours.slice(point * 7, point * 7 + 7)]).toEqual([point, ...expected.map(([, row]) => row)]);
      const distances = graph.distances.slice(point * 7, point * 7 + 7);
      expect(distances[0]).toBe(0);
      // Stored as float32: relative 6e-8, of distances up to 2.
      expected.forEach(([distance], at) => expect(Math.abs(distances[at + 1] - distance)).toBeLessThan(3e-7));
    }
  });

  it('tells how much of the pairs is done, up to all', async () => {
    const shares: number[] = [];
    const { points } = directionsOf(clusters(200, 4, 3));
    await findNeighbourGraph(points, 5, products, undefined, (share) => shares.push(share));
    expect(shares.at(-1)).toBe(1);
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
  });
});

describe('UMAP plane', () => {
  it('keeps clusters together: the nearest on the plane is of the same cluster', async () => {
    const { plane, rows, neighbours, epochs, notes } = await umap(clusters(400, 16, 5));
    expect({ rows, neighbours, epochs, notes }).toEqual({ rows: null, neighbours: 15, epochs: 500, notes: [] });
    expect(plane).toHaveLength(800);
    for (let row = 0; row < 400; row++) expect(nearestOnPlane(plane, row) % 5).toBe(row % 5);
    let [x, y] = [0, 0];
    for (let row = 0; row < 400; row++) {
      x += plane[2 * row] / 400;
      y += plane[2 * row + 1] / 400;
    }
    // Sums of 400 float32 coordinates of size 20.
    expect(Math.hypot(x, y)).toBeLessThan(1e-4);
  });

  it('is the same for the same seed, also with another number of threads, and another for another', async () => {
    const matrix = clusters(120, 6, 3);
    const first = await umap(matrix, { seed: 5 });
    const twoThreads = await openProducts(await openNodeRuntime({ threads: 2 }));
    expect((await umap(matrix, { seed: 5, products: twoThreads })).plane).toEqual(first.plane);
    expect((await umap(matrix, { seed: 6 })).plane).not.toEqual(first.plane);
  });

  it('does not depend on the length of the rows, only on their direction', async () => {
    const matrix = clusters(80, 6, 3);
    // By powers of two: scaling loses no bit, and so equal directions stay equal.
    const scaled = matrix.data.map((value, at) => value * 2 ** (Math.floor(at / 6) % 5));
    expect((await umap(matrixOf(scaled, 80, 6))).plane).toEqual((await umap(matrix)).plane);
  });

  it('draws rows of equal direction as one point', async () => {
    const matrix = clusters(60, 6, 3);
    const doubled = matrixOf(Float32Array.from([...matrix.data, ...matrix.data]), 120, 6);
    const { plane } = await umap(doubled);
    expect(plane.slice(0, 120)).toEqual(plane.slice(120));
  });

  it('takes fewer neighbours where there are no more, and says so', async () => {
    for (const count of [3, 4, 8, 15]) {
      const { plane, neighbours, notes } = await umap(clusters(count, 6, 2));
      expect(neighbours).toBe(count);
      expect(plane.every(Number.isFinite)).toBe(true);
      expect(new Set(Array.from({ length: count }, (_, row) => `${plane[2 * row]},${plane[2 * row + 1]}`)).size).toBe(
        count,
      );
      expect(notes.map(({ code }) => code)).toEqual(count < 15 ? ['umap-neighbours'] : []);
    }
  });

  it('says of fewer than three directions that there is nothing to lay out', async () => {
    const none = await umap(matrixOf(new Float32Array(8), 4, 2));
    expect([...none.plane]).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
    expect(none.notes.map(({ code }) => code)).toEqual(['umap-few-rows', 'umap-zero-rows']);
    const equal = await umap(matrixOf(Float32Array.of(1, 2, 2, 4, 1, 2), 3, 2));
    expect([...equal.plane]).toEqual([0, 0, 0, 0, 0, 0]);
    expect(equal.notes[0].message).toContain('one direction');
    const two = await umap(matrixOf(Float32Array.of(1, 2, 2, 1), 2, 2));
    expect([...two.plane]).toEqual([-1, 0, 1, 0]);
    const single = await umap(matrixOf(Float32Array.of(1, 2), 1, 2));
    expect([...single.plane]).toEqual([0, 0]);
    expect((await umap(matrixOf(new Float32Array(0), 0, 2))).plane).toHaveLength(0);
  });

  it('sets rows of length 0 apart and names them', async () => {
    const matrix = clusters(40, 4, 2);
    matrix.data.fill(0, 4 * 7, 4 * 8);
    const { plane, notes } = await umap(matrix);
    expect(notes).toMatchObject([{ code: 'umap-zero-rows', rows: [7] }]);
    const heights = Array.from({ length: 40 }, (_, row) => plane[2 * row + 1]);
    expect(Math.min(...heights)).toBe(heights[7]);
    expect(heights.filter((height) => height === heights[7])).toHaveLength(1);
  });

  it('lays out the rows asked for, a seeded sample of them above the limit', async () => {
    const matrix = clusters(90, 5, 3);
    const wanted = Uint32Array.from({ length: 45 }, (_, i) => 2 * i);
    const some = await umap(matrix, { rows: wanted });
    expect(some.rows).toEqual(wanted);
    expect(some.plane).toHaveLength(90);
    const sampled = await umap(matrix, { rows: wanted, rowLimit: 30 });
    expect(sampled.rows).toHaveLength(30);
    expect([...sampled.rows!].every((row) => row % 2 === 0)).toBe(true);
    expect(sampled.plane).toHaveLength(60);
    expect(sampled.notes).toMatchObject([
      { code: 'umap-sample', message: expect.stringContaining('30 of 90 rows') as string },
    ]);
    expect((await umap(matrix, { rowLimit: 30 })).rows).toEqual((await umap(matrix, { rowLimit: 30 })).rows);
  });

  it('tells its progress, rising to 1', async () => {
    const shares: number[] = [];
    await umap(clusters(50, 4, 2), { onShare: (share) => shares.push(share) });
    expect(shares.at(-1)).toBe(1);
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(shares.length).toBeGreaterThan(100);
  });

  it('stops between two passes when it is cancelled', async () => {
    const controller = new AbortController();
    let passes = 0;
    const run = umap(clusters(50, 4, 2), {
      signal: controller.signal,
      onShare: () => {
        if (++passes === 20) controller.abort();
      },
    });
    await expect(run).rejects.toMatchObject({ name: 'AbortError' });
    expect(passes).toBe(20);
    await expect(umap(clusters(50, 4, 2), { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'AbortError',
    });
  });

  it('refuses neighbours that mean nothing', async () => {
    for (const neighbours of [0, 1, 2.5, NaN, 501]) {
      await expect(umap(clusters(20, 4, 2), { neighbours })).rejects.toMatchObject({ reason: 'usage' });
    }
  });
});
