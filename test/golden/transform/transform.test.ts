import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { computeMoments } from '../../../src/core/geometry/moments';
import type { Matrix64 } from '../../../src/core/linalg/matrix';
import { openProducts } from '../../../src/core/linalg/onnxProducts';
import type { Products } from '../../../src/core/linalg/products';
import { openNodeRuntime } from '../../../src/core/runtime/nodeRuntime';
import { applyTransform } from '../../../src/core/transform/applyTransform';
import { fitTransform } from '../../../src/core/transform/fitTransform';
import { ledoitWolfIntensity, oasIntensity, sumFourthPowers } from '../../../src/core/transform/shrinkage';
import { parseTransformSpec } from '../../../src/core/transform/spec';

interface Golden {
  readonly matrices: Readonly<Record<string, number[][]>>;
  readonly shrinkage: Readonly<Record<string, { readonly lw: number; readonly oas: number }>>;
  readonly cases: readonly {
    readonly matrix: string;
    readonly spec: string;
    /** "exact", "signs" (columns up to their sign), "rotated" (inner products only) */
    readonly coordinates: string;
    readonly y: number[][];
  }[];
}

const golden = JSON.parse(readFileSync(path.join(__dirname, 'transform.json'), 'utf8')) as Golden;
const fittedOn = { count: 1, dimension: 1, sha256: '', transductive: true };

let products: Products;
beforeAll(async () => {
  products = await openProducts(await openNodeRuntime({ threads: 1 }));
});

function matrixFrom(rows: readonly (readonly number[])[]): Matrix64 {
  return { data: Float64Array.from(rows.flat()), rows: rows.length, columns: rows[0].length };
}

async function fitAndApply(spec: string, x: Matrix64): Promise<number[][]> {
  const moments = await computeMoments(x, products);
  const { transform } = await fitTransform(parseTransformSpec(spec), { moments, rows: x, products, fittedOn });
  const y = await applyTransform(transform, x, products);
  return Array.from({ length: y.rows }, (_, row) => [...y.data.subarray(row * y.columns, (row + 1) * y.columns)]);
}

const innerProducts = (rows: readonly (readonly number[])[]): number[] =>
  rows.flatMap((a) => rows.map((b) => a.reduce((sum, value, i) => sum + value * b[i], 0)));

/** Condition numbers here stay below 1e4 and the file has 12 digits: 1e-10 of the largest value leaves room for both. */
function expectEqual(actual: readonly number[], expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length);
  const tolerance = 1e-10 * Math.max(1e-3, ...expected.map(Math.abs));
  const worst = Math.max(...actual.map((value, i) => Math.abs(value - expected[i])));
  expect(worst).toBeLessThanOrEqual(tolerance);
}

describe('every transform against NumPy, SciPy and scikit-learn', () => {
  it.each(golden.cases)('$matrix: $spec', async ({ matrix, spec, coordinates, y: expected }) => {
    const y = await fitAndApply(spec, matrixFrom(golden.matrices[matrix]));
    expectEqual(innerProducts(y), innerProducts(expected));
    if (coordinates === 'exact') expectEqual(y.flat(), expected.flat());
    if (coordinates === 'signs') expectEqual(y.flat().map(Math.abs), expected.flat().map(Math.abs));
  });
});

describe("the intensity of the shrinkage is scikit-learn's", () => {
  it.each(Object.keys(golden.matrices))('%s', async (name) => {
    const x = matrixFrom(golden.matrices[name]);
    const moments = await computeMoments(x, products);
    const { lw, oas } = golden.shrinkage[name];
    expect(ledoitWolfIntensity(moments, await sumFourthPowers(x, moments.mean))).toBeCloseTo(lw, 11);
    expect(oasIntensity(moments)).toBeCloseTo(oas, 11);
  });
});
