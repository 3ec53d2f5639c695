import type { Note } from '../../protocol/snapshot';
import type { WordSequences } from './wordSequences';

/** Rows that a note lists at most. */
const LISTED_ROWS = 1000;
const EXAMPLES = 5;

/**
 * What the vocabulary does not know: share and examples (the most frequent first), and the sentences that got the zero vector.
 * @param noun what the text is cut into: "words", "tokens"
 */
export function vocabularyNotes({ distinct, numberOf }: WordSequences, noun: 'words' | 'tokens'): Note[] {
  let all = 0;
  let unknown = 0;
  const counts = new Map<string, number>();
  for (const sequence of distinct) {
    all += (sequence.rows.length + sequence.unknown.length) * sequence.repeats;
    unknown += sequence.unknown.length * sequence.repeats;
    for (const word of sequence.unknown) if (word !== '') counts.set(word, (counts.get(word) ?? 0) + sequence.repeats);
  }
  const notes: Note[] = [];
  if (unknown > 0) {
    const share = ((100 * unknown) / all).toFixed(unknown / all < 0.1 ? 1 : 0);
    const message = `${unknown} of ${all} ${noun} (${share} %) are not in the vocabulary and were left out${listExamples(counts)}.`;
    notes.push({ code: 'out-of-vocabulary', message });
  }
  const rows = [...numberOf.keys()].filter((row) => distinct[numberOf[row]].rows.length === 0);
  if (rows.length > 0) {
    const isOne = rows.length === 1;
    const message = `${rows.length} of ${numberOf.length} sentences ${isOne ? 'has' : 'have'} no known ${noun.slice(0, -1)}: ${isOne ? 'its vector is' : 'their vectors are'} zero.`;
    notes.push({ code: 'no-known-word', message, rows: rows.slice(0, LISTED_ROWS) });
  }
  return notes;
}

function listExamples(counts: ReadonlyMap<string, number>): string {
  if (counts.size === 0) return '';
  const examples = [...counts].sort(([, a], [, b]) => b - a).slice(0, EXAMPLES);
  const list = examples.map(([word]) => `"${word.length > 30 ? `${word.slice(0, 30)}…` : word}"`).join(', ');
  return `: ${list}${counts.size > EXAMPLES ? ' …' : ''}`;
}
