import { EigenvalueDecomposition, Matrix as MlMatrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { type Matrix64, matrixOf } from '../../../src/core/linalg/matrix';
import { createRandom } from '../../../src/core/linalg/random';
import { decomposeSymmetric, warmUpEigenSolver } from '../../../src/core/linalg/symmetricEigenSolver';
import { IsoscopeError } from '../../../src/core/protocol/errors';
import { eigenQuality } from '../../property/linalg/eigenQuality';
import { symmetricMatrix } from '../../property/linalg/symmetricMatrices';

function square(...rows: readonly (readonly number[])[]): Matrix64 {
  return matrixOf(Float64Array.from(rows.flat()), rows.length, rows.length);
}

/** XᵀX / (samples − 1) of normal samples with standard deviations that fall from 1 to 1e-4. */
function covariance(samples: number, n: number, seed: number): Matrix64 {
  const random = createRandom(seed);
  const data = new Float64Array(n * n);
  const row = new Float64Array(n);
  for (let s = 0; s < samples; s++) {
    for (let j = 0; j < n; j++) row[j] = random.normal() * 10 ** ((-4 * j) / n);
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) data[i * n + j] += (row[i] * row[j]) / (samples - 1);
  }
  return matrixOf(data, n, n);
}

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('decomposeSymmetric on matrices whose answer is known', () => {
  it('decomposes nothing, one number and two', () => {
    expect(decomposeSymmetric(square()).values).toHaveLength(0);
    const one = decomposeSymmetric(square([-3]));
    expect([...one.values]).toEqual([-3]);
    expect(Math.abs(one.vectors.data[0])).toBe(1);
    const two = decomposeSymmetric(square([2, 1], [1, 2]));
    expect(two.values[0]).toBeCloseTo(3, 14);
    expect(two.values[1]).toBeCloseTo(1, 14);
    expect(two.vectors.data[0] / two.vectors.data[1]).toBeCloseTo(1, 14);
    expect(two.vectors.data[2] / two.vectors.data[3]).toBeCloseTo(-1, 14);
  });

  it('finds nothing but zeros in a matrix of zeros, with an orthogonal basis', () => {
    const zero = matrixOf(new Float64Array(70 * 70), 70, 70);
    const eigen = decomposeSymmetric(zero);
    expect(eigen.values.every((value) => value === 0)).toBe(true);
    expect(eigenQuality(zero, eigen).orthogonality).toBeLessThan(1e-15);
  });

  it('only sorts a diagonal matrix', () => {
    const diagonal = [3, -1, 0, 7, 3, 1e-30];
    const n = diagonal.length;
    const a = matrixOf(new Float64Array(n * n), n, n);
    diagonal.forEach((value, i) => (a.data[i * n + i] = value));
    const { values, vectors } = decomposeSymmetric(a);
    expect([...values]).toEqual([7, 3, 3, 1e-30, 0, -1]);
    expect(Math.abs(vectors.data[3])).toBe(1);
  });

  it.each([5, 33, 200])('knows the vibrating string of %i points', (n) => {
    const { values } = decomposeSymmetric(symmetricMatrix('tridiagonal, second difference', n, createRandom(0)));
    const exact = Array.from({ length: n }, (_, i) => 2 - 2 * Math.cos(((n - i) * Math.PI) / (n + 1)));
    values.forEach((value, i) => expect(value).toBeCloseTo(exact[i], 14));
  });

  it("separates the close pairs of Wilkinson's W21+", () => {
    const { values } = decomposeSymmetric(symmetricMatrix('Wilkinson', 21, createRandom(0)));
    // Wilkinson, The Algebraic Eigenvalue Problem (1965), p. 309; the pair is 7e-14 apart.
    expect(values[0]).toBeCloseTo(10.746194182903393, 13);
    expect(values[1]).toBeCloseTo(10.746194182903322, 13);
    expect(values[20]).toBeCloseTo(-1.1254415221199847, 13);
  });
});

