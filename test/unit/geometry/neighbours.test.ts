import { describe, expect, it } from 'vitest';
import { groupEqualRows } from '../../../src/core/geometry/distinctRows';
import { countOccurrences, hubness } from '../../../src/core/geometry/hubness';
import { type Candidates, candidatesCover, withCandidates } from '../../../src/core/geometry/neighbourCandidates';
import { cosineNeighbours, nearestCosines, type CosineNeighbours } from '../../../src/core/geometry/neighbours';
import { visitNearest } from '../../../src/core/geometry/nearestPoints';
import { squaredDistance, type Points } from '../../../src/core/geometry/points';
import type { Matrix } from '../../../src/core/linalg/matrix';
import { createRandom } from '../../../src/core/linalg/random';
import { gaussian, matrix64, rowOf, testProducts, toFloat32 } from './matrices';

/** Clouds that are hard in different ways; see the reasons. */
const clouds: readonly (readonly [string, Matrix])[] = [
  ['a Gaussian cloud', gaussian(300, 12, 1)],
  ['float32 rows', toFloat32(gaussian(300, 12, 2))],
  ['a cloud far from the origin, where float32 products of uncentred rows would say nothing', gaussian(200, 8, 3, 1e4)],
  ['near duplicates, which float32 products cannot tell apart', nearDuplicates(400, 6)],
  ['a lattice, where many distances are equal', lattice()],
  ['a line', gaussian(250, 1, 5)],
  ['an outlier that dwarfs the others', outlier(200, 5)],
  ['more dimensions than points', gaussian(60, 200, 6)],
  ['fewer points than candidates', gaussian(9, 4, 7)],
];

describe.each(clouds)('visitNearest of %s', (_, matrix) => {
  const { firstRows } = groupEqualRows(matrix, null);
  const points: Points = { matrix, rows: firstRows, factors: null, resolution: 0 };

  it.each([
    ['one tile', 2 ** 20],
    ['many tiles', 60 * (matrix.columns + 1)],
  ])('equals a search by hand (%s)', async (__, tileNumbers) => {
    const products = await testProducts();
    const visited = new Map<number, number[]>();
    const visitAll = (candidates: Candidates): Promise<void> =>
      visitNearest(points, 5, candidates, products, (point, list) => visited.set(point, Array.from(list.points)));
    await withCandidates(points, 8, products, visitAll, undefined, tileNumbers);
    expect(visited.size).toBe(firstRows.length);
    for (const [point, found] of visited) expect(found).toEqual(nearestByHand(matrix, firstRows, point, 5));
  });
});

describe('candidatesCover', () => {
  it('never claims a radius that hides a nearer point', async () => {
    const matrix = nearDuplicates(400, 6);
    const { firstRows } = groupEqualRows(matrix, null);
    const points: Points = { matrix, rows: firstRows, factors: null, resolution: 0 };
    let covered = 0;
    const count = (candidates: Candidates): Promise<void> => {
      firstRows.forEach((row, point) => {
        const listed = new Set(candidates.points.subarray(point * 6, (point + 1) * 6));
        const from = Float64Array.from(rowOf(matrix, row));
        const radii = Array.from(firstRows.keys(), (other) => Math.sqrt(squaredDistance(points, from, other)));
        const hidden = radii.filter((__, other) => other !== point && !listed.has(other));
        const nearestHidden = Math.min(...hidden);
        expect(candidatesCover(candidates, point, nearestHidden * (1 + 1e-12))).toBe(false);
        if (candidatesCover(candidates, point, nearestHidden / 2)) covered++;
      });
      return Promise.resolve();
    };
    await withCandidates(points, 6, await testProducts(), count);
    // The claim is of use: at half the radius it holds for the 200 ordinary points, and only the near duplicates need a scan.
    expect(covered).toBeGreaterThanOrEqual(200);
  });
});

