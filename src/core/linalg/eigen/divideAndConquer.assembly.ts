/**
 * Divide and conquer for a symmetric tridiagonal matrix (Cuppen 1981; Gu & Eisenstat 1995): T = diag(T₁, T₂) + ρ u uᵀ. With the halves decomposed, what
 * remains is a diagonal matrix plus one of rank one, whose eigenvalues are roots of a secular equation and whose eigenvectors are known in closed form.
 */
import { deflate, endColumn, FIRST_HALF, BOTH_HALVES, firstColumn, SECOND_HALF } from './deflation.assembly';
import { implicitQl } from './implicitQl.assembly';
import { multiply } from './matrixProduct.assembly';
import {
  Address,
  allocate,
  copyNumbers,
  elementOf,
  fillZeros,
  integerAt,
  markMemory,
  numberAt,
  releaseMemory,
  rowOf,
  setInteger,
  setNumber,
} from './memory.assembly';
import { wholeTiles } from './productTile.assembly';
import { solveSecularEquation } from './secularEquation.assembly';
import { EPSILON, swapNumbers } from './vectors.assembly';

/** Matrices up to this order go to the QL method. */
const SMALL = 32;

/**
 * @param diagonal n numbers; on return the eigenvalues, ascending
 * @param coupling coupling[i] stands between i − 1 and i; destroyed
 * @param vectors [n, n]; gets the eigenvectors as rows
 * @returns 0, or 1 when an eigenvalue did not settle
 */
export function decomposeTridiagonal(diagonal: Address, coupling: Address, n: i32, vectors: Address): i32 {
  let norm = 0.0;
  for (let i = 0; i < n; i++) norm = max(norm, max(abs(numberAt(diagonal, i)), abs(numberAt(coupling, i))));
  // Couplings this small are zero against the whole matrix; without them no square underflows.
  const floor = EPSILON * EPSILON * norm;
  for (let i = 1; i < n; i++) if (abs(numberAt(coupling, i)) <= floor) setNumber(coupling, i, 0);
  return decompose(diagonal, coupling, n, floor, vectors, n);
}

function decompose(diagonal: Address, coupling: Address, n: i32, floor: f64, vectors: Address, stride: i32): i32 {
  if (n <= SMALL) return decomposeSmall(diagonal, coupling, n, floor, vectors, stride);
  const half = n >> 1;
  const joint = numberAt(coupling, half);
  setNumber(diagonal, half - 1, numberAt(diagonal, half - 1) - abs(joint));
  setNumber(diagonal, half, numberAt(diagonal, half) - abs(joint));
  const secondVectors = elementOf(rowOf(vectors, half, stride), half);
  if (decompose(diagonal, coupling, half, floor, vectors, stride)) return 1;
  if (decompose(elementOf(diagonal, half), elementOf(coupling, half), n - half, floor, secondVectors, stride)) {
    return 1;
  }
  join(diagonal, n, half, joint, vectors, stride);
  return 0;
}

function decomposeSmall(diagonal: Address, coupling: Address, n: i32, floor: f64, vectors: Address, stride: i32): i32 {
  for (let i = 0; i < n; i++) {
    fillZeros(rowOf(vectors, i, stride), n);
    setNumber(rowOf(vectors, i, stride), i, 1);
  }
  const status = implicitQl(diagonal, coupling, n, floor, vectors, stride);
  for (let i = 0; i < n - 1; i++) {
    let least = i;
    for (let j = i + 1; j < n; j++) if (numberAt(diagonal, j) < numberAt(diagonal, least)) least = j;
    if (least == i) continue;
    swapNumbers(elementOf(diagonal, i), elementOf(diagonal, least), 1);
    swapNumbers(rowOf(vectors, i, stride), rowOf(vectors, least, stride), n);
  }
  return status;
}

