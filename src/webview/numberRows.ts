import type { SpaceComparison, SpaceTextStatistics } from '../core/protocol/comparison';
import type { Geometry, QuantileKey, Snapshot } from '../core/protocol/snapshot';
import type { Preview } from '../core/protocol/views';
import { type Explanation, numberExplanations } from './explanations';
import { formatCosine, formatCount, formatNumber, formatShare, NOTHING } from './format';
import { t } from './l10n';

/** One number, before and after. */
export interface NumberRow {
  readonly id: string;
  readonly label: string;
  /** keys of the geometry that it stands on: notes about them explain a dash */
  readonly keys: readonly (keyof Geometry | keyof SpaceTextStatistics | keyof SpaceComparison)[];
  readonly value: (geometry: Geometry, snapshot: Snapshot, side: 'raw' | 'transformed') => string;
  /** what a preview can say; without it the number follows when the setting is measured */
  readonly preview?: (preview: Preview) => string;
  /** how many rows or pairs it stands on */
  readonly basis: (snapshot: Snapshot, pairCount: number) => string;
  /** of the raw rows only */
  readonly isRawOnly?: boolean;
  readonly explanation: Omit<Explanation, 'reading'>;
}

const rowCount: NumberRow['basis'] = ({ corpus }) => formatCount(corpus.count);
const allPairs: NumberRow['basis'] = ({ raw }) => t('all {0} pairs', formatCount((raw.count * (raw.count - 1)) / 2));
const randomPairs: NumberRow['basis'] = (_, pairCount) => t('{0} random pairs', formatCount(pairCount));

/** The numbers that answer a reader's first questions, in their order. */
export const keyRows: readonly NumberRow[] = [
  {
    id: 'averageCosine',
    label: t('Average cosine'),
    keys: ['averageCosine'],
    value: ({ averageCosine }) => formatCosine(averageCosine),
    preview: ({ averageCosine }) => formatCosine(averageCosine),
    basis: allPairs,
    explanation: numberExplanations.averageCosine,
  },
  {
    id: 'floorMedian',
    label: t('Floor, median'),
    keys: ['cosineQuantiles'],
    value: quantile('0.5'),
    preview: ({ view }) => formatCosine(view.cosines.floor?.[1]),
    basis: randomPairs,
    explanation: numberExplanations.floor,
  },
  {
    id: 'floor95',
    label: t('Floor, 95 %'),
    keys: ['cosineQuantiles'],
    value: quantile('0.95'),
    preview: ({ view }) => formatCosine(view.cosines.floor?.[2]),
    basis: randomPairs,
    explanation: numberExplanations.floor,
  },
  {
    id: 'effectiveRank',
    label: t('Effective rank'),
    keys: ['effectiveRank'],
    value: ({ effectiveRank }) => formatNumber(effectiveRank),
    preview: ({ effectiveRank }) => formatNumber(effectiveRank),
    basis: rowCount,
    explanation: numberExplanations.effectiveRank,
  },
  {
    id: 'participationRatio',
    label: t('Participation ratio (IsoScore)'),
    keys: ['participationRatio', 'isoScore'],
    value: ({ participationRatio, isoScore }) => withScore(participationRatio, isoScore),
    // The score IS the ratio on another scale, so the ratio follows from it.
    preview: ({ isoScore, dimension }) =>
      withScore(isoScore === null ? null : 1 + isoScore * (dimension - 1), isoScore),
    basis: rowCount,
    explanation: numberExplanations.participationRatio,
  },
  {
    id: 'components90',
    label: t('Components for 90 %'),
    keys: ['componentsFor'],
    value: ({ componentsFor }) => formatCount(componentsFor?.['0.9']),
    basis: rowCount,
    explanation: numberExplanations.components,
  },
  {
    id: 'dimension',
    label: t('Dimension'),
    keys: ['dimension'],
    value: ({ dimension }) => formatCount(dimension),
    preview: ({ dimension }) => formatCount(dimension),
    basis: rowCount,
    explanation: numberExplanations.dimension,
  },
];

