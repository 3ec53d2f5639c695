import type { Note } from '../protocol/snapshot';

/** Names under which tables keep the number of a row; pandas leaves its own without one. */
const INDEX_NAMES = ['', 'unnamed: 0', '__index_level_0__', 'index', 'idx', 'id', 'row'];

/** Whether a column of whole numbers may count the rows. It is left out of the vectors only if its numbers do count. */
export function looksLikeIndexName(name: string): boolean {
  return INDEX_NAMES.includes(name.trim().toLowerCase());
}

export function leftOutNote(name: string): Note {
  const column = name === '' ? 'The first column, which has no name,' : `The column "${name}"`;
  return { code: 'index-column', message: `${column} counts the rows and is not part of the vectors.` };
}
