import type { VNode } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { Preview } from '../core/protocol/views';
import type { Report } from '../core/protocol/webviewProtocol';
import { type Cell, useCell } from './cell';
import { CosineChart } from './charts/cosineChart';
import { PlaneChart } from './charts/planeChart';
import { afterSide, beforeSide } from './charts/sides';
import { SpectrumChart } from './charts/spectrumChart';
import { Disclosure, keepDisclosures } from './disclosure';
import { formatNumber } from './format';
import { Notes } from './notes';
import { Numbers } from './numbers';
import type { RowLinks } from './rowLinks';
import type { StateStore } from './savedState';
import type { SentenceSource } from './sentences';
import { strings } from './strings';
import type { Theme } from './theme';
import type { UmapStore } from './umap/umapStore';
import { useMedia } from './useMedia';

export interface ReportBodyProps {
  readonly report: Report;
  readonly preview: Preview | null;
  readonly links: RowLinks;
  readonly sentences: SentenceSource;
  readonly theme: Cell<Theme>;
  readonly store: StateStore;
  /** `null` where only principal planes are to be had */
  readonly umap: UmapStore | null;
  /** whether the reader can choose another transform */
  readonly canTransform: boolean;
}

/** Numbers, charts and notes: what the panel and the HTML report have in common. */
export function ReportBody(props: ReportBodyProps): VNode {
  const { report, preview, links, sentences, store, umap, canTransform } = props;
  const { snapshot, views, lines, staleRows } = report;
  const theme = useCell(props.theme);
  const disclosures = useMemo(() => keepDisclosures(store), [store]);
  // Apart, so that a preview draws only the side anew that it changes.
  const before = useMemo(() => beforeSide(snapshot, views), [snapshot, views]);
  const after = useMemo(() => afterSide(snapshot, views, preview), [snapshot, views, preview]);
  const sides = useMemo(() => ({ before, after }), [before, after]);
  const shared = { sides, theme, disclosures, canTransform };
  // Beside the numbers where there is room; else a line, so that the charts are not pushed out of sight.
  const isWide = useMedia('(min-width: 1100px)');
  const notes = preview === null ? snapshot.notes : [...snapshot.notes, ...preview.notes];
  const notesList = <Notes notes={notes} onShowRows={(rows) => links.selected.set([...rows].sort((a, b) => a - b))} />;
  return (
    <>
      <div class="overview">
        <Numbers snapshot={snapshot} views={views} preview={preview} disclosures={disclosures}>
          {notes.length > 0 && !isWide && (
            <Disclosure id="notes" summary={strings.notesCount(notes.length)} disclosures={disclosures}>
              {() => notesList}
            </Disclosure>
          )}
        </Numbers>
        {notes.length > 0 && isWide && (
          <section aria-labelledby="notes-title">
            <h2 id="notes-title">{strings.notes}</h2>
            {notesList}
          </section>
        )}
      </div>
      <PlaneChart
        {...shared}
        views={views}
        lines={lines}
        staleRows={staleRows}
        links={links}
        sentences={sentences}
        store={store}
        umap={umap}
      />
      <CosineChart {...shared} />
      <SpectrumChart {...shared} />
      <Status report={report} preview={preview} links={links} />
    </>
  );
}

/** Says aloud what has changed on the page. */
function Status({ report, preview, links }: Pick<ReportBodyProps, 'report' | 'preview' | 'links'>): VNode {
  const [text, setText] = useState('');
  const selected = useCell(links.selected);
  const { spec } = report.snapshot.transform;
  useEffect(() => setText(strings.statusShown(spec)), [spec, report.snapshot]);
  useEffect(() => {
    if (preview !== null) setText(strings.statusPreview(preview.spec, formatNumber(preview.effectiveRank)));
  }, [preview]);
  useEffect(() => {
    if (selected.length > 0) setText(strings.statusSelected(selected.length));
  }, [selected]);
  return (
    <p class="status" role="status" aria-live="polite">
      {text}
    </p>
  );
}
