import type { ComponentChildren, VNode } from 'preact';
import type { Note, Snapshot } from '../core/protocol/snapshot';
import type { Preview, Views } from '../core/protocol/views';
import { Disclosure, type Disclosures } from './disclosure';
import type { Explanation } from './explanations';
import { NOTHING } from './format';
import { keyRows, moreRows, type NumberRow } from './numberRows';
import { strings } from './strings';

export interface NumbersProps {
  readonly snapshot: Snapshot;
  readonly views: Views;
  /** stands in for the settled after while a slider moves */
  readonly preview: Preview | null;
  readonly disclosures: Disclosures;
  /** another disclosure in the row */
  readonly children?: ComponentChildren;
}

/** The numbers before | after, each with what it stands on. */
export function Numbers({ snapshot, views, preview, disclosures, children }: NumbersProps): VNode {
  const table = (rows: readonly NumberRow[], hasHead: boolean): VNode => (
    <NumberTable rows={rows} snapshot={snapshot} views={views} preview={preview} hasHead={hasHead} />
  );
  return (
    <section class="numbers" data-numbers aria-labelledby="numbers-title">
      <h2 id="numbers-title">{strings.numbers}</h2>
      {table(keyRows, true)}
      {preview !== null && <p class="remark">{strings.previewNumbers}</p>}
      <p class="caption">{strings.noLabels}</p>
      <div class="disclosures">
        <Disclosure id="numbers-more" summary={strings.allNumbers} disclosures={disclosures}>
          {() => table(moreRows, true)}
        </Disclosure>
        <Disclosure id="numbers-what" summary={strings.whatNumbersMean} disclosures={disclosures}>
          {() => <Meanings rows={[...keyRows, ...moreRows]} />}
        </Disclosure>
        {children}
      </div>
    </section>
  );
}

interface NumberTableProps extends Omit<NumbersProps, 'disclosures' | 'children'> {
  readonly rows: readonly NumberRow[];
  readonly hasHead: boolean;
}

function NumberTable({ rows, snapshot, views, preview, hasHead }: NumberTableProps): VNode {
  const hasAfter = preview === null ? snapshot.transformed !== null : preview.spec !== 'none';
  return (
    <table class="number-table">
      {hasHead && (
        <thead>
          <tr>
            <th scope="col">{strings.measure}</th>
            <th scope="col" class="numeric">
              {strings.before}
            </th>
            {hasAfter && (
              <th scope="col" class="numeric">
                {strings.after}
              </th>
            )}
            <th scope="col" class="basis">
              {strings.basis}
            </th>
          </tr>
        </thead>
      )}
      <tbody>
        {rows.map((row) => (
          <tr key={row.id} data-number={row.id}>
            <th scope="row" title={`${row.explanation.what}\n${row.explanation.formula}`}>
              {row.label}
            </th>
            <Value text={row.value(snapshot.raw, snapshot, 'raw')} reason={reasonOf(row, 'raw', snapshot.notes)} />
            {hasAfter && afterCell(row, snapshot, preview)}
            <td class="basis">{row.basis(snapshot, views.raw.cosines.randomPairCount)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function afterCell(row: NumberRow, snapshot: Snapshot, preview: Preview | null): VNode {
  const { transformed, notes } = snapshot;
  if (row.isRawOnly === true) return <td class="numeric" />;
  if (preview !== null) {
    return row.preview === undefined ? (
      <td class="numeric pending" title={strings.followsWhenSettled}>
        …
      </td>
    ) : (
      <td class="numeric preview">{row.preview(preview)}</td>
    );
  }
  return (
    <Value
      text={transformed === null ? NOTHING : row.value(transformed, snapshot, 'transformed')}
      reason={reasonOf(row, 'transformed', notes)}
    />
  );
}

/** A number, or a dash that says why. */
function Value({ text, reason }: { readonly text: string; readonly reason: string }): VNode {
  return text.includes(NOTHING) ? (
    <td class="numeric missing" title={reason}>
      <abbr title={reason}>{text}</abbr>
    </td>
  ) : (
    <td class="numeric">{text}</td>
  );
}

function reasonOf({ keys }: NumberRow, side: 'raw' | 'transformed', notes: readonly Note[]): string {
  const about = notes.filter((note) =>
    note.keys?.some((key) =>
      keys.some(
        (own) =>
          key.startsWith(`${side}.${own}`) ||
          key.startsWith(`text.${side}.${own}`) ||
          key.startsWith(`comparison.${own}`),
      ),
    ),
  );
  return about.length === 0 ? strings.notComputed : about.map(({ message }) => message).join(' ');
}

/** What each number is, with formula and source; numbers of one kind are explained once. */
function Meanings({ rows }: { readonly rows: readonly NumberRow[] }): VNode {
  const byMeaning = new Map<Omit<Explanation, 'reading'>, string[]>();
  for (const { explanation, label } of rows) {
    byMeaning.set(explanation, [...(byMeaning.get(explanation) ?? []), label]);
  }
  return (
    <dl class="meanings">
      {[...byMeaning].map(([{ what, formula, source }, labels]) => (
        <div key={labels[0]}>
          <dt>{labels.join(' · ')}</dt>
          <dd>
            {what} <span class="formula">{formula}</span> <span class="muted">{source}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}
