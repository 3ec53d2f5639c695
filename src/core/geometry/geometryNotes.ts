import type { Geometry, Note } from '../protocol/snapshot';
import { HUBNESS_K } from './hubness';
import { MLE_K } from './intrinsicDimension';
import { variancesOf, type Moments } from './moments';
import { countRank, deadDimensions } from './rank';

/** What the numbers alone do not tell. */
export interface GeometryFacts {
  readonly space: 'raw' | 'transformed';
  readonly moments: Moments;
  /** rows of length 0, ascending */
  readonly directionless: readonly number[];
  readonly isWhitened: boolean;
  readonly hasArbitraryEigenvectors: boolean;
  /** `null` where the intrinsic dimension was taken over from the raw rows */
  readonly distinctRows: number | null;
}

/** Rows that a note lists at most. */
const LISTED_ROWS = 1000;
/** Below as many rows per dimension the small eigenvalues are not to be trusted. */
const ROWS_PER_DIMENSION = 5;
/** Dimensions that a message names at most. */
const NAMED_DIMENSIONS = 10;

const SPECTRUM = [
  'eigenvalues',
  'totalVariance',
  'effectiveRank',
  'participationRatio',
  'isoScore',
  'stableRank',
  'conditionNumber',
  'componentsFor',
  'decayExponent',
] as const;
const PAIRS = ['averageCosine', 'cosineQuantiles', 'uniformity', 'rogueDimensions', 'r2Without'] as const;

/** Warnings, and a reason for every `null` of the geometry: each null key is among the `keys` of a note. */
export function explainGeometry(geometry: Geometry, facts: GeometryFacts): Note[] {
  const notes: Note[] = [];
  const add = (code: string, keys: readonly string[], message: string, rows?: readonly number[]): void => {
    const named = keys.map((key) => `${facts.space}.${key}`);
    notes.push({ code, message, keys: named, ...(rows ? { rows: rows.slice(0, LISTED_ROWS) } : {}) });
  };
  const { count, dimension } = geometry;
  if (count === 0 || dimension === 0) {
    const keys = Object.entries(geometry).flatMap(([key, value]) => (value === null ? [key] : []));
    add('no-vectors', keys, 'There are no vectors: nothing can be measured.');
    return notes;
  }
  explainSpectrum(geometry, facts, add);
  explainCosines(geometry, facts, add);
  explainNeighbours(geometry, facts, add);
  return notes;
}

type Add = (code: string, keys: readonly string[], message: string, rows?: readonly number[]) => void;

function explainSpectrum(
  geometry: Geometry,
  { moments, isWhitened, hasArbitraryEigenvectors }: GeometryFacts,
  add: Add,
): void {
  const { count, dimension, eigenvalues } = geometry;
  if (isWhitened) {
    add(
      'whitened-partition',
      ['partitionIsotropy'],
      'After full whitening all variances are equal, so that the directions of the partition isotropy are arbitrary: it is left out.',
    );
  } else if (hasArbitraryEigenvectors) {
    add(
      'arbitrary-eigenvectors',
      ['partitionIsotropy'],
      'Eigenvalues of XᵀX coincide, so that the directions of the partition isotropy are arbitrary: it is left out.',
    );
  }
  if (!eigenvalues) {
    add('single-row', ['normStd', ...SPECTRUM], 'One vector has no spread: a covariance needs two.');
    return;
  }
  if (eigenvalues[0] === 0) {
    const keys = SPECTRUM.filter((key) => geometry[key] === null);
    add(
      'no-variance',
      keys,
      `All ${String(count)} vectors are equal: nothing varies, and shares of no variance do not exist.`,
    );
    return;
  }
  warnOfFewRows(count, dimension, add);
  const rank = countRank(Float64Array.from(eigenvalues));
  if (rank < dimension) {
    add(
      'rank-deficient',
      ['conditionNumber'],
      `The vectors vary in ${String(rank)} of ${String(dimension)} dimensions (the other eigenvalues are at most 1e-12 of the largest): the condition number is infinite, and whitening leaves the rest out.`,
    );
  }
  const dead = deadDimensions(variancesOf(moments));
  if (dead.length > 0) {
    const named = dead.slice(0, NAMED_DIMENSIONS).map(String).join(', ');
    const more = dead.length > NAMED_DIMENSIONS ? ' …' : '';
    add(
      'dead-dimensions',
      ['eigenvalues'],
      `${String(dead.length)} of ${String(dimension)} dimensions do not vary (standard deviation at most 1e-6 of the largest): ${named}${more} (from 0).`,
    );
  }
  if (geometry.isoScore === null)
    add('one-dimension', ['isoScore'], 'IsoScore compares dimensions, and there is only one.');
  if (geometry.decayExponent === null) {
    add('one-eigenvalue', ['decayExponent'], 'The vectors vary in one direction only: one eigenvalue has no decay.');
  }
}

