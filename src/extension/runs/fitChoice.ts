import { createRandom, sampleWithoutReplacement } from '../../core/linalg/random';
import { IsoscopeError } from '../../core/protocol/errors';
import type { L10n } from '../l10n';
import type { AnalysisQuestion } from './runState';

/** What the transform of a run is fitted on. */
export type RunFit =
  | { readonly on: 'self' }
  /** one half of the lines, drawn with the seed; only the other half is looked at */
  | { readonly on: 'half' }
  | { readonly on: 'file'; readonly source: string; readonly sentences: readonly string[] };

/** Fewer rows than this make no two halves with a geometry. */
const FEWEST_ROWS = 8;

/**
 * The question with its fit: what is looked at, and what the transform is fitted on. The same seed draws the same halves.
 * @throws IsoscopeError `input` when there are too few sentences to halve
 */
export function applyFit(question: AnalysisQuestion, fit: RunFit, l10n: L10n): AnalysisQuestion {
  switch (fit.on) {
    case 'self':
      return question;
    case 'file':
      return { ...question, fitOn: { source: fit.source, sentences: fit.sentences } };
    case 'half': {
      const { sentences, lines, source, seed } = question;
      if (sentences.length < FEWEST_ROWS) {
        throw new IsoscopeError(
          'input',
          l10n.t(
            '{0} sentences are too few to fit on one half and look at the other: {1} or more are needed.',
            sentences.length,
            FEWEST_ROWS,
          ),
        );
      }
      const { fitted, shown } = drawHalves(sentences.length, seed);
      return {
        ...question,
        sentences: shown.map((row) => sentences[row]!),
        lines: Uint32Array.from(shown, (row) => lines[row]!),
        ...(question.rows !== undefined && { rows: Uint32Array.from(shown, (row) => question.rows![row]!) }),
        fitOn: { source, sentences: fitted.map((row) => sentences[row]!) },
      };
    }
  }
}

/** Two halves of the rows 0 … count − 1, each ascending; an odd one is shown. */
export function drawHalves(count: number, seed: number): { readonly fitted: number[]; readonly shown: number[] } {
  const fitted = sampleWithoutReplacement(createRandom(seed), count, Math.floor(count / 2)).sort();
  const isFitted = new Set(fitted);
  return {
    fitted: [...fitted],
    shown: Array.from({ length: count }, (_, row) => row).filter((row) => !isFitted.has(row)),
  };
}
