/**
 * Roots of the secular equation 1/ρ + Σ zᵢ² / (dᵢ − λ) = 0, ρ > 0, d ascending: the eigenvalues of diag(d) + ρ z zᵀ (Li, "Solving secular equations
 * stably and efficiently", LAPACK working note 89, 1993). Root j lies between pole dⱼ and the next. It is found as its distance from the nearer pole,
 * because the eigenvectors need the differences dᵢ − λ to full relative accuracy.
 */
import { Address, elementOf, numberAt, setNumber } from './memory.assembly';
import { EPSILON, ROUNDING, sumOfLanes } from './vectors.assembly';

const MOST_STEPS = 80;

/** What `sumTerms` found beside the sum. */
let slope: f64 = 0;

/**
 * @param k poles, k ≥ 1
 * @param squares zᵢ²
 * @param total Σ zᵢ²
 * @param differences k numbers: gets dᵢ − λ
 * @returns λ
 */
export function solveSecularEquation(
  k: i32,
  j: i32,
  poles: Address,
  squares: Address,
  rho: f64,
  total: f64,
  differences: Address,
): f64 {
  if (k == 1) {
    const shift = rho * numberAt(squares, 0);
    setNumber(differences, 0, -shift);
    return numberAt(poles, 0) + shift;
  }
  const isLast = j == k - 1;
  const pole = numberAt(poles, j);
  const gap = isLast ? rho * total : numberAt(poles, j + 1) - pole;
  const middle = 0.5 * gap;
  let f = 1 / rho;
  for (let i = 0; i < k; i++) f += numberAt(squares, i) / (numberAt(poles, i) - pole - middle);

  // Distances y are measured from the pole `origin`; the root lies in low … high. The last root's interval ends at no pole.
  const left = isLast ? k - 2 : j;
  const right = left + 1;
  const isFarHalf = isLast ? f <= 0 : f < 0;
  const origin = numberAt(poles, isLast || isFarHalf ? right : left);
  let low: f64;
  let high: f64;
  let y = middle;
  if (isLast) {
    low = isFarHalf ? middle : 0;
    high = isFarHalf ? gap : middle;
  } else {
    low = isFarHalf ? -middle : 0;
    high = isFarHalf ? 0 : middle;
    if (isFarHalf) y = -middle;
  }
  y = firstGuess(poles, squares, left, right, origin, f, y, low, high, isLast);

  // The poles before `split` lie left of the root, the others right of it: their terms have opposite signs.
  const split = isLast ? k - 1 : j + 1;
  for (let step = 0; step < MOST_STEPS; step++) {
    const psi = sumTerms(poles, squares, differences, origin, y, 0, split);
    const psiSlope = slope;
    const phi = sumTerms(poles, squares, differences, origin, y, split, k);
    const phiSlope = slope;
    f = 1 / rho + psi + phi;
    const noise = 8 * (abs(psi) + abs(phi)) + 1 / rho + abs(y) * (psiSlope + phiSlope);
    if (abs(f) <= ROUNDING * noise) break;
    if (f < 0) low = max(low, y);
    else high = min(high, y);
    if (high - low <= EPSILON * max(abs(high), abs(low))) break;

    const toLeft = numberAt(differences, left);
    const toRight = numberAt(differences, right);
    // The middle way: f is taken as c + s/(left − y) + t/(right − y) with its value and both slopes.
    let c = f - toLeft * psiSlope - toRight * phiSlope;
    if (isLast && c < 0) c = -c;
    const a = (toLeft + toRight) * f - toLeft * toRight * (psiSlope + phiSlope);
    const b = toLeft * toRight * f;
    let change = rootOf(a, b, c, sqrt(abs(a * a - 4 * b * c)), isLast);
    if (!(f * change < 0)) change = -f / (psiSlope + phiSlope);
    let next = y + change;
    if (!(next > low && next < high)) next = 0.5 * (low + high);
    if (next == y) break;
    y = next;
  }
  for (let i = 0; i < k; i++) setNumber(differences, i, numberAt(poles, i) - origin - y);
  return origin + y;
}

/** The two poles beside the root taken exactly, the rest as it is in the middle of the interval. */
function firstGuess(
  poles: Address,
  squares: Address,
  left: i32,
  right: i32,
  origin: f64,
  f: f64,
  y: f64,
  low: f64,
  high: f64,
  isLast: bool,
): f64 {
  const toLeft = numberAt(poles, left) - origin;
  const toRight = numberAt(poles, right) - origin;
  const leftSquare = numberAt(squares, left);
  const rightSquare = numberAt(squares, right);
  const c = f - leftSquare / (toLeft - y) - rightSquare / (toRight - y);
  const a = c * (toLeft + toRight) + leftSquare + rightSquare;
  const b = c * toLeft * toRight + leftSquare * toRight + rightSquare * toLeft;
  const guess = rootOf(a, b, c, sqrt(max(a * a - 4 * b * c, 0)), isLast);
  return guess > low && guess < high ? guess : 0.5 * (low + high);
}

/** The root of c x² − a x + b that is wanted, without cancellation; `root` is that of the discriminant. */
function rootOf(a: f64, b: f64, c: f64, root: f64, isLast: bool): f64 {
  if (isLast) return a >= 0 ? (a + root) / (2 * c) : (2 * b) / (a - root);
  return a <= 0 ? (a - root) / (2 * c) : (2 * b) / (a + root);
}

/** Σ zᵢ²/(dᵢ − λ) over i = from … to − 1; keeps the differences, and the sum's derivative in `slope`. */
function sumTerms(
  poles: Address,
  squares: Address,
  differences: Address,
  origin: f64,
  y: f64,
  from: i32,
  to: i32,
): f64 {
  const origins = f64x2.splat(origin);
  const ys = f64x2.splat(y);
  let sums = f64x2.splat(0);
  let slopes = sums;
  let i = from;
  for (; i + 2 <= to; i += 2) {
    const difference = f64x2.sub(f64x2.sub(v128.load(elementOf(poles, i)), origins), ys);
    v128.store(elementOf(differences, i), difference);
    const term = f64x2.div(v128.load(elementOf(squares, i)), difference);
    sums = f64x2.add(sums, term);
    slopes = f64x2.add(slopes, f64x2.div(term, difference));
  }
  let sum = sumOfLanes(sums);
  slope = sumOfLanes(slopes);
  for (; i < to; i++) {
    const difference = numberAt(poles, i) - origin - y;
    setNumber(differences, i, difference);
    const term = numberAt(squares, i) / difference;
    sum += term;
    slope += term / difference;
  }
  return sum;
}
