import type { Matrix64 } from '../../../src/core/linalg/matrix';
import type { Random } from '../../../src/core/linalg/random';

/** Entry (i, j), j ≤ i, of a symmetric matrix of order n. */
type Entries = (i: number, j: number) => number;

/**
 * Symmetric matrices that are hard in different ways: each entry of this table takes the order and a source of random numbers. Dense ones first, then
 * tridiagonal ones, which reach the divide-and-conquer step as they are.
 */
export const symmetricMatrixKinds = {
  random: (_n, random) => () => random.normal(),
  'graded downwards': (_n, random) => {
    const k = 1.5 * random.next();
    return (i, j) => random.normal() * 10 ** (-k * (i + j));
  },
  'graded upwards': (n, random) => {
    const k = 1.5 * random.next();
    return (i, j) => random.normal() * 10 ** (-k * (2 * n - i - j));
  },
  sparse: (_n, random) => () => (random.next() < 0.1 ? random.normal() : 0),
  diagonal: (_n, random) => (i, j) => (i === j ? random.normal() : 0),
  blocks: (_n, random) => (i, j) => (i >> 3 === j >> 3 ? random.normal() : 0),
  'rank one': () => () => 1,
  'identity and a large rank one': () => (i, j) => 1e6 + (i === j ? 1 : 0),
  zero: () => () => 0,
  Hilbert: () => (i, j) => 1 / (i + j + 1),
  huge: (_n, random) => () => random.normal() * 1e300,
  tiny: (_n, random) => () => random.normal() * 1e-300,
  'rows of zeros': (n, random) => {
    const isZero = Array.from({ length: n }, () => random.next() < 0.5);
    return (i, j) => (isZero[i] || isZero[j] ? 0 : random.normal());
  },
  'covariance of few samples': (n, random) => {
    const samples = Array.from({ length: Math.ceil(n / 3) }, () => Array.from({ length: n }, () => random.normal()));
    return (i, j) => samples.reduce((sum, row) => sum + row[i] * row[j], 0);
  },

  'tridiagonal, random': (_n, random) =>
    tridiagonal(
      () => random.normal(),
      () => random.normal(),
    ),
  'tridiagonal, magnitudes over 20 decades': (_n, random) => {
    const wild = () => random.normal() * 10 ** (-20 * random.next());
    return tridiagonal(wild, wild);
  },
  'tridiagonal, graded to the middle': (n, random) => {
    const k = 2 * random.next();
    const graded = (i: number) => random.normal() * 10 ** (-k * Math.abs(i - n / 2));
    return tridiagonal(graded, graded);
  },
  'tridiagonal, zero diagonal': (_n, random) =>
    tridiagonal(
      () => 0,
      () => random.normal(),
    ),
  'tridiagonal, second difference': () =>
    tridiagonal(
      () => 2,
      () => -1,
    ),
  Wilkinson: (n) =>
    tridiagonal(
      (i) => Math.abs(i - (n >> 1)),
      () => 1,
    ),
  'glued Wilkinson': () =>
    tridiagonal(
      (i) => Math.abs((i % 21) - 10),
      (i) => (i % 21 === 0 ? 1e-8 : 1),
    ),
  'tridiagonal, holes': (_n, random) =>
    tridiagonal(
      () => (random.next() < 0.5 ? 0 : random.normal()),
      () => (random.next() < 0.3 ? 0 : random.normal()),
    ),
  'tridiagonal, below rounding': (_n, random) =>
    tridiagonal(
      (i) => (i < 3 ? 1 : 1e-17 * random.normal()),
      (i) => (i < 3 ? 1 : 1e-17) * random.normal(),
    ),
  'tridiagonal, denormal': (_n, random) =>
    tridiagonal(
      () => (random.next() < 0.2 ? 1 : random.normal() * 1e-310),
      () => random.normal() * 10 ** (-300 * random.next()),
    ),
  'tridiagonal, one cluster': (_n, random) =>
    tridiagonal(
      () => 1 + 1e-13 * random.normal(),
      () => 1e-13 * random.normal(),
    ),
} satisfies Readonly<Record<string, (n: number, random: Random) => Entries>>;

export type SymmetricMatrixKind = keyof typeof symmetricMatrixKinds;

export function symmetricMatrix(kind: SymmetricMatrixKind, n: number, random: Random): Matrix64 {
  const entries: Entries = symmetricMatrixKinds[kind](n, random);
  const data = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) data[i * n + j] = data[j * n + i] = entries(i, j);
  return { data, rows: n, columns: n };
}

/** @param coupling between i − 1 and i */
function tridiagonal(diagonal: (i: number) => number, coupling: (i: number) => number): Entries {
  return (i, j) => (i === j ? diagonal(i) : i === j + 1 ? coupling(i) : 0);
}
