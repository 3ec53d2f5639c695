import { describe, expect, it } from 'vitest';
import { indexPoints } from '../../src/webview/charts/pointIndex';
import { extentOf } from '../../src/webview/charts/pointLayer';
import { createGenerator } from './random';

function cloud(count: number): { x: Float32Array; y: Float32Array } {
  const random = createGenerator(5);
  const x = Float32Array.from({ length: count }, () => 40 * random.normal());
  const y = Float32Array.from({ length: count }, () => 0.2 * random.normal());
  return { x, y };
}

describe('point index', () => {
  it('finds the nearest in an ellipse, as looking at all does', () => {
    const { x, y } = cloud(3_000);
    const index = indexPoints(x, y);
    const random = createGenerator(9);
    const reach = { x: 2, y: 0.01 };
    let hits = 0;
    for (let probe = 0; probe < 500; probe++) {
      const [px, py] = [60 * random.normal(), 0.3 * random.normal()];
      let [best, least] = [-1, 1];
      for (let i = 0; i < x.length; i++) {
        const square = ((x[i] - px) / reach.x) ** 2 + ((y[i] - py) / reach.y) ** 2;
        if (square < least) [best, least] = [i, square];
      }
      expect(index.nearest(px, py, reach)).toBe(best);
      if (best >= 0) hits++;
    }
    expect(hits).toBeGreaterThan(100);
  });

  it('of points in one place finds the first', () => {
    const index = indexPoints(Float32Array.of(1, 1, 1), Float32Array.of(2, 2, 2));
    expect(index.nearest(1.1, 2, { x: 1, y: 1 })).toBe(0);
    expect(index.nearest(3, 2, { x: 1, y: 1 })).toBe(-1);
  });

  it('finds what is inside a polygon, concave and self-crossing ones by even and odd', () => {
    const { x, y } = cloud(5_000);
    const index = indexPoints(x, y);
    const box = { x: [-20, 30, 30, -20], y: [-0.1, -0.1, 0.3, 0.3] };
    const expected = Array.from(x.keys()).filter((i) => x[i] > -20 && x[i] < 30 && y[i] > -0.1 && y[i] < 0.3);
    expect(index.inside(box)).toEqual(expected);
    // Twice around is outside again.
    const twice = { x: [...box.x, ...box.x], y: [...box.y, ...box.y] };
    expect(index.inside(twice)).toEqual([]);
    const small = indexPoints(Float32Array.of(1, 5, 9, 5), Float32Array.of(1, 1, 1, 8));
    // A U: the point between its arms is outside.
    expect(small.inside({ x: [0, 10, 10, 6, 6, 4, 4, 0], y: [0, 0, 2, 2, 0.5, 0.5, 2, 2] })).toEqual([0, 2]);
    expect(small.inside({ x: [0, 1], y: [0, 1] })).toEqual([]);
    expect(small.inside({ x: [20, 30, 30], y: [0, 0, 1] })).toEqual([]);
  });

  it('finds nothing among no points, or points that are not finite', () => {
    const none = indexPoints(new Float32Array(0), new Float32Array(0));
    expect(none.nearest(0, 0, { x: 1, y: 1 })).toBe(-1);
    expect(none.inside({ x: [-1, 1, 0], y: [-1, -1, 1] })).toEqual([]);
    const broken = indexPoints(Float32Array.of(NaN, 0, Infinity), Float32Array.of(0, 0, 0));
    expect(broken.nearest(0, 0, { x: 9, y: 9 })).toBe(1);
    expect(broken.inside({ x: [-1, 1, 0], y: [-1, -1, 1] })).toEqual([1]);
  });
});

describe('extent', () => {
  it('is of the finite values', () => {
    expect(extentOf(Float32Array.of(3, NaN, -2, Infinity))).toEqual([-2, 3]);
    expect(extentOf(new Float32Array(0))).toEqual([0, 0]);
  });
});