/** Two decomposed halves, in `values` and the diagonal blocks of `vectors`, become the decomposition of the whole. */
function join(values: Address, n: i32, half: i32, joint: f64, vectors: Address, stride: i32): void {
  const mark = markMemory();
  const z = allocate(n);
  const order = allocate(n);
  const parts = allocate(n);
  const kept = allocate(n);
  const done = allocate(n);
  // u has ±1 on both sides of the joint: z = Vᵀu, made a unit vector.
  const sign: f64 = joint < 0 ? -1 : 1;
  for (let i = 0; i < n; i++) {
    const isFirst = i < half;
    const component = isFirst
      ? numberAt(rowOf(vectors, i, stride), half - 1)
      : sign * numberAt(rowOf(vectors, i, stride), half);
    setNumber(z, i, component * Math.SQRT1_2);
    setInteger(parts, i, isFirst ? FIRST_HALF : SECOND_HALF);
  }
  const rho = 2 * abs(joint);
  orderOfHalves(values, n, half, order);
  const k = deflate(n, half, rho, order, values, z, parts, vectors, stride, kept, done);
  const doneValues = allocate(n);
  const doneVectors = allocate(<usize>(n - k) * <usize>n);
  takeDone(n, half, n - k, values, parts, vectors, stride, done, doneValues, doneVectors);
  const roots = allocate(n);
  if (k > 0) combineKept(n, half, k, rho, values, z, parts, kept, roots, vectors, stride);
  mergeSorted(n, k, roots, doneValues, doneVectors, values, vectors, stride);
  releaseMemory(mark);
}

/** The ascending order of two ascending halves. */
function orderOfHalves(values: Address, n: i32, half: i32, order: Address): void {
  let a = 0;
  let b = half;
  for (let position = 0; position < n; position++) {
    const takesFirst = b == n || (a < half && numberAt(values, a) <= numberAt(values, b));
    setInteger(order, position, takesFirst ? a++ : b++);
  }
}
/** Takes the pairs that are done out of the way, ascending, before their rows are written over. */
function takeDone(
  n: i32,
  half: i32,
  count: i32,
  values: Address,
  parts: Address,
  vectors: Address,
  stride: i32,
  done: Address,
  doneValues: Address,
  doneVectors: Address,
): void {
  // Insertion sort: but for the rotated ones they are in order already.
  for (let i = 1; i < count; i++) {
    const index = integerAt(done, i);
    const value = numberAt(values, index);
    let slot = i;
    for (; slot > 0 && numberAt(values, integerAt(done, slot - 1)) > value; slot--) {
      setInteger(done, slot, integerAt(done, slot - 1));
    }
    setInteger(done, slot, index);
  }
  for (let i = 0; i < count; i++) {
    const index = integerAt(done, i);
    setNumber(doneValues, i, numberAt(values, index));
    const to = rowOf(doneVectors, i, n);
    fillZeros(to, n);
    const part = integerAt(parts, index);
    const first = firstColumn(part, half);
    const count = endColumn(part, half, n) - first;
    copyNumbers(elementOf(to, first), elementOf(rowOf(vectors, index, stride), first), count);
  }
}

/** The k eigenpairs that stay: roots, ascending, and their vectors in rows 0 … k − 1 of `vectors`. */
function combineKept(
  n: i32,
  half: i32,
  k: i32,
  rho: f64,
  values: Address,
  z: Address,
  parts: Address,
  kept: Address,
  roots: Address,
  vectors: Address,
  stride: i32,
): void {
  const mark = markMemory();
  // Vectors of the first half come first, those of both next: so either half of the product leaves out the rows that are zero there.
  let firstCount = 0;
  let bothCount = 0;
  for (let i = 0; i < k; i++) {
    const part = integerAt(parts, integerAt(kept, i));
    if (part == FIRST_HALF) firstCount++;
    else if (part == BOTH_HALVES) bothCount++;
  }
  const secondStart = firstCount + bothCount;
  const places = allocate(k);
  let nextFirst = 0;
  let nextBoth = firstCount;
  let nextSecond = secondStart;
  for (let i = 0; i < k; i++) {
    const part = integerAt(parts, integerAt(kept, i));
    setInteger(places, i, part == FIRST_HALF ? nextFirst++ : part == BOTH_HALVES ? nextBoth++ : nextSecond++);
  }
  const combination = allocate(<usize>wholeTiles(k) * <usize>k);
  solveRankOne(k, rho, values, z, kept, places, roots, combination);

  const upper = allocate(<usize>secondStart * <usize>half);
  const lower = allocate(<usize>(k - firstCount) * <usize>(n - half));
  for (let i = 0; i < k; i++) {
    const index = integerAt(kept, i);
    const place = integerAt(places, i);
    const row = rowOf(vectors, index, stride);
    if (place < secondStart) copyNumbers(rowOf(upper, place, half), row, half);
    if (place >= firstCount) copyNumbers(rowOf(lower, place - firstCount, n - half), elementOf(row, half), n - half);
  }
  multiply(combination, k, upper, half, vectors, stride, k, secondStart, half);
  const lowerColumns = elementOf(vectors, half);
  multiply(elementOf(combination, firstCount), k, lower, n - half, lowerColumns, stride, k, k - firstCount, n - half);
  releaseMemory(mark);
}

