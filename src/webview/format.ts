/** How the page writes numbers: short, grouped, with a real minus sign; `null` is a dash. */

export const NOTHING = '–';

/** Differences of this size between cosines of float32 rows are rounding, and rounding is shown as 0. */
const COSINE_ROUNDING = 5e-7;

/** Three significant digits, plain where that is short, else with an exponent: 0.142, 12.5, 384, 1.23e−7. */
export function formatNumber(value: number | null | undefined): string {
  if (value === null || value === undefined) return NOTHING;
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size < 1e-3 || size >= 1e7)
    return withMinus(
      value
        .toExponential(2)
        .replace(/\.?0*e/, 'e')
        .replace('e+', 'e'),
    );
  if (size >= 1000) return formatCount(Math.round(value));
  return withMinus(String(Number(value.toPrecision(3))));
}

/** Three decimals, for what lies in [−1, 1]. */
export function formatCosine(value: number | null | undefined): string {
  if (value === null || value === undefined) return NOTHING;
  if (Math.abs(value) < COSINE_ROUNDING) return '0';
  if (Math.abs(value) < 5e-4) return withMinus(value.toExponential(0));
  return withMinus(value.toFixed(3));
}

/** 10000 → "10,000". */
export function formatCount(value: number | null | undefined): string {
  if (value === null || value === undefined) return NOTHING;
  return withMinus(String(value).replace(/\B(?=(\d{3})+$)/g, ','));
}

/** 0.1234 → "12.3 %". */
export function formatShare(value: number | null | undefined): string {
  if (value === null || value === undefined) return NOTHING;
  const percent = 100 * value;
  if (percent !== 0 && Math.abs(percent) < 0.05) return withMinus(`${Number(percent.toPrecision(1))} %`);
  return withMinus(`${percent.toFixed(1)} %`);
}

function withMinus(text: string): string {
  return text.replace(/-/g, '−');
}
