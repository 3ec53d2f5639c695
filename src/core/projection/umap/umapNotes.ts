import type { Note } from '../../protocol/snapshot';

/** Rows named by a note. */
const MOST_ROWS = 1_000;

export function umapSampleNote(shown: number, count: number, seed: number): Note {
  return {
    code: 'umap-sample',
    message: `UMAP lays out ${shown} of ${count} rows, drawn with seed ${seed}: more would take minutes.`,
  };
}

export function umapZeroRowsNote(rows: readonly number[]): Note {
  const what =
    rows.length === 1
      ? 'One row has length 0 and no direction: it stands'
      : `${rows.length} rows have length 0 and no direction: they stand`;
  return {
    code: 'umap-zero-rows',
    message: `${what} apart, below UMAP's layout of the others.`,
    rows: rows.slice(0, MOST_ROWS),
  };
}

export function umapFewRowsNote(distinct: number): Note {
  const have =
    distinct === 0
      ? 'No row has a direction'
      : distinct === 1
        ? 'All rows have one direction'
        : 'The rows have two directions';
  return { code: 'umap-few-rows', message: `${have}: UMAP needs three to lay out; the plane says nothing.` };
}

export function umapNeighboursNote(used: number, asked: number): Note {
  return {
    code: 'umap-neighbours',
    message: `UMAP looks at ${used} neighbours instead of ${asked}: there are only ${used} different directions.`,
  };
}
