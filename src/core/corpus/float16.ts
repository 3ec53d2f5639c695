/**
 * IEEE 754 binary16 numbers as float32: exact, every binary16 number is a binary32 number.
 * Subnormals, infinities and NaN included.
 * @param halves the bits, one Uint16 each
 */
export function widenFloat16(halves: Uint16Array): Float32Array {
  const wide = new Uint32Array(halves.length);
  for (let i = 0; i < halves.length; i++) wide[i] = widenBits(halves[i]);
  return new Float32Array(wide.buffer);
}

function widenBits(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return sign | 0x7f800000 | (fraction << 13);
  if (exponent > 0) return sign | ((exponent + 112) << 23) | (fraction << 13);
  if (fraction === 0) return sign;
  // Subnormal: fraction · 2^−24. binary32 has exponents to spare, so its leading bit becomes the hidden one.
  const leading = 31 - Math.clz32(fraction);
  return sign | ((leading + 103) << 23) | ((fraction << (23 - leading)) & 0x7fffff);
}
