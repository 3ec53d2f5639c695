import type { Analysis } from '../analysis/analysis';
import type { Space } from '../analysis/space';
import { IsoscopeError } from '../protocol/errors';

/** The analyses that an engine holds, by id. */
export interface AnalysisStore {
  /** @throws IsoscopeError `lost` when it is not held (any more) */
  get(id: string): Analysis;
  /** Keeps an analysis, and lets those go that were used longest ago when all are too large together. */
  set(id: string, analysis: Analysis): void;
  delete(id: string): void;
  ids(): readonly string[];
}

/** @param limitBytes of all analyses together; the newest is kept whatever its size */
export function createAnalysisStore(limitBytes: number): AnalysisStore {
  // A Map's first key is the one put in longest ago, and each use puts in again.
  const held = new Map<string, Analysis>();
  const keep = (id: string, analysis: Analysis): void => {
    held.delete(id);
    held.set(id, analysis);
  };
  return {
    get(id) {
      const analysis = held.get(id);
      if (analysis === undefined) {
        throw new IsoscopeError('lost', 'The engine does not hold this analysis any more: analyse the text again.');
      }
      keep(id, analysis);
      return analysis;
    },
    set(id, analysis) {
      keep(id, analysis);
      let total = 0;
      for (const [other, { raw, transformed, sentences }] of [...held].reverse()) {
        total += bytesOf(raw) + (transformed ? bytesOf(transformed) : 0) + textBytes(sentences ?? []);
        if (total > limitBytes && other !== id) held.delete(other);
      }
    },
    delete: (id) => void held.delete(id),
    ids: () => [...held.keys()],
  };
}

/** What grows with the corpus. */
function bytesOf({ matrix, moments, sortedCosines, neighbours }: Space): number {
  return (
    matrix.data.byteLength +
    // Eigenvectors are as large as the scatter.
    2 * moments.scatter.data.byteLength +
    sortedCosines.byteLength +
    neighbours.rows.byteLength +
    neighbours.cosines.byteLength
  );
}

/** Two bytes per UTF-16 unit at most. */
function textBytes(sentences: readonly string[]): number {
  return sentences.reduce((sum, { length }) => sum + 2 * length, 0);
}
