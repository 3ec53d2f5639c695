import { createCell, type Cell } from './cell';
import type { Host } from './hostConnection';
import type { StateStore } from './savedState';

/** What plots, tables and the text have in common: rows. */
export interface RowLinks {
  /** the row under the mouse, or of the table's keyboard */
  readonly hovered: Cell<number | null>;
  /** a lasso's rows, ascending; empty when nothing is selected */
  readonly selected: Cell<readonly number[]>;
  /** rows under the editor's cursor or in its selection */
  readonly highlighted: Cell<Uint32Array>;
  /** selects the line of a row in the editor; `null` where there is no editor */
  readonly reveal: ((row: number, keepFocus: boolean) => void) | null;
  /** opens rows as a new document; `null` where there is no editor */
  readonly list: ((rows: readonly number[]) => void) | null;
}

/**
 * Links for one analysis.
 * @param analysis the key that kept rows must belong to (`analysisKey`)
 * @param count rows of the analysis
 */
export function linkRows(
  analysis: string,
  count: number,
  store: StateStore,
  host: Host | null,
  highlighted: Cell<Uint32Array>,
): RowLinks {
  if (store.current.analysis !== analysis) store.update({ analysis, selectedRows: [], cameras: {} });
  const selected = createCell<readonly number[]>(store.current.selectedRows.filter((row) => row < count));
  selected.subscribe(() => store.update({ selectedRows: selected.value }));
  return {
    hovered: createCell<number | null>(null),
    selected,
    highlighted,
    reveal: host && ((row, keepFocus) => host.notify('reveal', { row, keepFocus })),
    list: host && ((rows) => host.notify('list', { rows })),
  };
}

/** `selected` with or without a row, ascending. */
export function toggleRow(selected: readonly number[], row: number): readonly number[] {
  return selected.includes(row) ? selected.filter((other) => other !== row) : [...selected, row].sort((a, b) => a - b);
}
