import type { SpaceComparison, SpaceTextStatistics } from '../protocol/comparison';
import type { Geometry, Snapshot } from '../protocol/snapshot';
import { formatCosine, formatCount, formatNumber, formatShare, NOTHING } from './numberText';

/** One number of the report, raw and transformed, as text. */
export interface TableRow {
  readonly label: string;
  /** '' where it is a number of both spaces together */
  readonly raw: string;
  /** `null` when there is no transform */
  readonly transformed: string | null;
}

type Format = (geometry: Geometry) => string;

/** Rounding of cosines and shares: float32 rows leave about 1e-7. */
const ROUNDING = 1e-7;
/** A residual is a square: that of float32 rounding is 1e-14. */
const RESIDUAL_ROUNDING = 1e-12;

const ROWS: readonly (readonly [label: string, format: Format, rawOnly?: 'raw only'])[] = [
  ['Dimensions', (g) => formatCount(g.dimension)],
  ['Average cosine', (g) => formatCosine(g.averageCosine)],
  ['Random pairs, median', (g) => formatCosine(g.cosineQuantiles?.['0.5'])],
  ['Random pairs, 5 % to 95 %', (g) => between(g.cosineQuantiles?.['0.05'], g.cosineQuantiles?.['0.95'])],
  ['Length of vectors, mean ± sd', (g) => plusMinus(g.meanNorm, g.normStd)],
  ['Length of the mean vector', (g) => formatNumber(g.meanVectorNorm, ROUNDING * (g.meanNorm ?? 1))],
  ['Total variance', (g) => formatNumber(g.totalVariance)],
  ['Effective rank', (g) => formatNumber(g.effectiveRank)],
  ['Participation ratio', (g) => formatNumber(g.participationRatio)],
  ['IsoScore (the same, rescaled)', (g) => formatCosine(g.isoScore)],
  ['Stable rank', (g) => formatNumber(g.stableRank)],
  ['Condition number', (g) => formatNumber(g.conditionNumber)],
  ['Components for 90, 95, 99 %', (g) => components(g)],
  ['Decay exponent of the spectrum', (g) => formatNumber(g.decayExponent, 1e-6)],
  ['Partition isotropy', (g) => formatNumber(g.partitionIsotropy)],
  ['Uniformity', (g) => formatNumber(g.uniformity)],
  ['Hubness, skewness of 10-occurrence', (g) => formatNumber(g.hubness?.skewness, 1e-9)],
  ['Rows in nobody’s 10 nearest', (g) => formatShare(g.hubness?.antiHubRate)],
  ['Largest share of one dimension', (g) => largestShare(g)],
  ['Intrinsic dimension, TwoNN', (g) => formatNumber(g.intrinsicDimension?.twoNN), 'raw only'],
  ['Intrinsic dimension, MLE', (g) => formatNumber(g.intrinsicDimension?.mle), 'raw only'],
];

const TEXT_ROWS: readonly (readonly [label: string, format: (text: SpaceTextStatistics) => string])[] = [
  ['Cosine with edit distance, Spearman', (t) => formatCosine(t.lexicalLeakage?.editDistance)],
  ['Cosine with length difference, Spearman', (t) => formatCosine(t.lexicalLeakage?.lengthDifference)],
  ['Vector length with text length, Spearman', (t) => formatCosine(t.normWithLength?.spearman)],
];

const COMPARISON_ROWS: readonly (readonly [label: string, format: (comparison: SpaceComparison) => string])[] = [
  ['Neighbours shared with raw, Jaccard of 10', (c) => formatCosine(c.neighbours?.meanJaccard)],
  ['Linear CKA with raw, debiased', (c) => formatCosine(c.linearCka?.debiased)],
  ['Procrustes residual to raw', (c) => formatNumber(c.procrustes, RESIDUAL_ROUNDING)],
  ['Cosines with raw ones (RSA), Spearman', (c) => formatCosine(c.rsa?.spearman)],
];

/** The snapshot's numbers side by side, in the order in which a reader asks for them. */
export function tabulateGeometry({ raw, transformed, text, comparison }: Snapshot): readonly TableRow[] {
  const rows: TableRow[] = ROWS.map(([label, format, rawOnly]) => ({
    label,
    raw: format(raw),
    transformed: transformed === null ? null : rawOnly === undefined ? format(transformed) : '',
  }));
  if (text) {
    for (const [label, format] of TEXT_ROWS) {
      rows.push({ label, raw: format(text.raw), transformed: text.transformed && format(text.transformed) });
    }
  }
  if (comparison) {
    for (const [label, format] of COMPARISON_ROWS) rows.push({ label, raw: '', transformed: format(comparison) });
  }
  return rows;
}

/** What was measured, in a line: encoder, dimension, layer, pooling. */
export function describeEncoder({ encoder }: Snapshot): string {
  if (encoder.pooling === null) {
    return `ready vectors ${encoder.id}, ${formatCount(encoder.dimension)} dimensions`;
  }
  const parts = [encoder.id, `${formatCount(encoder.dimension)} dimensions`];
  if (encoder.layer !== null) parts.push(encoder.layer === 'last' ? 'last layer' : `layer ${encoder.layer}`);
  parts.push(`${encoder.pooling} pooling`);
  if (encoder.normalized) parts.push('unit length');
  return parts.join(', ');
}

/** How the transform came about, or `null` when there is none. */
export function describeFit({ transform }: Snapshot): string | null {
  if (transform.spec === 'none') return null;
  const { fittedOn } = transform;
  if (fittedOn === null) return `${transform.spec}, which learns nothing from rows`;
  const rows = `${formatCount(fittedOn.count)} rows`;
  return `${transform.spec}, fitted on ${fittedOn.transductive ? `these ${rows}` : `${rows} of another corpus`}`;
}

function between(low: number | undefined, high: number | undefined): string {
  if (low === undefined || high === undefined) return NOTHING;
  return `${formatCosine(low)} to ${formatCosine(high)}`;
}

function plusMinus(mean: number | null, deviation: number | null): string {
  if (mean === null) return NOTHING;
  return deviation === null
    ? formatNumber(mean)
    : `${formatNumber(mean)} ± ${formatNumber(deviation, ROUNDING * Math.abs(mean))}`;
}

function components({ componentsFor }: Geometry): string {
  if (componentsFor === null) return NOTHING;
  return (['0.9', '0.95', '0.99'] as const).map((share) => formatCount(componentsFor[share])).join(', ');
}

function largestShare({ rogueDimensions }: Geometry): string {
  const first = rogueDimensions?.[0];
  return first === undefined ? NOTHING : `${formatShare(first.share)} (no. ${first.dimension})`;
}
