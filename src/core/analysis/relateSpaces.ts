import { compareSpaces } from '../comparison/compareSpaces';
import { cosinesOfPairs } from '../geometry/aimedPairs';
import type { SpaceComparison, TextStatistics } from '../protocol/comparison';
import type { Note } from '../protocol/snapshot';
import type { AnalysisBasis, AnalysisOptions } from './analysis';
import type { Space } from './space';
import { explainText, textStatistics, type SurfaceText } from './surface';

/** How the spaces of an analysis stand to each other and to the text. */
export interface Relation {
  readonly text: TextStatistics | null;
  readonly comparison: SpaceComparison | null;
  readonly notes: readonly Note[];
}

/** A space with the cosines of the surface's pairs. */
type PairedSpace = Space & { readonly pairCosines: Float64Array };

/** @param transformed `null` = there is only the raw space */
export async function relateSpaces(
  { raw, surface: { pairs, rawCosines, text }, seed, products }: AnalysisBasis,
  transformed: Space | null,
  { signal }: AnalysisOptions,
): Promise<Relation> {
  const before = { ...raw, pairCosines: rawCosines };
  const after = transformed && {
    ...transformed,
    pairCosines: await cosinesOfPairs(transformed.matrix, pairs, signal),
  };
  const compared = after && (await compareSpaces(before, after, { products, seed, signal }));
  const read = text && relateToText(before, after, text);
  return {
    text: read?.text ?? null,
    comparison: compared?.comparison ?? null,
    notes: [...(read?.notes ?? []), ...(compared?.notes ?? [])],
  };
}

function relateToText(
  before: PairedSpace,
  after: PairedSpace | null,
  text: SurfaceText,
): { text: TextStatistics; notes: Note[] } {
  const raw = textStatistics(before.matrix, before.pairCosines, text);
  const notes = explainText(raw, text, 'raw');
  const transformed = after && textStatistics(after.matrix, after.pairCosines, text);
  if (transformed) notes.push(...explainText(transformed, text, 'transformed'));
  return { text: { raw, transformed }, notes };
}
