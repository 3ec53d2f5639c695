import { describe, expect, it } from 'vitest';
import { tabulateGeometry } from '../../../src/core/export/geometryTable';
import type { SpaceComparison, TextStatistics } from '../../../src/core/protocol/comparison';
import { sampleReport } from './sampleReport';

const space = {
  normWithLength: { count: 9, pearson: 0.3, spearman: 0.25 },
  lexicalLeakage: { count: 36, editDistance: -0.5123, lengthDifference: 1e-9 },
};
const text: TextStatistics = { raw: { ...space, normWithLength: null }, transformed: space };
const comparison: SpaceComparison = {
  count: 9,
  neighbours: { k: 10, count: 9, meanJaccard: 0.4321 },
  linearCka: { biased: 0.9, debiased: 0.87654 },
  procrustes: 1e-15,
  rsa: null,
};

describe('the table of numbers', () => {
  it('ends with what the text explains, and raw beside transformed', () => {
    const rows = tabulateGeometry(sampleReport({ text, comparison }).snapshot).slice(-7);
    expect(rows.map(({ raw, transformed }) => [raw, transformed])).toEqual([
      ['−0.512', '−0.512'],
      ['0', '0'],
      ['–', '0.250'],
      ['', '0.432'],
      ['', '0.877'],
      ['', '0'],
      ['', '–'],
    ]);
  });

  it('has none of it without text and transform, nor for an older snapshot', () => {
    const { snapshot } = sampleReport();
    const { length } = tabulateGeometry(snapshot);
    expect(tabulateGeometry({ ...snapshot, text: null, comparison: null })).toHaveLength(length);
    const raw = { ...snapshot, transformed: null, comparison: null, text: { ...text, transformed: null } };
    const rows = tabulateGeometry(raw);
    expect(rows).toHaveLength(length + 3);
    for (const { transformed } of rows) expect(transformed).toBeNull();
  });
});
