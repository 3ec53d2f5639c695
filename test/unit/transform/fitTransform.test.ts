import { beforeAll, describe, expect, it } from 'vitest';
import { computeMoments, covarianceOf, decomposeMoments } from '../../../src/core/geometry/moments';
import type { Products } from '../../../src/core/linalg/products';
import { applyTransform } from '../../../src/core/transform/applyTransform';
import { createFitMemory } from '../../../src/core/transform/fitMemory';
import { fitTransform } from '../../../src/core/transform/fitTransform';
import { eigenOfFactors, scaleProjections } from '../../../src/core/transform/spectralFactors';
import { parseTransformSpec } from '../../../src/core/transform/spec';
import {
  cosines,
  fitAndApply,
  fitOn,
  fittedOn,
  innerProducts,
  largestDifference,
  matrixFrom,
  openTestProducts,
  randomRows,
} from './fixtures';

let products: Products;
beforeAll(async () => {
  products = await openTestProducts();
});

const failure = (reason: string, message: RegExp): unknown =>
  expect.objectContaining({ reason, message: expect.stringMatching(message) as string });

const WHITENINGS = ['pca', 'zca', 'cholesky', 'pca-cor', 'zca-cor'];
const codesOf = async (spec: string, rows: number, columns: number): Promise<string[]> =>
  (await fitOn(spec, randomRows(rows, columns, 5), products)).notes.map(({ code }) => code);

describe('degenerate rows', () => {
  const equal = matrixFrom(Array.from({ length: 4 }, () => [0.1, 0.2, 0.3]));

  it.each([...WHITENINGS, 'abtt:d=1', 'pca:eps=0.1', 'zca:shrinkage=lw', 'pca:shrinkage=oas'])(
    '%s refuses equal rows and fewer than two',
    async (spec) => {
      await expect(fitOn(spec, equal, products)).rejects.toEqual(failure('input', /All 4 rows are equal/));
      await expect(fitOn(spec, matrixFrom([[1, 2, 3]]), products)).rejects.toEqual(failure('input', /2 rows.*only 1/));
    },
  );

  it('equal rows are centred and scaled to exactly 0', async () => {
    for (const spec of ['center', 'zscore', 'zscore+l2']) {
      expect([...(await fitAndApply(spec, equal, products)).data]).toEqual(Array<number>(12).fill(0));
    }
  });

  it('one row is centred to 0; z-scores need two; no row gives no mean', async () => {
    const one = matrixFrom([[1, 2, 3]]);
    const none = { data: new Float64Array(0), rows: 0, columns: 3 };
    expect([...(await fitAndApply('center', one, products)).data]).toEqual([0, 0, 0]);
    await expect(fitOn('zscore', one, products)).rejects.toEqual(failure('input', /at least 2 rows/));
    await expect(fitOn('center', none, products)).rejects.toEqual(failure('input', /there are none/));
    for (const spec of ['none', 'l2', 'truncate:k=2', 'random:k=2']) {
      expect((await fitAndApply(spec, none, products)).data).toHaveLength(0);
    }
  });

  it('one dimension is standardised', async () => {
    const line = matrixFrom([[1], [2], [4], [9]]);
    const sd = Math.sqrt((9 + 4 + 0 + 25) / 3);
    const expected = [-3, -2, 0, 5].map((value) => value / sd);
    for (const spec of ['zca', 'cholesky', 'zca-cor', 'zscore', 'zca:shrinkage=lw', 'zca:shrinkage=oas']) {
      expect(largestDifference((await fitAndApply(spec, line, products)).data, expected)).toBeLessThan(1e-14);
    }
  });

  it('dead dimensions become 0 in z-scores and correlations, with a note', async () => {
    const x = matrixFrom([
      [1, 5, 0],
      [2, 5, 1],
      [4, 5, 0],
      [8, 5, 3],
    ]);
    const { notes } = await fitOn('zscore', x, products);
    expect(notes[0]).toMatchObject({ code: 'dead-dimensions', message: expect.stringContaining('1 of 3') as string });
    for (const spec of ['zscore', 'zca-cor']) {
      const { data } = await fitAndApply(spec, x, products);
      expect([data[1], data[4], data[7], data[10]]).toEqual([0, 0, 0, 0]);
      expect(data.every(Number.isFinite)).toBe(true);
    }
  });

  it('rows of zeros keep their length 0 under l2', async () => {
    const x = matrixFrom([
      [0, 0],
      [3, 4],
      [1e-200, 0],
      [1e130, 1e130],
    ]);
    const { data } = await fitAndApply('l2', x, products);
    expect([...data.slice(0, 6)]).toEqual([0, 0, 0.6, 0.8, 1, 0]);
    expect(data[6]).toBeCloseTo(Math.SQRT1_2, 15);
  });

  it('NaN is refused before it spreads', async () => {
    const moments = await computeMoments(randomRows(5, 3, 1), products);
    const broken = { ...moments, mean: Float64Array.of(0, NaN, 0) };
    const fit = fitTransform(parseTransformSpec('pca'), { moments: broken, rows: null, products, fittedOn });
    await expect(fit).rejects.toEqual(failure('input', /NaN/));
  });

  it('NaN and overflow in the rows to transform are told, not passed on', async () => {
    const x = randomRows(20, 4, 1);
    const { transform } = await fitOn('center+zca', x, products);
    const broken = { ...x, data: x.data.map((value, at) => (at === 4 * 12 + 2 ? NaN : value)) };
    await expect(applyTransform(transform, broken, products)).rejects.toEqual(
      failure('input', /NaN.*row 13, column 3/),
    );
    const huge = { ...x, data: x.data.map(() => 1e130) };
    const { transform: wide } = await fitOn(
      'zca:gamma=2',
      { ...x, data: x.data.map((value) => value * 1e-130) },
      products,
    );
    await expect(applyTransform(wide, huge, products)).rejects.toEqual(failure('input', /out of the range/));
  });

  it('rank-deficient rows lose columns in pca, none in zca, and never get a NaN', async () => {
    const x = randomRows(30, 6, 3, 4);
    expect((await fitAndApply('pca', x, products)).columns).toBe(4);
    expect((await fitAndApply('pca:k=5', x, products)).columns).toBe(4);
    expect((await fitAndApply('pca:k=5,eps=1e-6', x, products)).columns).toBe(5);
    expect((await fitAndApply('pca:shrinkage=lw', x, products)).columns).toBe(6);
    expect((await fitAndApply('zca', x, products)).columns).toBe(6);
    const { notes } = await fitOn('pca:k=5', x, products);
    expect(notes.map(({ message }) => message)).toContainEqual(
      expect.stringMatching(/2 of 6 directions carry no variance.*k=5 gives 4 columns/),
    );
  });

  it('abtt refuses to take away every direction', async () => {
    const x = randomRows(30, 6, 3, 2);
    await expect(fitOn('abtt:d=2', x, products)).rejects.toEqual(failure('input', /use d=1 or less/));
  });
});

