import { expect, it } from 'vitest';
import { matrixOf, zeros64 } from '../../../src/core/linalg/matrix';
import { mirrorLower } from '../../../src/core/linalg/symmetricProduct';
import { gaussian, testProducts } from '../geometry/matrices';

// Blocks take 32 rows: below, at, and beyond one and two of them.
it.each([
  [1, 5],
  [31, 9],
  [32, 40],
  [33, 1],
  [70, 13],
])('adds X·Xᵀ of %i × %i on and below the diagonal, and leaves what is above', async (d, n) => {
  const products = await testProducts();
  const x = gaussian(d, n, d);
  const sum = matrixOf(
    new Float64Array(d * d).map((_, at) => at),
    d,
    d,
  );
  await products.addSymmetricProduct(x, sum);
  const whole = await products.multiplyTransposed(x, x);
  for (let i = 0; i < d; i++) {
    for (let j = 0; j < d; j++) {
      const at = i * d + j;
      const expected = j > i ? at : at + whole.data[at];
      // Sums of n products in another order, beside numbers up to d².
      expect(Math.abs(sum.data[at] - expected)).toBeLessThanOrEqual(1e-15 * (n + d * d));
    }
  }
  mirrorLower(sum);
  for (let i = 0; i < d; i++) for (let j = 0; j < i; j++) expect(sum.data[j * d + i]).toBe(sum.data[i * d + j]);
});

it('adds nothing for no samples or no rows, and refuses a sum of another size', async () => {
  const products = await testProducts();
  const sum = zeros64(3, 3);
  await products.addSymmetricProduct(zeros64(3, 0), sum);
  expect(sum).toEqual(zeros64(3, 3));
  await products.addSymmetricProduct(zeros64(0, 4), zeros64(0, 0));
  await expect(products.addSymmetricProduct(zeros64(2, 4), sum)).rejects.toThrow(RangeError);
});
