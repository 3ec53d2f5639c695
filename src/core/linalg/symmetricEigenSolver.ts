import { IsoscopeError } from '../protocol/errors';
import { createEigenSolverInstance, type EigenSolverInstance } from './eigenSolverInstance';
import type { Matrix64 } from './matrix';
import { createRandom } from './random';
import type { SymmetricEigen } from './symmetricEigen';

/** WebAssembly addresses 4 GiB; the solver holds up to five n × n matrices at once. */
const LARGEST_ORDER = 8192;
/** Memory of WebAssembly never shrinks: after a matrix of this order its instance is given up. */
const ORDER_WORTH_FREEING = 1536;

let solver: EigenSolverInstance | undefined;

/**
 * Eigenvalues and eigenvectors of a symmetric matrix: Householder tridiagonalisation, divide and conquer, compact-WY back-transformation.
 * ‖AV − VΛ‖ ≤ 1e-13·‖A‖ and |VᵀV − I| ≤ 1e-12, also for graded, clustered and rank-deficient matrices; an eigenvalue is good to about 1e-15·‖A‖,
 * not relative to itself. Synchronous: 0.2 s at n = 768.
 * @param a shape [n, n]; only the lower triangle is read, and `a` is left as it is
 * @returns values descending, eigenvectors as rows of unit length
 * @throws RangeError when `a` is not square; IsoscopeError `input` when it holds NaN or ±Infinity, `out-of-memory` when it is too large
 */
export function decomposeSymmetric(a: Matrix64): SymmetricEigen {
  const { rows: n, columns } = a;
  if (n !== columns) throw new RangeError(`a matrix of ${String(n)} × ${String(columns)} has no eigenvalues`);
  if (n === 0) return { values: new Float64Array(0), vectors: { data: new Float64Array(0), rows: 0, columns: 0 } };
  if (n > LARGEST_ORDER) throw tooLarge(n);
  const exponent = scaleExponent(a);
  const { memory, reserve, decompose, valuesAddress, vectorsAddress } = (solver ??= createEigenSolverInstance());
  try {
    const address = withMemory(n, () => reserve(n));
    copyScaled(a.data, new Float64Array(memory.buffer, address, n * n), -exponent);
    const status = withMemory(n, decompose);
    if (status !== 0) {
      throw new IsoscopeError('engine', `The eigenvalues of a matrix of ${String(n)} × ${String(n)} did not converge.`);
    }
    const values = new Float64Array(memory.buffer, valuesAddress(), n);
    const vectors = new Float64Array(memory.buffer, vectorsAddress(), n * n);
    return descending(values, vectors, n, exponent);
  } finally {
    if (n >= ORDER_WORTH_FREEING) solver = undefined;
  }
}

/**
 * Three small solves, after which V8 has compiled the solver with its optimising compiler: a first solve at n = 768 otherwise takes three times as long.
 * Takes some 30 ms.
 */
export function warmUpEigenSolver(): void {
  const n = 96;
  const random = createRandom(0);
  const data = Float64Array.from({ length: n * n }, () => random.normal());
  for (let solve = 0; solve < 3; solve++) decomposeSymmetric({ data, rows: n, columns: n });
}

/** The exponent e for which max|a|·2⁻ᵉ is about 1: the solver's thresholds are absolute. Scaling by a power of two loses nothing. */
function scaleExponent({ data, rows: n }: Matrix64): number {
  let largest = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      const size = Math.abs(data[i * n + j]);
      // Written so that NaN fails, too.
      if (!(size < Infinity)) throw notFinite(i, j, data[i * n + j]);
      if (size > largest) largest = size;
    }
  }
  if (largest === 0) return 0;
  return Math.floor(Math.log2(largest));
}

function notFinite(row: number, column: number, value: number): IsoscopeError {
  const place = `row ${String(row + 1)}, column ${String(column + 1)}`;
  return new IsoscopeError(
    'input',
    `The matrix holds ${String(value)} in ${place}, so that it has no eigenvalues; check the vectors for values that are not finite.`,
  );
}

/** 2^exponent as two factors: 2^1074 is no float64. */
function powerOfTwo(exponent: number): readonly [number, number] {
  const half = Math.trunc(exponent / 2);
  return [2 ** half, 2 ** (exponent - half)];
}

function copyScaled(from: Float64Array, to: Float64Array, exponent: number): void {
  const [first, second] = powerOfTwo(exponent);
  for (let i = 0; i < from.length; i++) to[i] = from[i] * first * second;
}

function descending(values: Float64Array, vectors: Float64Array, n: number, exponent: number): SymmetricEigen {
  const data = new Float64Array(n * n);
  for (let row = 0; row < n; row++) {
    const from = (n - 1 - row) * n;
    data.set(vectors.subarray(from, from + n), row * n);
  }
  const sorted = new Float64Array(n);
  copyScaled(values, sorted, exponent);
  return {
    values: sorted.reverse(),
    vectors: { data, rows: n, columns: n },
  };
}

function withMemory<T>(n: number, solve: () => T): T {
  try {
    return solve();
  } catch (error) {
    // The solver traps where its memory cannot grow, and is unusable afterwards.
    solver = undefined;
    throw tooLarge(n, error);
  }
}

function tooLarge(n: number, cause?: unknown): IsoscopeError {
  const matrix = `a matrix of ${String(n)} × ${String(n)}`;
  return new IsoscopeError('out-of-memory', `There is not enough memory for the eigenvalues of ${matrix}.`, { cause });
}
