import { describe, expect, it } from 'vitest';
import type { SimilarityReading } from '../../../src/core/protocol/engineProtocol';
import {
  describePair,
  formatCosine,
  formatPercentile,
  summarisePair,
} from '../../../src/extension/editor/similarityText';
import { englishL10n } from './englishL10n';

const cosine = (value: number) => formatCosine({ cosine: value, percentile: 0.5 });
const percentile = (value: number) => formatPercentile({ cosine: 0, percentile: value });

const reading = (randomPairCount: number): SimilarityReading => ({ pairs: [], transform: 'pca:k=60', randomPairCount });

describe('describePair', () => {
  it('says cosine and percentile, raw and transformed', () => {
    const pair = {
      first: 0,
      second: 1,
      raw: { cosine: 0.8312, percentile: 0.41 },
      transformed: { cosine: 0.309, percentile: 0.97 },
    };
    expect(describePair(pair, reading(44_850), englishL10n)).toBe(
      "cosine 0.83 — 41st percentile of this file's random pairs; after pca:k=60 0.31 — 97th",
    );
  });

  it('leaves out a transform that is none, and tells how few pairs a percentile stands on', () => {
    const pair = { first: 0, second: 1, raw: { cosine: 0.5, percentile: 0.5 }, transformed: null };
    expect(describePair(pair, reading(3), englishL10n)).toBe("cosine 0.50 — 50th percentile of this file's 3 pairs");
  });

  it('says why there is no cosine', () => {
    const pair = { first: 0, second: 1, raw: null, transformed: null };
    expect(describePair(pair, reading(1000), englishL10n)).toMatch(/length 0/);
  });
});

describe('summarisePair', () => {
  it('gives figures before and after', () => {
    const raw = { cosine: 0.8312, percentile: 0.41 };
    expect(summarisePair({ first: 0, second: 1, raw, transformed: { cosine: -0.309, percentile: 0.02 } })).toEqual({
      cosines: '0.83 → −0.31',
      percentiles: '41st → 2nd',
    });
    expect(summarisePair({ first: 0, second: 1, raw, transformed: null })?.cosines).toBe('0.83');
    expect(summarisePair({ first: 0, second: 1, raw: null, transformed: null })).toBeNull();
  });
});

describe('formatCosine', () => {
  it('never rounds a cosine to ±1 that is not, nor to −0', () => {
    expect([0.994, 0.9951, 0.9996, 1, -0.997, -0.001].map(cosine)).toEqual([
      '0.99',
      '0.995',
      '1.00',
      '1.00',
      '−0.997',
      '0.00',
    ]);
  });
});

describe('formatPercentile', () => {
  it('writes English ordinals', () => {
    expect([0.01, 0.02, 0.03, 0.04, 0.11, 0.12, 0.13, 0.21, 0.32, 0.43, 0.5].map(percentile)).toEqual([
      '1st',
      '2nd',
      '3rd',
      '4th',
      '11th',
      '12th',
      '13th',
      '21st',
      '32nd',
      '43rd',
      '50th',
    ]);
  });

  it('shows tenths in the outermost percent and never claims 0 or 100', () => {
    expect([0, 0.0004, 0.004, 0.9962, 0.9999, 1].map(percentile)).toEqual([
      '0.1th',
      '0.1th',
      '0.4th',
      '99.6th',
      '99.9th',
      '99.9th',
    ]);
  });
});
