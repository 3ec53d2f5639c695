import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { readNpy } from '../../../src/core/corpus/npy';
import { measureGeometry } from '../../../src/core/geometry/measureGeometry';
import { openProducts } from '../../../src/core/linalg/onnxProducts';
import type { Products } from '../../../src/core/linalg/products';
import type { Geometry } from '../../../src/core/protocol/snapshot';
import { openNodeRuntime } from '../../../src/core/runtime/nodeRuntime';

/** From NumPy, SciPy and scikit-dimension: make_geometry.py. */
const golden = JSON.parse(readFileSync(new URL('geometry.json', import.meta.url), 'utf8')) as Record<string, Geometry>;

/** Both sides are float64 sums of up to 30,000 pairs or d·N products: some 1e3·eps64; shares of a small average cosine magnify that. */
const RELATIVE = 1e-9;
/** Cosines, and what is made of them, near 0 are differences of numbers of size 1. */
const ABSOLUTE = 1e-12;
/** Eigenvalues come to both sides with an error relative to the largest. */
const EIGENVALUE = 1e-14;

let products: Products;
beforeAll(async () => {
  products = await openProducts(await openNodeRuntime({ threads: 1 }));
});

describe.each(Object.keys(golden))('geometry of %s', (name) => {
  const expected = golden[name];
  const readMatrix = () => readNpy(readFileSync(new URL(`matrices/${name}.npy`, import.meta.url)), name);
  const measure = () => measureGeometry({ matrix: readMatrix(), space: 'raw' }, { products, seed: 0 });

  it('equals the reference, key by key', async () => {
    const { geometry } = await measure();
    expect(Object.keys(geometry).sort()).toEqual(Object.keys(expected).sort());
    for (const [key, value] of Object.entries(expected)) {
      expectClose(geometry[key as keyof Geometry], value, key, toleranceOf(key, expected));
    }
  });

  it('has a note for every null, and no number that is not one', async () => {
    const { geometry, notes } = await measure();
    const explained = new Set(notes.flatMap((note) => note.keys ?? []));
    for (const path of nullPaths(geometry, 'raw')) expect(explained).toContain(path);
    expect(JSON.parse(JSON.stringify(geometry))).toEqual(geometry);
  });
});

interface Tolerance {
  readonly relative: number;
  readonly absolute: number;
}

function toleranceOf(key: string, { eigenvalues, meanNorm }: Geometry): Tolerance {
  const largest = eigenvalues?.[0] ?? 0;
  const least = eigenvalues?.findLast((value) => value > 1e-12 * largest) ?? 1;
  switch (key) {
    case 'eigenvalues':
      return { relative: 0, absolute: EIGENVALUE * largest };
    case 'conditionNumber':
    case 'decayExponent':
    case 'effectiveRank':
      // The least eigenvalue that counts is good to this, relative to itself.
      return { relative: RELATIVE + (EIGENVALUE * largest) / least, absolute: 0 };
    case 'normStd':
      // Of lengths that are equal but for rounding.
      return { relative: RELATIVE, absolute: 1e-15 * (meanNorm ?? 0) };
    case 'meanNorm':
    case 'meanVectorNorm':
    case 'totalVariance':
      // The unit of the data: nothing absolute.
      return { relative: RELATIVE, absolute: 0 };
    default:
      return { relative: RELATIVE, absolute: ABSOLUTE };
  }
}

function expectClose(actual: unknown, expected: unknown, path: string, tolerance: Tolerance): void {
  if (typeof expected === 'number') {
    expect(typeof actual, path).toBe('number');
    const allowed = tolerance.relative * Math.abs(expected) + tolerance.absolute;
    expect(Math.abs((actual as number) - expected), path).toBeLessThanOrEqual(allowed);
  } else if (expected !== null && typeof expected === 'object') {
    expect(actual, path).toBeTypeOf('object');
    expect(Object.keys(actual as object).sort(), path).toEqual(Object.keys(expected).sort());
    for (const [key, value] of Object.entries(expected)) {
      expectClose((actual as Record<string, unknown>)[key], value, `${path}.${key}`, tolerance);
    }
  } else {
    expect(actual, path).toEqual(expected);
  }
}

function nullPaths(value: unknown, path: string): string[] {
  if (value === null) return [path];
  if (typeof value !== 'object' || Array.isArray(value)) return [];
  return Object.entries(value).flatMap(([key, item]) => nullPaths(item, `${path}.${key}`));
}
