import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/core/linalg/random';
import { decomposeSymmetric } from '../../../src/core/linalg/symmetricEigenSolver';
import { eigenQuality } from './eigenQuality';
import { symmetricMatrix, symmetricMatrixKinds, type SymmetricMatrixKind } from './symmetricMatrices';

const kinds = Object.keys(symmetricMatrixKinds) as SymmetricMatrixKind[];

describe('decomposeSymmetric', () => {
  // Orders on both sides of every threshold: 1, the QL method's 32, one and two levels of divide and conquer, blocks of 48 rows, odd and even.
  it.each(kinds)('is accurate and orthogonal on matrices of the kind: %s', (kind) => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 140 }), fc.nat(), (n, seed) => {
        const a = symmetricMatrix(kind, n, createRandom(seed));
        const quality = eigenQuality(a, decomposeSymmetric(a));
        // A backward stable solver: a small multiple of ε = 2.2e-16, growing with √n at most. The bounds promised are 1e-13 and 1e-12.
        expect(quality.residual).toBeLessThan(2e-14);
        expect(quality.orthogonality).toBeLessThan(3e-14);
        expect(quality.isDescending).toBe(true);
      }),
      { numRuns: 12, seed: 1 },
    );
  });

  it('keeps trace and sum of squares', () => {
    fc.assert(
      fc.property(fc.constantFrom(...kinds), fc.integer({ min: 1, max: 80 }), fc.nat(), (kind, n, seed) => {
        if (kind === 'huge') return;
        const { data } = symmetricMatrix(kind, n, createRandom(seed));
        const { values } = decomposeSymmetric({ data, rows: n, columns: n });
        let [trace, size, squares] = [0, 0, 0];
        for (let i = 0; i < n; i++) trace += data[i * n + i];
        for (const x of data) squares += x * x;
        for (const x of values) size += Math.abs(x);
        // Each eigenvalue is good to some ε‖A‖, ‖A‖ ≤ Σ|λ|.
        expect(Math.abs(values.reduce((sum, x) => sum + x, 0) - trace)).toBeLessThanOrEqual(1e-14 * n * size);
        expect(Math.abs(values.reduce((sum, x) => sum + x * x, 0) - squares)).toBeLessThanOrEqual(1e-13 * n * squares);
      }),
      { numRuns: 100, seed: 2 },
    );
  });

  it('is indifferent to powers of two', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: -900, max: 900 }),
        fc.nat(),
        (n, exponent, seed) => {
          const a = symmetricMatrix('random', n, createRandom(seed));
          const scaled = { ...a, data: a.data.map((x) => x * 2 ** exponent) };
          const [plain, other] = [decomposeSymmetric(a), decomposeSymmetric(scaled)];
          expect(other.vectors.data).toEqual(plain.vectors.data);
          expect(other.values).toEqual(plain.values.map((x) => x * 2 ** exponent));
        },
      ),
      { numRuns: 30, seed: 3 },
    );
  });
});
