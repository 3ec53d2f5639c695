import type { VNode } from 'preact';
import { useMemo } from 'preact/hooks';
import { parseTyped } from '../core/protocol/typedJson';
import type { Report } from '../core/protocol/webviewProtocol';
import { type Cell, createCell } from './cell';
import { PlotSaving, saveThroughBrowser } from './charts/plotSaving';
import { CorpusLine } from './corpusLine';
import { analysisKey } from './pageStates';
import { ReportBody } from './reportBody';
import { linkRows } from './rowLinks';
import type { StateStore } from './savedState';
import { heldSentences } from './sentences';
import { strings } from './strings';
import type { Theme } from './theme';
import { heldUmap } from './umap/umapStore';

/** What the command line puts into the page. */
export interface EmbeddedReport {
  readonly report: Report;
  /** by row, cut; empty for vectors without text */
  readonly sentences: readonly string[];
}

/** The report in the page, or `null` when there is none that can be read. */
export function readEmbeddedReport(element: Element): EmbeddedReport | null {
  try {
    const embedded = parseTyped(element.textContent) as Partial<EmbeddedReport> | null;
    const { report, sentences = [] } = embedded ?? {};
    return report === undefined ? null : { report, sentences };
  } catch {
    return null;
  }
}

export interface ReportPageProps {
  readonly embedded: EmbeddedReport | null;
  readonly theme: Cell<Theme>;
  readonly store: StateStore;
}

/** The panel without a host: the same numbers and charts, nothing to choose, nothing to reveal. */
export function ReportPage({ embedded, theme, store }: ReportPageProps): VNode {
  return (
    <main class="panel" data-state={embedded === null ? 'failed' : 'shown'}>
      {embedded === null ? (
        <p role="alert">{strings.damagedReport}</p>
      ) : (
        <ShownReport embedded={embedded} theme={theme} store={store} />
      )}
    </main>
  );
}

function ShownReport({ embedded, theme, store }: ReportPageProps & { readonly embedded: EmbeddedReport }): VNode {
  const { report, sentences } = embedded;
  const { snapshot } = report;
  const links = useMemo(
    () =>
      linkRows(analysisKey(snapshot), snapshot.corpus.count, store, null, createCell<Uint32Array>(new Uint32Array(0))),
    [snapshot, store],
  );
  const source = useMemo(() => heldSentences(sentences), [sentences]);
  const umap = useMemo(() => (report.umap === undefined ? null : heldUmap(report.umap)), [report]);
  return (
    <PlotSaving.Provider value={saveThroughBrowser}>
      <header class="page-header">
        <h1>{report.title}</h1>
        <p class="verdict" data-verdict>
          {report.verdict}
        </p>
        <CorpusLine title={null} snapshot={snapshot} />
      </header>
      <ReportBody
        report={report}
        preview={null}
        links={links}
        sentences={source}
        theme={theme}
        store={store}
        umap={umap}
        canTransform={false}
      />
      <footer class="muted">
        {snapshot.tool} · {snapshot.created}
      </footer>
    </PlotSaving.Provider>
  );
}
