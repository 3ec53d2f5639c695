import type { VNode } from 'preact';
import { useMemo } from 'preact/hooks';
import type { PageState, Report } from '../core/protocol/webviewProtocol';
import { assertNever } from '../core/protocol/errors';
import { Banners } from './banners';
import { type Cell, useCell } from './cell';
import { PlotSaving, saveThroughHost } from './charts/plotSaving';
import { afterSide, beforeSide } from './charts/sides';
import { CorpusLine } from './corpusLine';
import { CurveSection } from './dimensions/curveSection';
import { DimensionSection } from './dimensions/dimensionSection';
import { keepDisclosures } from './disclosure';
import type { Host, HostView } from './hostConnection';
import { EncodingControls } from './lab/encodingControls';
import { LabControls } from './lab/labControls';
import { readLabSpec } from './lab/labSpec';
import { useEncoding } from './lab/useEncoding';
import { useFit } from './lab/useFit';
import { useLab } from './lab/useLab';
import { NeighbourSection } from './neighbours/neighbourDiff';
import { analysisKey } from './pageStates';
import { ReportBody } from './reportBody';
import { linkRows } from './rowLinks';
import type { StateStore } from './savedState';
import { createSentenceSource } from './sentences';
import { Empty, Failed, Running } from './states';
import { strings } from './strings';
import type { Theme } from './theme';
import { createUmapStore } from './umap/umapStore';

export interface PanelProps {
  readonly hostView: HostView;
  readonly theme: Cell<Theme>;
  readonly store: StateStore;
}

/** The big view beside the text. */
export function Panel({ hostView, theme, store }: PanelProps): VNode {
  const state = useCell(hostView.state);
  return (
    <main class="panel" data-state={state?.kind ?? 'loading'}>
      {state !== null && <PanelContent state={state} hostView={hostView} theme={theme} store={store} />}
    </main>
  );
}

function PanelContent({ state, hostView, theme, store }: PanelProps & { readonly state: PageState }): VNode {
  const { host } = hostView;
  switch (state.kind) {
    case 'empty':
      return (
        <Empty text={strings.emptyPanel} action={strings.analyze} onAction={() => host.notify('reanalyze', null)} />
      );
    case 'running':
      return <Running title={state.title} progress={state.progress} host={host} />;
    case 'failed':
      return <Failed title={state.title} message={state.message} actions={state.actions} host={host} />;
    case 'shown':
      return <ShownPanel report={state.report} host={host} hostView={hostView} theme={theme} store={store} />;
    default:
      return assertNever(state);
  }
}

function ShownPanel({
  report,
  host,
  hostView,
  theme,
  store,
}: PanelProps & { readonly report: Report; readonly host: Host }): VNode {
  const analysis = analysisKey(report.snapshot);
  const { count } = report.snapshot.corpus;
  const lab = useLab(report.snapshot, host);
  const encoding = useEncoding(report.snapshot, host);
  const fit = useFit(host);
  const cancel = (): void => host.notify('cancel', null);
  const links = useMemo(
    () => linkRows(analysis, count, store, host, hostView.highlighted),
    [analysis, count, store, host, hostView],
  );
  const sentences = useMemo(() => createSentenceSource((rows) => host.request('describe', { rows })), [analysis, host]);
  const { snapshot, views } = report;
  // A plane of the transformed space belongs to the specification and to what it was fitted on.
  const fittedOn = report.fit === 'file' ? snapshot.transform.fittedOn?.sha256 : report.fit;
  const umap = useMemo(
    () => createUmapStore((params, options) => host.request('umap', params, options)),
    [analysis, snapshot.seed, fittedOn, host],
  );
  const sides = useMemo(
    () => ({ before: beforeSide(snapshot, views), after: afterSide(snapshot, views, null) }),
    [snapshot, views],
  );
  const shownKey = `${analysis}|${snapshot.created}|${snapshot.transform.spec}`;
  const currentTheme = useCell(theme);
  const disclosures = useMemo(() => keepDisclosures(store), [store]);
  const savePlot = useMemo(() => saveThroughHost(host), [host]);
  const shared = { host, theme: currentTheme, links, sentences, disclosures };
  return (
    <PlotSaving.Provider value={savePlot}>
      <header class="page-header">
        <p class="verdict" data-verdict>
          {report.verdict}
        </p>
        <CorpusLine title={report.title} snapshot={report.snapshot} />
      </header>
      <Banners
        report={report}
        isProgressElsewhere={lab.isSettling || (encoding.isSettling && report.progress?.stage !== 'encoding')}
        onReanalyze={() => host.notify('reanalyze', null)}
        onCancel={cancel}
      />
      <section class="lab" data-lab aria-label={strings.lab}>
        {report.offer !== null && report.offer.poolings.length > 0 && (
          <EncodingControls
            encoding={encoding}
            offer={report.offer}
            hasLayers={report.snapshot.encoder.layer !== null}
            onCancel={cancel}
          />
        )}
        <LabControls lab={lab} report={report} onCancel={cancel} onFit={fit.choose} />
        {fit.error !== null && (
          <p class="lab-error" role="alert">
            {fit.error}
          </p>
        )}
      </section>
      <ReportBody
        report={report}
        preview={lab.preview}
        links={links}
        sentences={sentences}
        theme={theme}
        store={store}
        umap={umap}
        canTransform
      />
      <NeighbourSection snapshot={report.snapshot} lines={report.lines} {...shared} />
      <DimensionSection sides={sides} analysisKey={shownKey} lines={report.lines} {...shared} />
      <CurveSection
        vectorsKey={analysis}
        shownK={report.snapshot.transformed?.dimension ?? null}
        {...shared}
        onChoose={(spec) => lab.choose(readLabSpec(spec))}
      />
    </PlotSaving.Provider>
  );
}
