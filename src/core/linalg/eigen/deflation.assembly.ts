/**
 * Deflation in divide and conquer (Cuppen 1981; LAPACK's dlaed2): eigenpairs of the two halves that are eigenpairs of the whole already, because their
 * component of z is negligible or because a rotation against an almost equal neighbour makes it so. Covariances of real encoders deflate a lot.
 */
import { Address, elementOf, fillZeros, integerAt, numberAt, rowOf, setInteger, setNumber } from './memory.assembly';
import { rotate, ROUNDING } from './vectors.assembly';

/** Where an eigenvector has numbers: in the first half's columns, in the second's, or, once rotated across, in both. Elsewhere its memory is undefined. */
export const FIRST_HALF = 0;
export const BOTH_HALVES = 1;
export const SECOND_HALF = 2;

export function firstColumn(part: i32, half: i32): i32 {
  return part == SECOND_HALF ? half : 0;
}

export function endColumn(part: i32, half: i32, n: i32): i32 {
  return part == FIRST_HALF ? half : n;
}

/**
 * Sorts the eigenpairs of diag(d) + ρ z zᵀ into those that stay and those that are done.
 * @param half the number of columns of the first half
 * @param order indices in ascending order of d
 * @param values d; changed where pairs are rotated
 * @param parts FIRST_HALF …, per index; changed likewise
 * @param vectors their rows are rotated along
 * @param kept gets the indices that stay, ascending in d
 * @param done gets the others
 * @returns how many stay
 */
export function deflate(
  n: i32,
  half: i32,
  rho: f64,
  order: Address,
  values: Address,
  z: Address,
  parts: Address,
  vectors: Address,
  stride: i32,
  kept: Address,
  done: Address,
): i32 {
  let largestValue = 0.0;
  let largestZ = 0.0;
  for (let i = 0; i < n; i++) {
    largestValue = max(largestValue, abs(numberAt(values, i)));
    largestZ = max(largestZ, abs(numberAt(z, i)));
  }
  const tolerance = 8 * ROUNDING * max(largestValue, largestZ);
  let keptCount = 0;
  let doneCount = 0;
  // The last pair that stays for now: the next one may still be rotated against it.
  let previous = -1;
  for (let position = 0; position < n; position++) {
    const current = integerAt(order, position);
    if (rho * abs(numberAt(z, current)) <= tolerance) {
      setInteger(done, doneCount++, current);
    } else if (previous >= 0 && rotatesAway(n, half, tolerance, previous, current, values, z, parts, vectors, stride)) {
      setInteger(done, doneCount++, previous);
      previous = current;
    } else {
      if (previous >= 0) setInteger(kept, keptCount++, previous);
      previous = current;
    }
  }
  if (previous >= 0) setInteger(kept, keptCount++, previous);
  return keptCount;
}

/** Rotates z's weight from pair `a` to pair `b` where what couples them afterwards is negligible. */
function rotatesAway(
  n: i32,
  half: i32,
  tolerance: f64,
  a: i32,
  b: i32,
  values: Address,
  z: Address,
  parts: Address,
  vectors: Address,
  stride: i32,
): bool {
  const za = numberAt(z, a);
  const zb = numberAt(z, b);
  const length = sqrt(za * za + zb * zb);
  const c = zb / length;
  const s = -za / length;
  const da = numberAt(values, a);
  const db = numberAt(values, b);
  if (abs((db - da) * c * s) > tolerance) return false;
  setNumber(z, b, length);
  setNumber(z, a, 0);
  setNumber(values, a, da * c * c + db * s * s);
  setNumber(values, b, da * s * s + db * c * c);
  const rowA = rowOf(vectors, a, stride);
  const rowB = rowOf(vectors, b, stride);
  if (integerAt(parts, a) != integerAt(parts, b)) {
    widen(rowA, integerAt(parts, a), half, n);
    widen(rowB, integerAt(parts, b), half, n);
    setInteger(parts, a, BOTH_HALVES);
    setInteger(parts, b, BOTH_HALVES);
  }
  const part = integerAt(parts, a);
  const first = firstColumn(part, half);
  rotate(elementOf(rowA, first), elementOf(rowB, first), endColumn(part, half, n) - first, c, s);
  return true;
}

/** Zeros where the vector has been undefined. */
function widen(row: Address, part: i32, half: i32, n: i32): void {
  if (part == FIRST_HALF) fillZeros(elementOf(row, half), n - half);
  if (part == SECOND_HALF) fillZeros(row, half);
}