describe('decomposeSymmetric beside ml-matrix', () => {
  it.each([
    ['random', 60],
    ['covariance of few samples', 90],
    ['Hilbert', 40],
    ['glued Wilkinson', 84],
  ] as const)('agrees on a matrix of the kind: %s', (kind, n) => {
    const a = symmetricMatrix(kind, n, createRandom(11));
    const oracle = new EigenvalueDecomposition(new MlMatrix(MlMatrix.from1DArray(n, n, a.data)), {
      assumeSymmetric: true,
    });
    const expected = oracle.realEigenvalues.sort((x, y) => y - x);
    const { values } = decomposeSymmetric(a);
    // Both are backward stable: they differ by some n·ε of the largest eigenvalue.
    const tolerance = 1e-14 * Math.max(Math.abs(expected[0]), Math.abs(expected[n - 1])) * Math.sqrt(n);
    values.forEach((value, i) => expect(Math.abs(value - expected[i])).toBeLessThanOrEqual(tolerance));
  });
});

describe('decomposeSymmetric at the sizes of encoders', () => {
  it.each([
    [384, 1000],
    // Rank 299 of 384: a third of the eigenvalues are 0.
    [384, 300],
    [768, 800],
  ])('is accurate for the covariance of %i dimensions over %i samples', (n, samples) => {
    const a = covariance(samples, n, n + samples);
    const eigen = decomposeSymmetric(a);
    const quality = eigenQuality(a, eigen);
    expect(quality.residual).toBeLessThan(1e-13);
    expect(quality.orthogonality).toBeLessThan(1e-12);
    expect(quality.isDescending).toBe(true);
    if (samples < n) {
      expect(eigen.values.filter((value) => Math.abs(value) > 1e-14 * eigen.values[0])).toHaveLength(samples);
    }
  });
});

describe('decomposeSymmetric and its memory', () => {
  it('gives equal bits for equal matrices, whatever came before', () => {
    const small = symmetricMatrix('random', 10, createRandom(1));
    const large = symmetricMatrix('random', 150, createRandom(2));
    const first = decomposeSymmetric(small);
    const values = first.values.slice();
    const wide = decomposeSymmetric(large);
    expect(decomposeSymmetric(small)).toEqual(first);
    expect(decomposeSymmetric(large)).toEqual(wide);
    // Results are copies, not views of memory that the next matrix overwrites.
    expect(first.values).toEqual(values);
  });

  it('reads the lower triangle and leaves the matrix as it is', () => {
    const a = symmetricMatrix('random', 45, createRandom(3));
    const lower = { ...a, data: a.data.map((x, i) => (i % 45 > Math.floor(i / 45) ? NaN : x)) };
    const before = lower.data.slice();
    expect(decomposeSymmetric(lower)).toEqual(decomposeSymmetric(a));
    expect(lower.data).toEqual(before);
  });

  it('warms up without a trace', () => {
    const a = symmetricMatrix('random', 20, createRandom(4));
    const before = decomposeSymmetric(a);
    warmUpEigenSolver();
    expect(decomposeSymmetric(a)).toEqual(before);
  });
});

describe('decomposeSymmetric refuses', () => {
  it.each([NaN, Infinity, -Infinity])('%d, naming its place', (value) => {
    const a = symmetricMatrix('random', 40, createRandom(5));
    a.data[30 * 40 + 7] = value;
    const error = thrownBy(() => decomposeSymmetric(a));
    expect(error).toBeInstanceOf(IsoscopeError);
    expect(error).toMatchObject({ reason: 'input' });
    expect((error as Error).message).toContain(`${String(value)} in row 31, column 8`);
  });

  it('a matrix that is not square', () => {
    expect(() => decomposeSymmetric(matrixOf(new Float64Array(6), 2, 3))).toThrow(RangeError);
  });

  it('a matrix beyond its memory, before it reads it', () => {
    const huge = { data: new Float64Array(0), rows: 20_000, columns: 20_000 };
    expect(thrownBy(() => decomposeSymmetric(huge))).toMatchObject({ reason: 'out-of-memory' });
  });
});