describe('settings that do not fit the dimensions', () => {
  it.each(['pca:k=7', 'truncate:k=7', 'random:k=7', 'abtt:d=7', 'truncate:k=2+zca-cor:k=3'])('%s', async (spec) => {
    await expect(fitOn(spec, randomRows(20, 6, 1), products)).rejects.toEqual(failure('usage', /dimensions/));
  });
});

describe('warnings', () => {
  it('says nothing of a well-posed fit', async () => {
    expect(await codesOf('pca', 30, 6)).toEqual([]);
  });

  it('warns below five rows per dimension', async () => {
    expect(await codesOf('pca', 29, 6)).toEqual(['small-sample']);
    expect(await codesOf('zca-cor:shrinkage=lw', 29, 6)).toEqual(['small-sample']);
    expect(await codesOf('center', 7, 6)).toEqual([]);
  });

  it('tells noise from a soft whitening of few rows', async () => {
    expect(await codesOf('pca', 7, 6)).toEqual(['noise']);
    expect(await codesOf('zca:beta=0.5', 6, 6)).toEqual(['noise']);
    // An ε far below the variances changes nothing; one of their size does.
    expect(await codesOf('pca:eps=1e-12', 7, 6)).toEqual(['noise']);
    expect(await codesOf('pca:eps=0.1', 7, 6)).toEqual(['small-sample']);
    expect(await codesOf('pca:gamma=0.5', 7, 6)).toEqual(['small-sample']);
    expect(await codesOf('pca:shrinkage=lw', 7, 6)).toEqual(['small-sample']);
    expect(await codesOf('pca:k=5', 7, 6)).toEqual(['small-sample']);
  });

  it('names the cosine of the simplex and a way on', async () => {
    const [note] = (await fitOn('pca', randomRows(11, 20, 5), products)).notes;
    expect(note.message).toMatch(/cosine exactly −1\/\(N − 1\) = -0\.100.*k=2.*shrinkage=lw/);
  });
});

describe('random projection', () => {
  it('is drawn from the seed and keeps squared lengths on average', async () => {
    const x = randomRows(200, 64, 9);
    const [a, again, b] = await Promise.all([1, 1, 2].map((seed) => fitOn('random:k=32', x, products, { seed })));
    expect(a).toEqual(again);
    expect(a.transform).not.toEqual(b.transform);
    let ratio = 0;
    for (let seed = 0; seed < 20; seed++) {
      const { transform } = await fitOn('random:k=32', x, products, { seed });
      const y = await applyTransform(transform, x, products);
      ratio += sumSquares(y.data) / sumSquares(x.data) / 20;
    }
    // Each ratio has a standard deviation of at most √(2/32) = 0.25; the mean of 20 at most 0.056.
    expect(ratio).toBeGreaterThan(0.8);
    expect(ratio).toBeLessThan(1.2);
  });
});