describe('cosineNeighbours', () => {
  it('lists rows by cosine, leaves out the row itself and rows of length 0', async () => {
    const rows = [
      [1, 0],
      [0, 0],
      [1, 1],
      [0, 2],
      [-3, 0],
    ];
    const { k, rows: neighbours, cosines } = await cosineNeighbours(matrix64(rows), 2, await testProducts());
    expect(k).toBe(2);
    expect(Array.from(neighbours)).toEqual([2, 3, -1, -1, 0, 3, 2, 0, 3, 2]);
    // Rounded to multiples of 2^-42 of the squared radius, so that equal cosines are equal.
    expect(cosines[0]).toBeCloseTo(Math.SQRT1_2, 12);
    expect(cosines[1]).toBeCloseTo(0, 12);
    expect(cosines[2]).toBeNaN();
    expect(cosines[9]).toBeCloseTo(-Math.SQRT1_2, 12);
  });

  it('breaks ties by row number among equal rows, multiples of a row and equal groups', async () => {
    // Rows 0, 2, 5 equal; 3 is thrice and 6 a tenth of them; 1 and 4 equal, at 60 degrees.
    const u = [1, 2, 3];
    const v = [3, 2, 1];
    const rows = [u, v, u, u.map((x) => 3 * x), v, u, u.map((x) => 0.1 * x)];
    const { k, rows: neighbours } = await cosineNeighbours(matrix64(rows), 5, await testProducts());
    expect(Array.from(neighbours.subarray(0, k))).toEqual([2, 3, 5, 6, 1]);
    expect(Array.from(neighbours.subarray(3 * k, 4 * k))).toEqual([0, 2, 5, 6, 1]);
    expect(Array.from(neighbours.subarray(k, 2 * k))).toEqual([4, 0, 2, 3, 5]);
  });

  it('equals sorting all cosines, duplicates included', async () => {
    const random = createRandom(11);
    const few = gaussian(40, 6, 8, 0.5);
    const rows = Array.from({ length: 120 }, () => rowOf(few, random.integer(40)));
    const matrix = matrix64(rows);
    const { k, rows: neighbours } = await cosineNeighbours(matrix, 10, await testProducts());
    rows.forEach((row, i) => {
      // Rounded to 1e-13: equal rows are equally near, other pairs differ by more.
      const byCosine = rows
        .map((other, j) => ({ j, cosine: Math.round(cosine(row, other) * 1e13) }))
        .filter(({ j }) => j !== i)
        .sort((a, b) => b.cosine - a.cosine || a.j - b.j);
      expect(Array.from(neighbours.subarray(i * k, (i + 1) * k))).toEqual(byCosine.slice(0, k).map(({ j }) => j));
    });
  });

  it('has fewer columns where there are fewer rows', async () => {
    const products = await testProducts();
    expect((await cosineNeighbours(gaussian(4, 3, 1), 10, products)).k).toBe(3);
    expect((await cosineNeighbours(gaussian(1, 3, 1), 10, products)).k).toBe(0);
    const none = await cosineNeighbours(
      matrix64([
        [0, 0],
        [0, 0],
      ]),
      10,
      products,
    );
    expect(none.k).toBe(0);
    expect(Array.from(nearestCosines(none, 2))).toEqual([NaN, NaN]);
  });

  it('stops when asked to', async () => {
    const attempt = cosineNeighbours(gaussian(50, 3, 1), 5, await testProducts(), AbortSignal.abort());
    await expect(attempt).rejects.toMatchObject({ name: 'AbortError' });
  });
});

it('treats cosines as equal that only rounding tells apart', async () => {
  // Permutations of the same entries: cosines take few values, in exact arithmetic equal, in float64 1e-16 apart.
  const rows = [0, 1, 2, 3, 4, 5].map((shift) =>
    [0, 1, 2, 3, 4, 5].map((k) => [0.1, 0.7, 0.3, 0.9, 0.2, 0.6][(k + shift) % 6]),
  );
  const { rows: neighbours, k } = await cosineNeighbours(matrix64(rows), 5, await testProducts());
  // Of shifts s and −s, equally near, the lower row comes first.
  for (let row = 0; row < 6; row++) {
    const list = Array.from(neighbours.subarray(row * k, (row + 1) * k));
    for (const shift of [1, 2]) {
      const [a, b] = [(row + shift) % 6, (row + 6 - shift) % 6].map((other) => list.indexOf(other));
      expect(Math.abs(a - b)).toBe(1);
      expect(a < b).toBe((row + shift) % 6 < (row + 6 - shift) % 6);
    }
  }
});