export const moreRows: readonly NumberRow[] = [
  {
    id: 'components9599',
    label: t('Components for 95 %, 99 %'),
    keys: ['componentsFor'],
    value: ({ componentsFor }) =>
      componentsFor === null ? NOTHING : `${formatCount(componentsFor['0.95'])}, ${formatCount(componentsFor['0.99'])}`,
    basis: rowCount,
    explanation: numberExplanations.components,
  },
  {
    id: 'floor5',
    label: t('Floor, 5 %'),
    keys: ['cosineQuantiles'],
    value: quantile('0.05'),
    preview: ({ view }) => formatCosine(view.cosines.floor?.[0]),
    basis: randomPairs,
    explanation: numberExplanations.floor,
  },
  {
    id: 'intrinsicDimension',
    label: t('Intrinsic dimension, TwoNN / MLE'),
    keys: ['intrinsicDimension'],
    value: ({ intrinsicDimension }) =>
      intrinsicDimension === null
        ? NOTHING
        : `${formatNumber(intrinsicDimension.twoNN)} / ${formatNumber(intrinsicDimension.mle)}`,
    basis: ({ corpus }) => t('{0} distinct', formatCount(corpus.count - corpus.duplicates)),
    isRawOnly: true,
    explanation: numberExplanations.intrinsicDimension,
  },
  {
    id: 'hubness',
    label: t('Hubness, skewness'),
    keys: ['hubness'],
    value: ({ hubness }) => formatNumber(hubness?.skewness),
    basis: (snapshot) => withK(snapshot),
    explanation: numberExplanations.hubness,
  },
  {
    id: 'antiHubs',
    label: t('In nobody’s nearest'),
    keys: ['hubness'],
    value: ({ hubness }) => formatShare(hubness?.antiHubRate),
    basis: (snapshot) => withK(snapshot),
    explanation: numberExplanations.hubness,
  },
  {
    id: 'uniformity',
    label: t('Uniformity'),
    keys: ['uniformity'],
    value: ({ uniformity }) => formatNumber(uniformity),
    basis: randomPairs,
    explanation: numberExplanations.uniformity,
  },
  {
    id: 'partitionIsotropy',
    label: t('Partition isotropy'),
    keys: ['partitionIsotropy'],
    value: ({ partitionIsotropy }) => formatNumber(partitionIsotropy),
    basis: rowCount,
    explanation: numberExplanations.partition,
  },
  {
    id: 'rogueDimension',
    label: t('Largest share of one dimension'),
    keys: ['rogueDimensions'],
    value: ({ rogueDimensions }) => {
      const first = rogueDimensions?.[0];
      return first === undefined ? NOTHING : `${formatShare(first.share)} (${t('no. {0}', first.dimension)})`;
    },
    basis: allPairs,
    explanation: numberExplanations.rogue,
  },
  {
    id: 'stableRank',
    label: t('Stable rank'),
    keys: ['stableRank'],
    value: ({ stableRank }) => formatNumber(stableRank),
    basis: rowCount,
    explanation: numberExplanations.stableRank,
  },
  {
    id: 'conditionNumber',
    label: t('Condition number'),
    keys: ['conditionNumber'],
    value: ({ conditionNumber }) => formatNumber(conditionNumber),
    basis: rowCount,
    explanation: numberExplanations.condition,
  },
  {
    id: 'decayExponent',
    label: t('Decay exponent'),
    keys: ['decayExponent'],
    value: ({ decayExponent }) => formatNumber(decayExponent),
    basis: rowCount,
    explanation: numberExplanations.decay,
  },
  {
    id: 'totalVariance',
    label: t('Total variance'),
    keys: ['totalVariance'],
    value: ({ totalVariance }) => formatNumber(totalVariance),
    basis: rowCount,
    explanation: numberExplanations.variance,
  },
  {
    id: 'norm',
    label: t('Length, mean ± sd'),
    keys: ['meanNorm', 'normStd'],
    value: ({ meanNorm, normStd }) =>
      meanNorm === null || normStd === null
        ? formatNumber(meanNorm)
        : `${formatNumber(meanNorm)} ± ${formatNumber(isRounding(normStd, meanNorm) ? 0 : normStd)}`,
    basis: rowCount,
    explanation: numberExplanations.norms,
  },
  {
    id: 'meanVectorNorm',
    label: t('Length of the mean vector'),
    keys: ['meanVectorNorm'],
    value: ({ meanVectorNorm, meanNorm }) =>
      formatNumber(meanVectorNorm !== null && isRounding(meanVectorNorm, meanNorm ?? 1) ? 0 : meanVectorNorm),
    basis: rowCount,
    explanation: numberExplanations.norms,
  },
  ...textRows([
    {
      id: 'editDistance',
      label: t('Cosine with edit distance, Spearman'),
      key: 'lexicalLeakage',
      value: ({ lexicalLeakage }) => formatCosine(lexicalLeakage?.editDistance),
      explanation: numberExplanations.leakage,
    },
    {
      id: 'lengthDifference',
      label: t('Cosine with length difference, Spearman'),
      key: 'lexicalLeakage',
      value: ({ lexicalLeakage }) => formatCosine(lexicalLeakage?.lengthDifference),
      explanation: numberExplanations.leakage,
    },
    {
      id: 'normWithLength',
      label: t('Vector length with text length, Spearman'),
      key: 'normWithLength',
      value: ({ normWithLength }) => formatCosine(normWithLength?.spearman),
      explanation: numberExplanations.normWithLength,
    },
  ]),
  ...comparisonRows([
    {
      id: 'neighbourChange',
      label: t('Neighbours shared with raw, Jaccard'),
      key: 'neighbours',
      value: ({ neighbours }) => formatShare(neighbours?.meanJaccard),
      explanation: numberExplanations.neighbourChange,
    },
    {
      id: 'cka',
      label: t('Linear CKA with raw, debiased'),
      key: 'linearCka',
      value: ({ linearCka }) => formatCosine(linearCka?.debiased),
      explanation: numberExplanations.cka,
    },
    {
      id: 'procrustes',
      label: t('Procrustes residual to raw'),
      key: 'procrustes',
      // A square: that of float32 rounding is 1e-14.
      value: ({ procrustes }) => formatNumber(procrustes !== null && procrustes < 1e-12 ? 0 : procrustes),
      explanation: numberExplanations.procrustes,
    },
    {
      id: 'rsa',
      label: t('Cosines with raw ones (RSA), Spearman'),
      key: 'rsa',
      value: ({ rsa }) => formatCosine(rsa?.spearman),
      explanation: numberExplanations.rsa,
    },
  ]),
];