describe('without the rows', () => {
  it('all fits work on moments but Ledoit–Wolf and what follows l2', async () => {
    const x = randomRows(40, 6, 2);
    for (const spec of [...WHITENINGS, 'center', 'zscore', 'abtt:d=2', 'pca:shrinkage=oas', 'abtt:d=1+pca-cor+l2']) {
      expect((await fitOn(spec, x, products, { rows: null })).transform).toEqual(
        (await fitOn(spec, x, products)).transform,
      );
    }
    for (const spec of ['pca:shrinkage=lw', 'l2+pca', 'center+zca:shrinkage=lw']) {
      await expect(fitOn(spec, x, products, { rows: null })).rejects.toEqual(failure('input', /vectors themselves/));
    }
  });
});

describe('memory of fits', () => {
  it('gives the same transforms as without, and one basis for all k, ε and γ', async () => {
    const x = randomRows(40, 6, 2);
    const memory = createFitMemory(decomposeMoments(await computeMoments(x, products)));
    const specs = [
      'pca',
      'pca:k=2',
      'zca:eps=0.1',
      'pca:gamma=0.25',
      'cholesky',
      'pca:shrinkage=lw',
      'zca:k=3,shrinkage=oas',
    ];
    const bases = new Set<unknown>();
    for (const spec of [...specs, 'pca-cor', 'pca:beta=0.5', 'l2+zca', 'l2+pca:k=2']) {
      const remembered = await fitOn(spec, x, products, { memory });
      expect(remembered).toEqual(await fitOn(spec, x, products));
      if (specs.includes(spec)) bases.add(remembered.factors!.basis);
    }
    expect(bases.size).toBe(1);
    for (const group of [
      ['pca-cor', 'zca-cor:k=2', 'pca-cor:eps=0.1'],
      ['pca:beta=0.5', 'zca:beta=0.5,gamma=0.3,k=2'],
    ]) {
      const fits = await Promise.all(group.map((spec) => fitOn(spec, x, products, { memory })));
      expect(new Set(fits.map(({ factors }) => factors!.basis)).size).toBe(1);
    }
  });

  it('does not keep what an abort left undone', async () => {
    const x = randomRows(40, 6, 2);
    const memory = createFitMemory();
    const aborted = fitOn('l2+pca', x, products, { memory, signal: AbortSignal.abort() });
    await expect(aborted).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }) as Error);
    expect(await fitOn('l2+pca', x, products, { memory })).toEqual(await fitOn('l2+pca', x, products));
  });
});

describe('spectral factors', () => {
  it.each([...WHITENINGS, 'zca:k=3,eps=0.2,beta=0.5', 'cholesky:k=3,shrinkage=lw', 'pca-cor:k=2,shrinkage=oas'])(
    'of %s give its inner products from rows projected once',
    async (spec) => {
      const x = randomRows(30, 6, 8);
      const { transform, factors } = await fitOn(spec, x, products);
      const { shift, basis, variances } = factors!;
      const shifted = { ...x, data: x.data.map((value, at) => value - shift[at % x.columns]) };
      const scaled = scaleProjections(factors!, await products.multiplyTransposed(shifted, basis));
      const y = await applyTransform(transform, x, products);
      expect(largestDifference(innerProducts(scaled), innerProducts(y))).toBeLessThan(1e-9);
      if (variances === null) return;
      const covariance = covarianceOf(await computeMoments(scaled, products));
      const diagonal = covariance.data.map((_, at) => {
        const [i, j] = [Math.floor(at / scaled.columns), at % scaled.columns];
        return i === j ? variances[i] : 0;
      });
      expect(largestDifference(covariance.data, diagonal)).toBeLessThan(1e-9);
      const eigen = eigenOfFactors(factors!)!;
      expect([...eigen.values]).toEqual([...variances].sort((a, b) => b - a));
    },
  );
});

describe('cancelling', () => {
  it('stops between chunks', async () => {
    const x = randomRows(20, 4, 1);
    const { transform } = await fitOn('zca', x, products);
    await expect(applyTransform(transform, x, products, AbortSignal.abort())).rejects.toThrow(
      expect.objectContaining({ name: 'AbortError' }) as Error,
    );
  });
});

describe('other rows than those of the fit', () => {
  it('of another dimension are refused by name', async () => {
    const { transform } = await fitOn('zca', randomRows(20, 4, 1), products);
    await expect(applyTransform(transform, randomRows(3, 5, 1), products)).rejects.toEqual(
      failure('input', /"zca" was made for vectors of 4 dimensions, these have 5/),
    );
  });

  it('come in chunks that do not show: 70,000 rows of 17 numbers', async () => {
    const x = randomRows(70_000, 17, 4);
    const { transform } = await fitOn('zca:gamma=0.5', randomRows(200, 17, 4), products);
    const y = await applyTransform(transform, x, products);
    const [first, last] = [0, x.rows - 3].map((start) => start * 17);
    for (const start of [first, last]) {
      const few = { data: x.data.slice(start, start + 51), rows: 3, columns: 17 };
      const alone = await applyTransform(transform, few, products);
      expect(largestDifference(alone.data, y.data.slice(start, start + 51))).toBeLessThan(1e-12);
    }
    expect(cosines({ data: y.data.slice(0, 170), rows: 10, columns: 17 }).every(Number.isFinite)).toBe(true);
  });
});

function sumSquares(data: Float64Array): number {
  return data.reduce((sum, value) => sum + value * value, 0);
}
