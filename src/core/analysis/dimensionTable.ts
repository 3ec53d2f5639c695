import { variancesOf, type Moments } from '../geometry/moments';
import { deadDimensions } from '../geometry/rank';
import { cosineShares } from '../geometry/rogueDimensions';
import type { Matrix } from '../linalg/matrix';
import { IsoscopeError } from '../protocol/errors';
import type { DimensionReading, DimensionStatistics, DimensionTable, DimensionValue } from '../protocol/lab';
import type { Analysis } from './analysis';

const BINS = 60;
const MOST_ROWS = 1000;

/** Mean, variance and share of the average cosine of every dimension, from the moments. */
export function tabulateDimensions({ raw, transformed }: Analysis): DimensionTable {
  return { raw: statisticsOf(raw.moments), transformed: transformed && statisticsOf(transformed.moments) };
}

function statisticsOf(moments: Moments): DimensionStatistics {
  const variance = moments.count > 1 ? variancesOf(moments) : null;
  return {
    mean: moments.mean.slice(),
    variance,
    cosineShare: cosineShares(moments),
    dead: Uint32Array.from(variance ? deadDimensions(variance) : []),
  };
}

/**
 * One dimension: its numbers, the distribution of its values, the rows that lie highest and lowest on it. One pass over a column.
 * @param wanted rows at each end
 * @throws IsoscopeError `usage` for a space or dimension that does not exist
 */
export function inspectDimension(
  analysis: Analysis,
  spaceName: 'raw' | 'transformed',
  dimension: number,
  wanted: number,
): DimensionReading {
  const space = spaceName === 'raw' ? analysis.raw : analysis.transformed;
  if (space === null) throw new IsoscopeError('usage', 'There is no transformed space to inspect: choose a transform.');
  const { matrix, moments } = space;
  if (!Number.isInteger(dimension) || dimension < 0 || dimension >= matrix.columns) {
    throw new IsoscopeError(
      'usage',
      `There is no dimension ${String(dimension)}: the ${spaceName} space has ${String(matrix.columns)}, counted from 0.`,
    );
  }
  const values = columnOf(matrix, dimension);
  const count = Math.max(0, Math.min(Math.floor(wanted), MOST_ROWS));
  const highest = extremes(values, count, (value) => -value);
  const lowest = extremes(values, count, (value) => value);
  const least = values.reduce((a, b) => Math.min(a, b), Infinity);
  const most = values.reduce((a, b) => Math.max(a, b), -Infinity);
  return {
    dimension,
    mean: moments.mean[dimension],
    variance: moments.count > 1 ? variancesOf(moments)[dimension] : null,
    cosineShare: cosineShares(moments)?.[dimension] ?? null,
    highest,
    lowest,
    bins: countBetween(values, least, most),
    least,
    most,
  };
}

function columnOf({ data, rows, columns }: Matrix, column: number): Float64Array {
  return new Float64Array(rows).map((_, row) => data[row * columns + column]);
}

/** The rows with the smallest keys, smallest first, equal ones by row. */
function extremes(values: Float64Array, count: number, key: (value: number) => number): DimensionValue[] {
  const keys = values.map(key);
  // The count-th smallest key bounds what needs sorting.
  const limit = keys.slice().sort()[Math.min(count, keys.length) - 1] ?? -Infinity;
  const found: DimensionValue[] = [];
  keys.forEach((value, row) => {
    if (value <= limit) found.push({ row, value: values[row] });
  });
  return found.sort((a, b) => key(a.value) - key(b.value) || a.row - b.row).slice(0, count);
}

function countBetween(values: Float64Array, least: number, most: number): Uint32Array {
  const bins = new Uint32Array(BINS);
  const perBin = (most - least) / BINS;
  for (const value of values) {
    const bin = perBin > 0 ? Math.floor((value - least) / perBin) : 0;
    bins[Math.min(BINS - 1, bin)]++;
  }
  return bins;
}
