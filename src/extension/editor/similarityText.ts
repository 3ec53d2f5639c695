import type { CosineReading, SimilarityPair, SimilarityReading } from '../../core/protocol/engineProtocol';
import type { L10n } from '../l10n';

/** Below this a percentile is so coarse that its base must be told. */
const MANY_PAIRS = 100;

/** "cosine 0.83 — 41st percentile of this file's random pairs; after pca:k=60 0.31 — 97th" */
export function describePair(pair: SimilarityPair, reading: SimilarityReading, l10n: L10n): string {
  const { raw, transformed } = pair;
  if (raw === null) return l10n.t('no cosine: the vector of one of the two has length 0');
  const { randomPairCount: count, transform } = reading;
  const before =
    count < MANY_PAIRS
      ? l10n.t("cosine {0} — {1} percentile of this file's {2} pairs", formatCosine(raw), formatPercentile(raw), count)
      : l10n.t("cosine {0} — {1} percentile of this file's random pairs", formatCosine(raw), formatPercentile(raw));
  if (transformed === null) return before;
  const after = l10n.t('after {0} {1} — {2}', transform, formatCosine(transformed), formatPercentile(transformed));
  return `${before}; ${after}`;
}

/** The same in figures only, for a list: cosines "0.83 → 0.31", percentiles "41st → 97th". */
export function summarisePair({ raw, transformed }: SimilarityPair): { cosines: string; percentiles: string } | null {
  if (raw === null) return null;
  const readings = transformed === null ? [raw] : [raw, transformed];
  return {
    cosines: readings.map(formatCosine).join(' → '),
    percentiles: readings.map(formatPercentile).join(' → '),
  };
}

/** Two decimals; three where two would round a cosine to ±1 that is not. */
export function formatCosine({ cosine }: CosineReading): string {
  const isNearOne = Math.abs(cosine) >= 0.995 && Math.abs(cosine) < 0.9995;
  const text = cosine.toFixed(isNearOne ? 3 : 2);
  return text === '-0.00' ? '0.00' : text.replace('-', '−');
}

/** "41st"; tenths in the outermost percent, where most of the interesting pairs are: "99.7th". Never "0th" or "100th": no sample says that. */
export function formatPercentile({ percentile }: CosineReading): string {
  const percent = percentile * 100;
  const rounded = percent >= 1 && percent <= 99 ? Math.round(percent) : Math.round(percent * 10) / 10;
  return ordinal(Math.min(Math.max(rounded, 0.1), 99.9));
}

const ordinals = new Intl.PluralRules('en', { type: 'ordinal' });
const suffixes: Readonly<Partial<Record<Intl.LDMLPluralRule, string>>> = { one: 'st', two: 'nd', few: 'rd' };

function ordinal(value: number): string {
  return Number.isInteger(value) ? `${value}${suffixes[ordinals.select(value)] ?? 'th'}` : `${value.toFixed(1)}th`;
}
