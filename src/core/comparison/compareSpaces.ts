import { aimPairs, cosinesOfPairs, EQUAL_COSINES, withoutMissing } from '../geometry/aimedPairs';
import { HUBNESS_K } from '../geometry/hubness';
import { computeMoments, type Moments } from '../geometry/moments';
import { cosineNeighbours, type CosineNeighbours } from '../geometry/neighbours';
import { spearmanCorrelation } from '../geometry/rankCorrelation';
import type { Matrix } from '../linalg/matrix';
import type { Products } from '../linalg/products';
import type { RankedPairs, SpaceComparison } from '../protocol/comparison';
import { IsoscopeError } from '../protocol/errors';
import type { Note } from '../protocol/snapshot';
import { explainComparison } from './comparisonNotes';
import { crossScatter } from './crossScatter';
import { linearCka } from './linearCka';
import { neighbourChange, neighbourJaccards } from './neighbourChange';
import { procrustesResidual } from './procrustes';

/** One space, and what is known of it already. */
export interface ComparedSpace {
  /** shape [N, d] */
  readonly matrix: Matrix;
  readonly moments?: Moments | undefined;
  /** the ten nearest by cosine */
  readonly neighbours?: CosineNeighbours | undefined;
  /** of the pairs of `aimPairs(N, seed)`, in their order */
  readonly pairCosines?: Float64Array | undefined;
}

export interface CompareOptions {
  readonly products: Products;
  /** of the drawn pairs */
  readonly seed: number;
  readonly signal?: AbortSignal | undefined;
  readonly onStep?: ((done: number, total: number) => void) | undefined;
}

export interface ComparisonMeasurement {
  readonly comparison: SpaceComparison;
  /** a reason for every `null` */
  readonly notes: readonly Note[];
  /** neighbour agreement of each row, length N; NaN where there is none */
  readonly jaccards: Float64Array;
}

const STEPS = 5;

/**
 * How alike two spaces of the same rows are: neighbour change, linear CKA, orthogonal Procrustes, RSA. Float64, in tiles: beside the matrices a fraction
 * of one. Nearest neighbours, where they are not at hand, take nearly all of the time, O(N²d).
 * @throws IsoscopeError `input` when the numbers of rows differ, or for NaN and infinite values
 */
export async function compareSpaces(
  a: ComparedSpace,
  b: ComparedSpace,
  { products, seed, signal, onStep }: CompareOptions,
): Promise<ComparisonMeasurement> {
  const count = a.matrix.rows;
  if (b.matrix.rows !== count) {
    throw new IsoscopeError(
      'input',
      `The two spaces have ${String(count)} and ${String(b.matrix.rows)} rows: they must hold the same rows in the same order.`,
    );
  }
  const momentsA = a.moments ?? (await computeMoments(a.matrix, products, signal));
  const momentsB = b.moments ?? (await computeMoments(b.matrix, products, signal));
  onStep?.(1, STEPS);
  const scatter = await crossScatter(
    { matrix: a.matrix, moments: momentsA },
    { matrix: b.matrix, moments: momentsB },
    products,
    signal,
  );
  const procrustes = scatter && (await procrustesResidual(scatter, products));
  onStep?.(2, STEPS);
  const pairs = aimPairs(count, seed);
  const rsa = representationalSimilarity(
    a.pairCosines ?? (await cosinesOfPairs(a.matrix, pairs, signal)),
    b.pairCosines ?? (await cosinesOfPairs(b.matrix, pairs, signal)),
    roundingOf(a.matrix),
    roundingOf(b.matrix),
  );
  onStep?.(3, STEPS);
  const neighboursA = a.neighbours ?? (await cosineNeighbours(a.matrix, HUBNESS_K, products, signal));
  onStep?.(4, STEPS);
  const neighboursB = b.neighbours ?? (await cosineNeighbours(b.matrix, HUBNESS_K, products, signal));
  onStep?.(5, STEPS);
  const jaccards = neighbourJaccards(neighboursA, neighboursB, count, HUBNESS_K);
  const comparison: SpaceComparison = {
    count,
    neighbours: neighbourChange(jaccards, HUBNESS_K),
    linearCka: scatter && linearCka(scatter),
    procrustes,
    rsa,
  };
  return { comparison, notes: explainComparison(comparison), jaccards };
}

/** Spearman of the cosines of the same pairs; `null` for fewer than two that have one in both spaces. */
function representationalSimilarity(
  a: Float64Array,
  b: Float64Array,
  roundingA: number,
  roundingB: number,
): RankedPairs | null {
  const [x, y] = withoutMissing(a, b);
  if (x.length < 2) return null;
  const varies = spreadOf(x) > roundingA && spreadOf(y) > roundingB;
  return { count: x.length, spearman: varies ? spearmanCorrelation(x, y, [EQUAL_COSINES, EQUAL_COSINES]) : null };
}

/** Cosines that differ by less are equal but for the rounding of the rows. */
function roundingOf({ data }: Matrix): number {
  return data instanceof Float32Array ? 1e-6 : 1e-12;
}

function spreadOf(values: Float64Array): number {
  let least = Infinity;
  let most = -Infinity;
  for (const value of values) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return most - least;
}
