import { breathe } from '../geometry/breathe';
import { COMPARED_CHARACTERS, editDistance } from '../geometry/textStatistics';
import { RowSets } from './lineGroups';
import type { LineNeighbours } from './lineNeighbours';

/** Share of the way from a random pair's cosine to 1 from which on two lines are nearly the same. */
const NEAR = 0.9;
/** Share of the characters that differ, up to which two lines are nearly the same text. */
const SIMILAR_TEXT = 0.1;
const LINES_PER_TURN = 512;

export interface NearDuplicates {
  /** ascending, two or more, one line of each that is repeated word for word */
  readonly rows: readonly number[];
  /** the least that ties the group together */
  readonly cosine: number;
}

/** From where on a cosine says nearly the same, in a space whose random pairs score `median`: 0.9 where they score 0, 0.98 where they score 0.8. */
export function nearThreshold(median: number): number {
  const floor = Math.max(0, median);
  return floor + NEAR * (1 - floor);
}

/**
 * Groups of lines tied by a cosine of at least `threshold`, or by texts that differ in a tenth of their characters at most, among each line's nearest.
 * @param same lines that are the same are one
 */
export async function findNearDuplicates(
  { neighbours: { k, rows: nearest, cosines }, rows }: LineNeighbours,
  same: RowSets,
  sentences: readonly string[] | null,
  threshold: number,
  floor: number,
  signal?: AbortSignal,
): Promise<NearDuplicates[]> {
  const rowAt = (position: number): number => same.find(rows ? rows[position] : position);
  const count = k === 0 ? 0 : nearest.length / k;
  const links: { readonly a: number; readonly b: number; readonly cosine: number }[] = [];
  const sets = new RowSets(rows ? rows[rows.length - 1] + 1 : count);
  for (let position = 0; position < count; position++) {
    if (position % LINES_PER_TURN === 0) await breathe(signal);
    for (let slot = position * k; slot < (position + 1) * k && nearest[slot] >= 0; slot++) {
      const [a, b] = [rowAt(position), rowAt(nearest[slot])];
      const cosine = cosines[slot];
      if (a === b || cosine < floor) continue;
      if (cosine < threshold && !(sentences && hasSimilarText(sentences[a], sentences[b]))) continue;
      links.push({ a, b, cosine });
      sets.join(a, b);
    }
  }
  const weakest = new Map<number, number>();
  for (const { a, cosine } of links) {
    const set = sets.find(a);
    weakest.set(set, Math.min(cosine, weakest.get(set) ?? Infinity));
  }
  return Array.from(sets.groups(), ([set, group]) => ({ rows: group, cosine: weakest.get(set) ?? 1 }));
}

function hasSimilarText(a: string, b: string): boolean {
  const longest = Math.max(a.length, b.length);
  // The edit distance is at least the difference of the lengths.
  if (Math.abs(a.length - b.length) > SIMILAR_TEXT * longest) return false;
  return editDistance(a.slice(0, COMPARED_CHARACTERS), b.slice(0, COMPARED_CHARACTERS)) <= SIMILAR_TEXT;
}