/**
 * Eigenvalues and eigenvectors of diag(d) + ρ z zᵀ over the kept pairs.
 * @param places where pair i's component stands in an eigenvector
 * @param roots gets the eigenvalues, ascending
 * @param combination [k, k]; gets the eigenvectors as rows
 */
function solveRankOne(
  k: i32,
  rho: f64,
  values: Address,
  z: Address,
  kept: Address,
  places: Address,
  roots: Address,
  combination: Address,
): void {
  const mark = markMemory();
  const poles = allocate(k);
  const squares = allocate(k);
  let total = 0.0;
  for (let i = 0; i < k; i++) {
    const index = integerAt(kept, i);
    const square = numberAt(z, index) * numberAt(z, index);
    setNumber(poles, i, numberAt(values, index));
    setNumber(squares, i, square);
    total += square;
  }
  for (let j = 0; j < k; j++) {
    setNumber(roots, j, solveSecularEquation(k, j, poles, squares, rho, total, rowOf(combination, j, k)));
  }
  const exact = allocate(k);
  refineZ(k, poles, combination, z, kept, exact);
  const components = allocate(k);
  for (let j = 0; j < k; j++) {
    const row = rowOf(combination, j, k);
    let square = 0.0;
    for (let i = 0; i < k; i++) {
      const component = numberAt(exact, i) / numberAt(row, i);
      setNumber(components, i, component);
      square += component * component;
    }
    const scale = 1 / sqrt(square);
    for (let i = 0; i < k; i++) setNumber(row, integerAt(places, i), numberAt(components, i) * scale);
  }
  releaseMemory(mark);
}

/**
 * The z of which the computed roots are the EXACT eigenvalues (Gu & Eisenstat 1994): with it, eigenvectors come out orthogonal however close roots lie.
 * ẑᵢ² = Πⱼ (λⱼ − dᵢ) / Πⱼ≠ᵢ (dⱼ − dᵢ), up to ρ, which the normalisation takes away.
 * @param differences row j holds dᵢ − λⱼ
 */
function refineZ(k: i32, poles: Address, differences: Address, z: Address, kept: Address, exact: Address): void {
  for (let i = 0; i < k; i++) setNumber(exact, i, numberAt(rowOf(differences, i, k), i));
  for (let j = 0; j < k; j++) {
    const row = rowOf(differences, j, k);
    const pole = numberAt(poles, j);
    for (let i = 0; i < j; i++) {
      setNumber(exact, i, numberAt(exact, i) * (numberAt(row, i) / (numberAt(poles, i) - pole)));
    }
    for (let i = j + 1; i < k; i++) {
      setNumber(exact, i, numberAt(exact, i) * (numberAt(row, i) / (numberAt(poles, i) - pole)));
    }
  }
  for (let i = 0; i < k; i++) {
    setNumber(exact, i, f64.copysign(sqrt(abs(numberAt(exact, i))), numberAt(z, integerAt(kept, i))));
  }
}

/** Rows 0 … k − 1 and the pairs that were done, both ascending, merged from the end so that no row is written over before it has moved. */
function mergeSorted(
  n: i32,
  k: i32,
  roots: Address,
  doneValues: Address,
  doneVectors: Address,
  values: Address,
  vectors: Address,
  stride: i32,
): void {
  let root = k - 1;
  let done = n - k - 1;
  for (let target = n - 1; target >= 0; target--) {
    const row = rowOf(vectors, target, stride);
    if (done < 0 || (root >= 0 && numberAt(roots, root) > numberAt(doneValues, done))) {
      setNumber(values, target, numberAt(roots, root));
      if (root != target) copyNumbers(row, rowOf(vectors, root, stride), n);
      root--;
    } else {
      setNumber(values, target, numberAt(doneValues, done));
      copyNumbers(row, rowOf(doneVectors, done, n), n);
      done--;
    }
  }
}
