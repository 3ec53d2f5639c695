import type { VNode } from 'preact';
import type { Note } from '../core/protocol/snapshot';
import { Icon } from './icons';
import { strings } from './strings';

export interface NotesProps {
  readonly notes: readonly Pick<Note, 'code' | 'message' | 'rows'>[];
  readonly onShowRows: (rows: readonly number[]) => void;
}

/** Remarks that a reader needs in order to trust the numbers. */
export function Notes({ notes, onShowRows }: NotesProps): VNode {
  return (
    <ul class="notes">
      {notes.map(({ code, message, rows }) => (
        <li key={`${code} ${message}`} data-note={code}>
          <Icon name="info" />
          <span>
            {message}{' '}
            {rows !== undefined && rows.length > 0 && (
              <button type="button" class="link" data-action="show-rows" onClick={() => onShowRows(rows)}>
                {strings.showRows(rows.length)}
              </button>
            )}
          </span>
        </li>
      ))}
    </ul>
  );
}