function warnOfFewRows(count: number, dimension: number, add: Add): void {
  const keys = SPECTRUM.filter((key) => key !== 'totalVariance');
  if (count <= dimension + 1) {
    add(
      'small-sample',
      keys,
      `${String(count)} vectors span at most ${String(count - 1)} of ${String(dimension)} dimensions: the spectrum is that of the sample, and full whitening fitted on them would give every pair the cosine −1/${String(count - 1)}, whatever the text.`,
    );
  } else if (count < ROWS_PER_DIMENSION * dimension) {
    add(
      'small-sample',
      keys,
      `${String(count)} vectors are few for ${String(dimension)} dimensions (fewer than ${String(ROWS_PER_DIMENSION)} each): small eigenvalues come out too small, so that effective rank and condition number are biased and full whitening is not to be trusted.`,
    );
  }
}

function explainCosines(geometry: Geometry, { moments, directionless }: GeometryFacts, add: Add): void {
  const nulls = PAIRS.filter((key) => geometry[key] === null);
  if (moments.unitCount < 2) {
    const problem = moments.unitCount === 0 ? 'no vector' : 'only one vector';
    add(
      'no-pairs',
      nulls,
      `A cosine needs two vectors of a length other than 0, and there is ${problem} of that kind.`,
    );
  } else if (geometry.rogueDimensions === null) {
    add('no-average-cosine', nulls, 'The average cosine is 0 but for rounding: no dimension has a share in it.');
  } else {
    explainR2(geometry, add);
  }
  if (directionless.length > 0) {
    const [subject, verb] =
      directionless.length === 1 ? ['1 vector', 'has'] : [`${String(directionless.length)} vectors`, 'have'];
    add(
      'zero-rows',
      [...PAIRS, 'hubness'],
      `${subject} of ${String(moments.count)} ${verb} length 0 and so no cosine: left out of all that is about cosines.`,
      directionless,
    );
  }
}

function explainR2({ r2Without, dimension }: Geometry, add: Add): void {
  const missing = (['1', '3', '5'] as const).filter((removed) => (r2Without?.[removed] ?? null) === null);
  if (missing.length === 0) return;
  const keys = r2Without ? missing.map((removed) => `r2Without.${removed}`) : ['r2Without'];
  add(
    'no-correlation',
    keys,
    `There is no correlation of the cosines with those without the top ${missing.join(', ')} of ${String(dimension)} dimensions: nothing is left, or the cosines do not vary.`,
  );
}

function explainNeighbours(geometry: Geometry, { moments, distinctRows }: GeometryFacts, add: Add): void {
  if (geometry.hubness === null) {
    add(
      'few-rows-for-hubness',
      ['hubness'],
      `Hubness over ${String(HUBNESS_K)} neighbours needs more than ${String(HUBNESS_K)} vectors of a length other than 0, and there are ${String(moments.unitCount)}.`,
    );
  } else if (geometry.hubness.skewness === null) {
    add(
      'equal-occurrences',
      ['hubness.skewness'],
      'Every vector is a neighbour of equally many others: a constant has no skewness.',
    );
  }
  explainIntrinsicDimension(geometry, distinctRows, add);
}

function explainIntrinsicDimension({ intrinsicDimension }: Geometry, distinctRows: number | null, add: Add): void {
  const missing = (['twoNN', 'mle'] as const).filter((key) => (intrinsicDimension?.[key] ?? null) === null);
  if (missing.length === 0) return;
  const keys = intrinsicDimension ? missing.map((key) => `intrinsicDimension.${key}`) : ['intrinsicDimension'];
  if (distinctRows === null) {
    add('raw-intrinsic-dimension', keys, 'The intrinsic dimension is that of the raw vectors, which do not give it.');
    return;
  }
  const wanted = `TwoNN needs at least 3 distinct vectors, the maximum-likelihood estimate more than ${String(MLE_K)}; there are ${String(distinctRows)}`;
  const tooFew = distinctRows < 3 || (distinctRows <= MLE_K && missing.includes('mle'));
  add(
    tooFew ? 'few-distinct-rows' : 'equidistant-rows',
    keys,
    tooFew ? `${wanted}.` : 'All neighbours are equally far, so that their distances tell no dimension.',
  );
}
