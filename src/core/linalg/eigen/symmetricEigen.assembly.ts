/**
 * Eigenvalues and eigenvectors of a real symmetric matrix, in WebAssembly with 128-bit SIMD: Householder tridiagonalisation, divide and conquer,
 * back-transformation. AssemblyScript, compiled by scripts/buildWasm.ts; symmetricEigenSolver.ts is its only caller.
 *
 * Its thresholds are absolute: the caller scales the matrix to max|a| ≈ 1 and sees to it that every number is finite.
 */
import { transformBack } from './backTransform.assembly';
import { decomposeTridiagonal } from './divideAndConquer.assembly';
import { Address, allocate, fillZeros, releaseAll, rowOf } from './memory.assembly';
import { wholeTiles } from './productTile.assembly';
import { tridiagonalize } from './tridiagonalize.assembly';

let order: i32 = 0;
let matrix: Address = 0;
let values: Address = 0;
let vectors: Address = 0;

/** The address of room for a matrix [n, n], row-major. Forgets the one before; views of a memory that has grown are void. */
export function reserve(n: i32): Address {
  releaseAll();
  order = n;
  matrix = allocate(<usize>n * <usize>n);
  values = allocate(n);
  vectors = allocate(<usize>wholeTiles(n) * <usize>n);
  return matrix;
}

/**
 * Decomposes the matrix at the address that `reserve` gave; only its lower triangle is read, and all of it is destroyed.
 * @returns 0, or 1 when an eigenvalue did not settle
 */
export function decompose(): i32 {
  const coupling = allocate(order);
  const factors = allocate(order);
  tridiagonalize(matrix, order, values, coupling, factors);
  if (decomposeTridiagonal(values, coupling, order, vectors)) return 1;
  // The products work on whole tiles of rows.
  fillZeros(rowOf(vectors, order, order), (wholeTiles(order) - order) * order);
  transformBack(matrix, factors, order, vectors);
  return 0;
}

/** n numbers, ascending. */
export function valuesAddress(): Address {
  return values;
}

/** [n, n]: an eigenvector of unit length in each row, in the order of the values. */
export function vectorsAddress(): Address {
  return vectors;
}
