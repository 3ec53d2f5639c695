import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { compareSpaces } from '../../../src/core/comparison/compareSpaces';
import { readNpy } from '../../../src/core/corpus/npy';
import { aimPairs, cosinesOfPairs } from '../../../src/core/geometry/aimedPairs';
import { cosineNeighbours } from '../../../src/core/geometry/neighbours';
import { localOutlierFactors } from '../../../src/core/geometry/outliers';
import { rowNorms } from '../../../src/core/geometry/rowNorms';
import {
  editDistances,
  lengthDifferences,
  lexicalLeakage,
  normWithLength,
  sentenceLengths,
} from '../../../src/core/geometry/textStatistics';
import type { Matrix } from '../../../src/core/linalg/matrix';
import { openProducts } from '../../../src/core/linalg/onnxProducts';
import type { Products } from '../../../src/core/linalg/products';
import type { SpaceComparison, SpaceTextStatistics } from '../../../src/core/protocol/comparison';
import { openNodeRuntime } from '../../../src/core/runtime/nodeRuntime';

interface Golden {
  readonly comparison: SpaceComparison;
  readonly outliers: readonly (number | null)[] | null;
  readonly text?: SpaceTextStatistics;
}

/** From NumPy, SciPy and scikit-learn: make_comparison.py. */
const golden = readJson('comparison.json') as Record<string, Golden>;
const sentences = readJson('sentences.json') as string[];

/** Both sides are float64 sums; numbers near 0 are differences of numbers of size 1, and a residual is one of a sum of d singular values. */
const ABSOLUTE = 1e-11;
/** A local outlier factor is a quotient of distances 1 − cos, whose rounding of 1e-16 is 1e-10 of the smallest here. */
const OUTLIER = 1e-8;

let products: Products;
beforeAll(async () => {
  products = await openProducts(await openNodeRuntime({ threads: 1 }));
});

describe.each(Object.keys(golden))('spaces %s', (name) => {
  const expected = golden[name];
  const a = readSpace(`${name}A`);
  const b = readSpace(`${name}B`);

  it('compare as the reference says, in both orders, with a note for every null', async () => {
    const { comparison, notes } = await compareSpaces({ matrix: a }, { matrix: b }, { products, seed: 0 });
    expectClose(comparison, expected.comparison, '');
    expectClose(await reversed(), expected.comparison, 'reversed');
    const explained = new Set(notes.flatMap(({ keys }) => keys ?? []));
    for (const path of nullPaths(comparison, 'comparison')) expect(explained).toContain(path);
    expect(JSON.parse(JSON.stringify(comparison))).toEqual(comparison);
  });

  async function reversed(): Promise<SpaceComparison> {
    return (await compareSpaces({ matrix: b }, { matrix: a }, { products, seed: 0 })).comparison;
  }

  it.skipIf(expected.outliers === null)('have the local outlier factors of scikit-learn', async () => {
    const factors = localOutlierFactors(await cosineNeighbours(a, 10, products), a.rows);
    expected.outliers!.forEach((factor, row) => {
      if (factor === null) expect(factors[row]).toBeNaN();
      else expect(Math.abs(factors[row] / factor - 1), `row ${row}`).toBeLessThan(OUTLIER);
    });
  });

  it.skipIf(expected.text === undefined)('correlate with the text as SciPy says', async () => {
    const lines = sentences.slice(0, a.rows);
    const lengths = sentenceLengths(lines);
    const pairs = aimPairs(a.rows, 0);
    const text: SpaceTextStatistics = {
      normWithLength: normWithLength(rowNorms(a), lengths),
      lexicalLeakage: lexicalLeakage(
        await cosinesOfPairs(a, pairs),
        await editDistances(lines, pairs),
        lengthDifferences(lengths, pairs),
      ),
    };
    expectClose(text, expected.text, 'text');
  });
});

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8'));
}

function readSpace(name: string): Matrix {
  return readNpy(readFileSync(new URL(`spaces/${name}.npy`, import.meta.url)), name);
}

function expectClose(actual: unknown, expected: unknown, path: string): void {
  if (typeof expected === 'number') {
    expect(typeof actual, path).toBe('number');
    expect(Math.abs((actual as number) - expected), path).toBeLessThanOrEqual(ABSOLUTE);
  } else if (expected !== null && typeof expected === 'object') {
    expect(actual, path).toBeTypeOf('object');
    expect(Object.keys(actual as object).sort(), path).toEqual(Object.keys(expected).sort());
    for (const [key, value] of Object.entries(expected)) {
      expectClose((actual as Record<string, unknown>)[key], value, `${path}.${key}`);
    }
  } else {
    expect(actual, path).toEqual(expected);
  }
}

function nullPaths(value: unknown, path: string): string[] {
  if (value === null) return [path];
  if (typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, item]) => nullPaths(item, `${path}.${key}`));
}