describe('hubness', () => {
  const table = (k: number, ...lists: number[][]): CosineNeighbours => ({
    k,
    rows: Int32Array.from(lists.flat()),
    cosines: new Float64Array(k * lists.length),
  });

  it('counts what can be counted by hand', () => {
    // N_1 = 3, 1, 0, 0 over the rows that have neighbours; mean 1.
    const neighbours = table(1, [1], [0], [0], [-1], [0]);
    expect(Array.from(countOccurrences(neighbours, 5))).toEqual([3, 1, 0, 0, 0]);
    const result = hubness(neighbours, 1)!;
    expect(result.antiHubRate).toBe(0.5);
    expect(result.hubShare).toBe(0.75);
    // (|3−1| + 0 + 1 + 1)/(2·4)
    expect(result.robinHood).toBe(0.5);
    // deviations 2, 0, −1, −1: third moment 6/4, variance 6/4
    expect(result.skewness).toBeCloseTo(1.5 / 1.5 ** 1.5, 14);
  });

  it('has no skewness where all are equally often neighbours', () => {
    expect(hubness(table(1, [1], [0]), 1)).toEqual({ k: 1, skewness: null, antiHubRate: 0, hubShare: 0, robinHood: 0 });
  });

  it('is null for too few rows', () => {
    expect(hubness(table(1, [1], [0]))).toBeNull();
  });
});

describe('groupEqualRows', () => {
  it('groups by value: −0 equals 0, the next float does not', () => {
    const matrix = matrix64([
      [0, 1],
      [1, 1],
      [-0, 1],
      [1, 1 + 2 ** -52],
      [1, 1],
    ]);
    const { firstRows, groupOf } = groupEqualRows(matrix, null);
    expect(Array.from(firstRows)).toEqual([0, 1, 3]);
    expect(Array.from(groupOf)).toEqual([0, 1, 0, 2, 1]);
  });

  it('groups scaled rows and leaves out those of factor 0', () => {
    const { groupOf } = groupEqualRows(
      matrix64([
        [2, 4],
        [1, 2],
        [0, 0],
      ]),
      Float64Array.of(0.5, 1, 0),
    );
    expect(Array.from(groupOf)).toEqual([0, 0, -1]);
  });

  it('tells many rows apart', () => {
    const matrix = toFloat32(gaussian(3000, 2, 1));
    const { firstRows } = groupEqualRows(matrix, null);
    const distinct = new Set(Array.from({ length: 3000 }, (_, row) => rowOf(matrix, row).join()));
    expect(firstRows).toHaveLength(distinct.size);
  });
});

function nearestByHand(matrix: Matrix, rows: Int32Array, point: number, k: number): number[] {
  const from = rowOf(matrix, rows[point]);
  return Array.from(rows, (row, other) => ({
    other,
    square: rowOf(matrix, row).reduce((sum, value, i) => sum + (value - from[i]) ** 2, 0),
  }))
    .filter(({ other }) => other !== point)
    .sort((a, b) => a.square - b.square || a.other - b.other)
    .slice(0, k)
    .map(({ other }) => other);
}

function nearDuplicates(rows: number, columns: number): Matrix {
  const matrix = gaussian(rows, columns, 4);
  // Eight copies of each of the first rows, 1e-6 apart.
  for (let row = 0; row < rows / 2; row++) {
    for (let k = 0; k < columns; k++) {
      const at = row * columns + k;
      matrix.data[at] = matrix.data[(row % 25) * columns + k] + 1e-6 * matrix.data[at];
    }
  }
  return matrix;
}

function lattice(): Matrix {
  const rows: number[][] = [];
  for (let x = 0; x < 6; x++) for (let y = 0; y < 6; y++) for (let z = 0; z < 6; z++) rows.push([x, y, z]);
  return matrix64(rows);
}

function outlier(rows: number, columns: number): Matrix {
  const matrix = gaussian(rows, columns, 9);
  for (let k = 0; k < columns; k++) matrix.data[k] *= 1e6;
  return matrix;
}

function cosine(a: readonly number[], b: readonly number[]): number {
  const dot = (x: readonly number[], y: readonly number[]) => x.reduce((sum, value, k) => sum + value * y[k], 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}
