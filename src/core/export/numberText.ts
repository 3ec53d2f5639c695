/** How numbers are written in reports for people: short, with one sign for minus, grouped; `null` is "–". */

export const NOTHING = '–';

/**
 * Three significant digits, plain where that is short, else with an exponent: 0.142, 12.5, 384, 1.23e-7.
 * What is smaller than `zeroBelow` is rounding and shown as 0.
 */
export function formatNumber(value: number | null | undefined, zeroBelow = 0): string {
  if (value === null || value === undefined) return NOTHING;
  const size = Math.abs(value);
  if (size <= zeroBelow) return '0';
  if (size < 1e-3 || size >= 1e7) return withMinus(value.toExponential(2).replace('e+', 'e'));
  if (size >= 1000) return formatCount(Math.round(value));
  return withMinus(String(Number(value.toPrecision(3))));
}

/** Three decimals, for what lies between −1 and 1; rounding is shown as 0. */
export function formatCosine(value: number | null | undefined): string {
  if (value === null || value === undefined) return NOTHING;
  const text = value.toFixed(3);
  return Number(text) === 0 ? '0' : withMinus(text);
}

/** Two decimals, for the ends of a histogram's stretches. */
export function formatStretchEnd(value: number): string {
  const text = value.toFixed(2);
  return Number(text) === 0 ? '0.00' : withMinus(text);
}

/** 10000 → "10,000", whatever the machine's locale. */
export function formatCount(value: number | null | undefined): string {
  if (value === null || value === undefined) return NOTHING;
  return withMinus(String(value).replace(/\B(?=(\d{3})+$)/g, ','));
}

/** 0.1234 → "12.3 %"; what would round to 0 and is not → "<0.1 %" */
export function formatShare(value: number | null | undefined): string {
  if (value === null || value === undefined) return NOTHING;
  if (value > 0 && value < 0.0005) return '<0.1 %';
  return withMinus(`${(100 * value).toFixed(1)} %`);
}

/** "820 ms", "4.2 s", "3 min 5 s" */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 999.5) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 59_950) return `${(milliseconds / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

function withMinus(text: string): string {
  return text.replace('-', '−').replace('e-', 'e−');
}
