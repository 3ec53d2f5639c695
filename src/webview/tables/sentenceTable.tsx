import type { VNode } from 'preact';
import { useMemo } from 'preact/hooks';
import type { Views } from '../../core/protocol/views';
import { useCell } from '../cell';
import { indexOfRow } from '../charts/plane';
import { listSides, type Sides } from '../charts/sides';
import { Tag } from '../controls';
import { formatNumber } from '../format';
import { type RowLinks, toggleRow } from '../rowLinks';
import { type SentenceSource, useSentences } from '../sentences';
import { strings } from '../strings';
import { type Column, DataTable, type RowActions } from './dataTable';

export interface SentenceTableProps {
  readonly label: string;
  /** rows of the corpus, ascending */
  readonly rows: ArrayLike<number>;
  readonly sides: Sides;
  readonly views: Views;
  readonly lines: Uint32Array;
  readonly staleRows: Uint32Array;
  readonly links: RowLinks;
  readonly sentences: SentenceSource;
  /** of the two coordinates; default: principal components */
  readonly axisName?: ((axis: 1 | 2) => string) | undefined;
}

/** Sentences with their places in the planes: what the mouse can do on the plot, the keyboard can do here. */
export function SentenceTable(props: SentenceTableProps): VNode {
  const { label, rows, sides, views, lines, staleRows, links, sentences, axisName } = props;
  const selected = useCell(links.selected);
  const selectedSet = useMemo(() => new Set(selected), [selected]);
  const staleSet = useMemo(() => new Set(staleRows), [staleRows]);
  useSentences(sentences, []);

  const rowAt = (index: number): number => rows[index]!;
  const toggle = (row: number): void => links.selected.set(toggleRow(links.selected.value, row));
  const columns = useMemo<readonly Column[]>(() => {
    const coordinates = listSides(sides).flatMap(({ id, view: { plane } }): Column[] => {
      const sideName = id === 'before' ? strings.before : strings.after;
      return ([0, 1] as const).map((axis) => {
        const valueAt = (index: number): number => {
          const row = rows[index]!;
          const place = views.shownRows === null ? row : indexOfRow(views.shownRows, row);
          return place < 0 ? NaN : (plane[2 * place + axis] ?? NaN);
        };
        return {
          id: `${id}-${axis + 1}`,
          label: strings.ofSide(sideName, axisName?.(axis === 0 ? 1 : 2) ?? `PC${axis + 1}`),
          isNumeric: true,
          sortValue: valueAt,
          cell: (index) => {
            const value = valueAt(index);
            return formatNumber(Number.isNaN(value) ? null : value);
          },
        };
      });
    });
    return [
      {
        id: 'select',
        label: strings.selectColumn,
        isNumeric: false,
        cell: (index) => {
          const row = rows[index]!;
          return (
            <input
              type="checkbox"
              tabIndex={-1}
              checked={selectedSet.has(row)}
              aria-label={strings.selectRow((lines[row] ?? row) + 1)}
              onClick={(event) => event.stopPropagation()}
              onDblClick={(event) => event.stopPropagation()}
              onChange={() => toggle(row)}
            />
          );
        },
      },
      {
        id: 'line',
        label: strings.lineColumn,
        isNumeric: true,
        sortValue: (index) => lines[rows[index]!] ?? rows[index]!,
        cell: (index) => String((lines[rows[index]!] ?? rows[index]!) + 1),
      },
      {
        id: 'sentence',
        label: strings.sentenceColumn,
        isNumeric: false,
        cell: (index) => {
          const row = rows[index]!;
          return (
            <span class="sentence">
              {staleSet.has(row) && <Tag>{strings.editedTag}</Tag>}
              {sentences.get(row) ?? strings.loadingSentence}
            </span>
          );
        },
      },
      ...coordinates,
    ];
  }, [rows, sides, views, lines, staleSet, selectedSet, sentences, axisName]);

  const actions: RowActions = {
    isSelected: (index) => selectedSet.has(rowAt(index)),
    onToggle: (index) => toggle(rowAt(index)),
    onActivate: links.reveal && ((index, keepFocus) => links.reveal?.(rowAt(index), keepFocus)),
    onPoint: (index) => links.hovered.set(index === null ? null : rowAt(index)),
  };
  return (
    <>
      <p class="muted help">{links.reveal === null ? strings.reportGridHelp : strings.gridHelp}</p>
      <DataTable
        label={label}
        columns={columns}
        count={rows.length}
        actions={actions}
        onPage={(indices) => sentences.need(indices.map(rowAt))}
      />
    </>
  );
}
