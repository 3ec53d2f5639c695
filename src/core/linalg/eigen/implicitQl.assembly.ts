/** Eigenvalues and eigenvectors of a small symmetric tridiagonal matrix by QL steps with implicit shifts (EISPACK's tql2; Golub & Van Loan, §8.3.5). */
import { Address, numberAt, rowOf, setNumber } from './memory.assembly';
import { EPSILON, rotate } from './vectors.assembly';

/** Steps on one eigenvalue after which a coupling also counts as zero against the whole matrix's size, and after which the search ends. */
const PATIENT_STEPS = 30;
const MOST_STEPS = 120;

/**
 * @param diagonal n numbers; on return the eigenvalues, in no order
 * @param coupling coupling[i] stands between i − 1 and i; destroyed
 * @param floor couplings up to this size are zero
 * @param vectors [n, n], rows `stride` apart; its rows are rotated along: begin with the identity
 * @returns 0, or 1 when an eigenvalue did not settle
 */
export function implicitQl(
  diagonal: Address,
  coupling: Address,
  n: i32,
  floor: f64,
  vectors: Address,
  stride: i32,
): i32 {
  // From here on coupling[i] stands between i and i + 1.
  for (let i = 1; i < n; i++) setNumber(coupling, i - 1, numberAt(coupling, i));
  setNumber(coupling, n - 1, 0);
  let norm = 0.0;
  for (let i = 0; i < n; i++) norm = max(norm, max(abs(numberAt(diagonal, i)), abs(numberAt(coupling, i))));
  for (let first = 0; first < n; first++) {
    for (let step = 0; ; step++) {
      const last = endOfBlock(diagonal, coupling, n, first, step > PATIENT_STEPS ? EPSILON * norm : floor);
      if (last == first) break;
      if (step == MOST_STEPS) return 1;
      qlStep(diagonal, coupling, first, last, step, norm, n, vectors, stride);
    }
  }
  return 0;
}

/** The last row of the unreduced block that begins at `first`: EISPACK's criterion, relative to the neighbours on the diagonal. */
function endOfBlock(diagonal: Address, coupling: Address, n: i32, first: i32, floor: f64): i32 {
  let last = first;
  for (; last < n - 1; last++) {
    const size = abs(numberAt(coupling, last));
    if (size <= floor) break;
    if (size <= EPSILON * (abs(numberAt(diagonal, last)) + abs(numberAt(diagonal, last + 1)))) break;
  }
  return last;
}

function qlStep(
  diagonal: Address,
  coupling: Address,
  first: i32,
  last: i32,
  step: i32,
  norm: f64,
  n: i32,
  vectors: Address,
  stride: i32,
): void {
  const c0 = numberAt(coupling, first);
  const d0 = numberAt(diagonal, first);
  const ratio = (numberAt(diagonal, first + 1) - d0) / (2 * c0);
  // Wilkinson's shift; now and then another, where that one goes round in circles.
  const shift = step % 40 == 10 ? 0.75 * abs(c0) : c0 / (ratio + f64.copysign(sqrt(ratio * ratio + 1), ratio));
  let g = numberAt(diagonal, last) - d0 + shift;
  let s = 1.0;
  let c = 1.0;
  let p = 0.0;
  for (let i = last - 1; i >= first; i--) {
    const ci = numberAt(coupling, i);
    const f = s * ci;
    const b = c * ci;
    const square = f * f + g * g;
    // A square root of an underflowing square would be noise: such a rotation is none, and the block splits here.
    const r = square > 1e-280 * norm * norm ? sqrt(square) : 0;
    setNumber(coupling, i + 1, r);
    if (r == 0) {
      setNumber(diagonal, i + 1, numberAt(diagonal, i + 1) - p);
      setNumber(coupling, last, 0);
      return;
    }
    s = f / r;
    c = g / r;
    g = numberAt(diagonal, i + 1) - p;
    const t = (numberAt(diagonal, i) - g) * s + 2 * c * b;
    p = s * t;
    setNumber(diagonal, i + 1, g + p);
    g = c * t - b;
    rotate(rowOf(vectors, i + 1, stride), rowOf(vectors, i, stride), n, c, s);
  }
  setNumber(diagonal, first, numberAt(diagonal, first) - p);
  setNumber(coupling, first, g);
  setNumber(coupling, last, 0);
}
