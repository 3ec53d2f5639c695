import type { Matrix } from '../linalg/matrix';
import type { Products } from '../linalg/products';
import { sortAscending } from '../linalg/sortNumbers';
import type { SymmetricEigen } from '../linalg/symmetricEigen';
import type { Geometry, Note } from '../protocol/snapshot';
import { averageCosine, meanNorm, meanVectorNorm, normDeviation } from './anisotropy';
import { explainGeometry } from './geometryNotes';
import { hubness, HUBNESS_K } from './hubness';
import { computeMoments, decomposeMoments, type Moments } from './moments';
import { measureNeighbourhoods, type Neighbourhoods } from './neighbourhoods';
import { cosineNeighbours, nearestCosines, type CosineNeighbours } from './neighbours';
import { comparePairs } from './pairComparison';
import { samplePairs, type PairSample } from './pairSample';
import { partitionIsotropy } from './partitionIsotropy';
import { rogueDimensions } from './rogueDimensions';
import { cosineQuantiles, uniformity } from './similarityDistribution';
import { rowNorms } from './rowNorms';
import * as spectrum from './spectrum';

export interface GeometryInput {
  /** shape [N, d], float32 or float64; all statistics are float64 */
  readonly matrix: Matrix;
  /** names the keys in notes */
  readonly space: 'raw' | 'transformed';
  /** of the rows of `matrix`, when they are at hand */
  readonly moments?: Moments;
  /** of their covariance, when it is at hand */
  readonly eigen?: SymmetricEigen;
  /** the pairs that the similarity distribution stands on: pass those of the raw space, so that both spaces speak of the same; drawn with the seed when absent */
  readonly pairs?: PairSample;
  /** all variances are equal by construction (full whitening, γ = 1): the eigenvectors are arbitrary, and with them the partition isotropy */
  readonly isWhitened?: boolean;
  /** of the RAW rows, for a transformed space: it is a property of the data, not of the coordinates */
  readonly intrinsicDimension?: Geometry['intrinsicDimension'];
}

export interface GeometryOptions {
  readonly products: Products;
  /** of the drawn pairs */
  readonly seed: number;
  readonly signal?: AbortSignal;
  /** steps done, of how many */
  readonly onStep?: (done: number, total: number) => void;
}

/** The statistics of one space, and what charts, hover and findings need beside them. */
export interface GeometryMeasurement {
  readonly geometry: Geometry;
  /** a reason for every `null`, and warnings */
  readonly notes: readonly Note[];
  readonly moments: Moments;
  /** of the covariance; `null` for N < 2 */
  readonly eigen: SymmetricEigen | null;
  readonly pairs: PairSample;
  /** cosines of the pairs, ascending; rows of length 0 left out */
  readonly sortedCosines: Float64Array;
  /** exact, up to ten per row */
  readonly neighbours: CosineNeighbours;
  /** cosine of each row with its nearest other row, length N; NaN where there is none */
  readonly nearestCosines: Float64Array;
}

const STEPS = 5;

/**
 * Every key of the geometry table. Exact, in float64, in tiles: beside the matrix it needs memory for a fraction of another. Most of the time goes to the
 * nearest neighbours of all rows, O(N²d).
 * @throws IsoscopeError `input` for NaN, infinite or absurdly large values, naming row and column (from 1)
 */
