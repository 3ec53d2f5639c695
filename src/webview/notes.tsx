import type { VNode } from 'preact';
import type { Note } from '../core/protocol/snapshot';
import { Icon } from './icons';
import { strings } from './strings';

export interface NotesProps {
  readonly notes: readonly Pick<Note, 'code' | 'message' | 'rows'>[];
  readonly onShowRows: (rows: readonly number[]) => void;
}

/** Remarks that a reader needs in order to trust the numbers. */
export function Notes({ notes, onShowRows }: NotesProps): VNode | null {
  if (notes.length === 0) return null;
  return (
    <section class="notes" aria-labelledby="notes-title">
      <h2 id="notes-title">{strings.notes}</h2>
      <ul>
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
    </section>
  );
}
