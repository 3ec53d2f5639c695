/**
 * The shortest decimal text that reads back as the same float32 (of a float64: 9 significant digits), without an exponent's plus sign: "0.1", "-1.5e-7". NaN and
 * infinities, which no table of numbers should hold, as an empty text.
 */
export function decimalText(value: number): string {
  if (!Number.isFinite(value)) return '';
  // Seven digits suffice for half of all float32 numbers, nine for all.
  for (const digits of [7, 8]) {
    const text = value.toPrecision(digits);
    if (Math.fround(Number(text)) === value) return String(Number(text));
  }
  return String(Number(value.toPrecision(9)));
}
