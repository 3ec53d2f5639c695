import type { Note } from '../protocol/snapshot';

/** Notes of several parts as one list: what two parts say in the same words is said once, for the keys of both. */
export function mergeNotes(...lists: readonly (readonly Note[])[]): Note[] {
  const merged = new Map<string, Note>();
  for (const note of lists.flat()) {
    const words = `${note.code}\n${note.message}`;
    const known = merged.get(words);
    const keys = [...new Set([...(known?.keys ?? []), ...(note.keys ?? [])])];
    const rows = known?.rows ?? note.rows;
    merged.set(words, {
      code: note.code,
      message: note.message,
      ...(keys.length > 0 && { keys }),
      ...(rows && { rows }),
    });
  }
  return [...merged.values()];
}

/** Ready vectors do not tell how they were made. */
export const READY_VECTORS_NOTE: Note = {
  code: 'ready-vectors',
  message:
    'The vectors came ready-made: their layer, pooling and maximum length, and which sentences were cut at it, are not known.',
  keys: ['corpus.truncated', 'encoder.layer', 'encoder.pooling', 'encoder.maxTokens'],
};

export const NO_TEXT_NOTE: Note = {
  code: 'no-text',
  message: 'There is no text beside the vectors, and so nothing that could be compared with it.',
  keys: ['text'],
};

/** The planes show a sample. */
export function shownRowsNote(shown: number, count: number, seed: number): Note {
  return {
    code: 'shown-sample',
    message: `The planes show ${shown} of ${count} rows, drawn with seed ${seed}; all numbers are of all rows.`,
  };
}

/** A transform that could not be fitted leaves the raw numbers standing. */
export function unfittedNote(spec: string, reason: string): Note {
  return {
    code: 'transform-not-fitted',
    message: `No transformed space for ${spec}: ${reason}`,
    keys: ['transformed', 'transform.fittedOn', 'text.transformed', 'comparison'],
  };
}