/** The five numbers of the side bar. */
export const summaryRows: readonly NumberRow[] = [
  'averageCosine',
  'floor95',
  'effectiveRank',
  'components90',
  'dimension',
].map((id) => keyRows.find((row) => row.id === id)!);

interface RowOf<Part extends SpaceTextStatistics | SpaceComparison> {
  readonly id: string;
  readonly label: string;
  readonly key: keyof Part & NumberRow['keys'][number];
  readonly value: (part: Part) => string;
  readonly explanation: NumberRow['explanation'];
}

/** Numbers that need the text beside the vectors. */
function textRows(rows: readonly RowOf<SpaceTextStatistics>[]): NumberRow[] {
  return rows.map(({ key, value, ...row }) => ({
    ...row,
    keys: [key],
    value: (_, { text }, side) => {
      const part = text?.[side];
      return part == null ? NOTHING : value(part);
    },
    basis: (snapshot, pairCount) =>
      key === 'lexicalLeakage'
        ? t('{0} random pairs', formatCount(snapshot.text?.raw.lexicalLeakage?.count ?? pairCount))
        : formatCount(snapshot.corpus.count),
  }));
}

/** Numbers of both spaces together: they stand on the side of the transform. */
function comparisonRows(rows: readonly RowOf<SpaceComparison>[]): NumberRow[] {
  return rows.map(({ key, value, ...row }) => ({
    ...row,
    keys: [key],
    value: (_, { comparison }, side) => (side === 'raw' ? '' : comparison == null ? NOTHING : value(comparison)),
    basis: ({ comparison, corpus }) =>
      key === 'rsa'
        ? t('{0} random pairs', formatCount(comparison?.rsa?.count))
        : key === 'neighbours'
          ? t('{0}, k = {1}', formatCount(comparison?.neighbours?.count), comparison?.neighbours?.k ?? NOTHING)
          : formatCount(corpus.count),
  }));
}

/** float32 rows leave about 1e-7 where there should be nothing. */
function isRounding(value: number, size: number): boolean {
  return Math.abs(value) <= 1e-6 * Math.abs(size);
}

function quantile(key: QuantileKey): NumberRow['value'] {
  return ({ cosineQuantiles }) => formatCosine(cosineQuantiles?.[key]);
}

function withScore(ratio: number | null, score: number | null): string {
  return ratio === null ? NOTHING : `${formatNumber(ratio)} (${formatCosine(score)})`;
}

function withK({ corpus, raw }: Snapshot): string {
  return raw.hubness === null ? formatCount(corpus.count) : `${formatCount(corpus.count)}, k = ${raw.hubness.k}`;
}
