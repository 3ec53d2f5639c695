import type { ComponentChildren, VNode } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { Button } from '../controls';
import { Icon } from '../icons';
import { strings } from '../strings';
import { movedBy, sortOrder, type Sorting } from './tableOrder';

export interface Column {
  readonly id: string;
  readonly label: string;
  readonly isNumeric: boolean;
  /** what a row is sorted by; without it the column cannot be sorted */
  readonly sortValue?: (index: number) => number;
  readonly cell: (index: number) => ComponentChildren;
}

/** Rows that stand for something: they can be chosen, entered and moved through by keyboard. */
export interface RowActions {
  readonly isSelected: (index: number) => boolean;
  readonly onToggle: (index: number) => void;
  /** Enter or double-click: `keepFocus` false; click: true */
  readonly onActivate: ((index: number, keepFocus: boolean) => void) | null;
  /** the row that keyboard or mouse is on */
  readonly onPoint: (index: number | null) => void;
}

export interface DataTableProps {
  readonly label: string;
  readonly columns: readonly Column[];
  readonly count: number;
  readonly actions?: RowActions;
  /** hears which rows are in sight */
  readonly onPage?: (indices: readonly number[]) => void;
}

const ROWS_PER_PAGE = 100;

/** A sortable table in pages; with `actions` a grid whose rows the keyboard walks. */
export function DataTable({ label, columns, count, actions, onPage }: DataTableProps): VNode {
  const [sorting, setSorting] = useState<Sorting | null>(null);
  const [position, setPosition] = useState(0);
  const body = useRef<HTMLTableSectionElement>(null);
  // Keys can come faster than rows are drawn: what they move is counted here.
  const walk = useRef({ position: 0, mustFocus: false, isFocusing: false });

  const order = useMemo(() => {
    const value = columns.find(({ id }) => id === sorting?.column)?.sortValue;
    return sortOrder(count, value ?? null, sorting?.isDescending === true);
  }, [count, columns, sorting]);
  const current = Math.min(position, Math.max(0, count - 1));
  walk.current.position = Math.min(walk.current.position, Math.max(0, count - 1));
  const moveTo = (next: number): void => {
    walk.current.position = next;
    setPosition(next);
  };
  const page = Math.floor(current / ROWS_PER_PAGE);
  const start = page * ROWS_PER_PAGE;
  const visible = Array.from(order.subarray(start, start + ROWS_PER_PAGE));
  useEffect(() => onPage?.(visible));

  useEffect(() => {
    if (!walk.current.mustFocus || current !== walk.current.position) return;
    walk.current.mustFocus = false;
    walk.current.isFocusing = true;
    body.current?.querySelector<HTMLElement>('tr[tabindex="0"]')?.focus();
    walk.current.isFocusing = false;
  }, [current, order]);

  const onKeyDown = (event: KeyboardEvent): void => {
    if (actions === undefined) return;
    const index = order[walk.current.position];
    if (index === undefined) return;
    if (event.key === 'Enter') actions.onActivate?.(index, false);
    else if (event.key === ' ') actions.onToggle(index);
    else {
      const next = movedBy(event.key, walk.current.position, count, ROWS_PER_PAGE);
      if (next === null) return;
      walk.current.mustFocus = true;
      moveTo(next);
    }
    event.preventDefault();
  };
  const sortBy = (column: string): void => {
    setSorting((previous) =>
      previous?.column === column ? { column, isDescending: !previous.isDescending } : { column, isDescending: false },
    );
    moveTo(0);
  };

  const pages = Math.ceil(count / ROWS_PER_PAGE);
  return (
    <div class="table-block">
      <div class="table-scroll" tabIndex={actions === undefined ? 0 : -1}>
        <table
          role={actions === undefined ? undefined : 'grid'}
          aria-label={label}
          aria-rowcount={count + 1}
          aria-multiselectable={actions === undefined ? undefined : true}
        >
          <thead>
            <tr>
              {columns.map((column) => (
                <th
                  key={column.id}
                  scope="col"
                  class={column.isNumeric ? 'numeric' : `column-${column.id}`}
                  aria-sort={
                    sorting?.column !== column.id ? undefined : sorting.isDescending ? 'descending' : 'ascending'
                  }
                >
                  {column.sortValue === undefined ? (
                    column.label
                  ) : (
                    <button type="button" class="sort" data-sort={column.id} onClick={() => sortBy(column.id)}>
                      {column.label}
                      <span class="sort-mark" aria-hidden="true">
                        {sorting?.column === column.id ? (sorting.isDescending ? '▼' : '▲') : ''}
                      </span>
                    </button>
                  )}
                </th>
              ))}
            </tr>
          </thead>
          <tbody ref={body} onKeyDown={onKeyDown} onMouseLeave={() => actions?.onPoint(null)}>
            {visible.map((index, i) => (
              <tr
                key={index}
                aria-rowindex={start + i + 2}
                data-index={index}
                {...(actions !== undefined && {
                  tabIndex: start + i === current ? 0 : -1,
                  'aria-selected': actions.isSelected(index),
                  onFocus: () => {
                    if (!walk.current.isFocusing) moveTo(start + i);
                    actions.onPoint(index);
                  },
                  onBlur: () => actions.onPoint(null),
                  onMouseEnter: () => actions.onPoint(index),
                  onClick: () => actions.onActivate?.(index, true),
                  onDblClick: () => actions.onActivate?.(index, false),
                })}
              >
                {columns.map((column) => (
                  <td key={column.id} class={column.isNumeric ? 'numeric' : `column-${column.id}`}>
                    {column.cell(index)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {pages > 1 && (
        <div class="pager">
          <Button
            kind="icon"
            action="previous-page"
            title={strings.previousPage}
            isDisabled={page === 0}
            onClick={() => moveTo(start - ROWS_PER_PAGE)}
          >
            <Icon name="previous" />
          </Button>
          <span>{strings.page(start + 1, Math.min(count, start + ROWS_PER_PAGE), count)}</span>
          <Button
            kind="icon"
            action="next-page"
            title={strings.nextPage}
            isDisabled={page === pages - 1}
            onClick={() => moveTo(start + ROWS_PER_PAGE)}
          >
            <Icon name="next" />
          </Button>
        </div>
      )}
    </div>
  );
}