export async function measureGeometry(input: GeometryInput, options: GeometryOptions): Promise<GeometryMeasurement> {
  const { matrix } = input;
  const { products, signal } = options;
  const step = (done: number): void => options.onStep?.(done, STEPS);

  const moments = input.moments ?? (await computeMoments(matrix, products, signal));
  step(1);
  const hasSpread = matrix.rows > 1 && matrix.columns > 0;
  const eigen = hasSpread ? (input.eigen ?? decomposeMoments(moments)) : null;
  step(2);
  const partition =
    input.isWhitened === true || matrix.rows === 0 || matrix.columns === 0
      ? null
      : await partitionIsotropy(matrix, moments, products, signal);
  step(3);
  const rogues = rogueDimensions(moments);
  const pairs = input.pairs ?? samplePairs(matrix.rows, options.seed);
  const top = (rogues ?? []).map(({ dimension }) => dimension);
  const { cosines, r2Without } = await comparePairs(matrix, pairs, top, products, signal);
  const sortedCosines = sortAscending(cosines);
  step(4);
  const { cosine: neighbours, ...raw } = await neighbourhoodsOf(input, products, signal);
  step(5);

  const geometry: Geometry = {
    count: matrix.rows,
    dimension: matrix.columns,
    averageCosine: averageCosine(moments),
    cosineQuantiles: cosineQuantiles(sortedCosines),
    meanNorm: meanNorm(moments),
    normStd: normDeviation(moments),
    meanVectorNorm: meanVectorNorm(moments),
    ...spectrumKeys(eigen),
    partitionIsotropy: partition?.value ?? null,
    uniformity: uniformity(sortedCosines),
    intrinsicDimension: orNull(raw.intrinsicDimension),
    hubness: hubness(neighbours),
    rogueDimensions: rogues,
    r2Without: rogues && orNull(r2Without),
  };
  const notes = explainGeometry(geometry, {
    space: input.space,
    moments,
    directionless: rowsWithoutDirection(matrix, moments),
    isWhitened: input.isWhitened === true,
    hasArbitraryEigenvectors: partition?.isArbitrary ?? false,
    distinctRows: raw.distinctRows,
  });
  return {
    geometry,
    notes,
    moments,
    eigen,
    pairs,
    sortedCosines,
    neighbours,
    nearestCosines: nearestCosines(neighbours, matrix.rows),
  };
}

function spectrumKeys(eigen: SymmetricEigen | null) {
  if (!eigen) {
    return {
      eigenvalues: null,
      totalVariance: null,
      effectiveRank: null,
      participationRatio: null,
      isoScore: null,
      stableRank: null,
      conditionNumber: null,
      componentsFor: null,
      decayExponent: null,
    };
  }
  const { values } = eigen;
  const [most, more, nearlyAll] = [0.9, 0.95, 0.99].map((share) => spectrum.componentsFor(values, share));
  return {
    eigenvalues: Array.from(values),
    totalVariance: spectrum.totalVariance(values),
    effectiveRank: spectrum.effectiveRank(values),
    participationRatio: spectrum.participationRatio(values),
    isoScore: spectrum.isoScore(values),
    stableRank: spectrum.stableRank(values),
    conditionNumber: spectrum.conditionNumber(values),
    componentsFor: most === null ? null : { '0.9': most, '0.95': more!, '0.99': nearlyAll! },
    decayExponent: spectrum.decayExponent(values),
  };
}

/** The intrinsic dimension is measured on raw rows only, and taken over for transformed ones. */
async function neighbourhoodsOf(
  input: GeometryInput,
  products: Products,
  signal?: AbortSignal,
): Promise<
  Pick<Neighbourhoods, 'cosine'> & {
    readonly intrinsicDimension: Geometry['intrinsicDimension'];
    readonly distinctRows: number | null;
  }
> {
  if (input.intrinsicDimension === undefined) return measureNeighbourhoods(input.matrix, products, signal);
  return {
    cosine: await cosineNeighbours(input.matrix, HUBNESS_K, products, signal),
    intrinsicDimension: input.intrinsicDimension,
    distinctRows: null,
  };
}

/** `null` where every part is. */
function orNull<Parts extends object>(parts: Parts | null): Parts | null {
  return parts && Object.values(parts).some((value) => value !== null) ? parts : null;
}

/** Rows of length 0, ascending. */
function rowsWithoutDirection(matrix: Matrix, moments: Moments): number[] {
  const rows: number[] = [];
  if (moments.unitCount === moments.count) return rows;
  rowNorms(matrix).forEach((norm, row) => {
    if (norm === 0) rows.push(row);
  });
  return rows;
}
