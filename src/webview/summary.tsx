import type { VNode } from 'preact';
import { useMemo } from 'preact/hooks';
import { assertNever } from '../core/protocol/errors';
import type { PageState, Report } from '../core/protocol/webviewProtocol';
import { Banners } from './banners';
import { useCell } from './cell';
import { Key } from './charts/figure';
import { afterSide, beforeSide } from './charts/sides';
import { Sparkline } from './charts/sparkline';
import { Button } from './controls';
import { formatCount } from './format';
import type { Host, HostView } from './hostConnection';
import { summaryRows } from './numberRows';
import { Empty, Failed, Running } from './states';
import { strings } from './strings';

/** The side bar: verdict, five numbers, a small spectrum, and the way to the big view. */
export function Summary({ hostView: { host, state } }: { readonly hostView: HostView }): VNode {
  const shown = useCell(state);
  return (
    <main class="summary" data-state={shown?.kind ?? 'loading'}>
      {shown !== null && <SummaryContent state={shown} host={host} />}
    </main>
  );
}

function SummaryContent({ state, host }: { readonly state: PageState; readonly host: Host }): VNode {
  switch (state.kind) {
    case 'empty':
      return <Empty text={strings.emptyText} />;
    case 'running':
      return <Running title={state.title} progress={state.progress} host={host} />;
    case 'failed':
      return <Failed title={state.title} message={state.message} actions={state.actions} host={host} />;
    case 'shown':
      return <ShownSummary report={state.report} host={host} />;
    default:
      return assertNever(state);
  }
}

function ShownSummary({ report, host }: { readonly report: Report; readonly host: Host }): VNode {
  const { snapshot, views } = report;
  const { raw, transformed, corpus } = snapshot;
  const sides = useMemo(
    () => ({ before: beforeSide(snapshot, views), after: afterSide(snapshot, views, null) }),
    [snapshot, views],
  );
  return (
    <>
      <p class="verdict" data-verdict>
        {report.verdict}
      </p>
      <Banners
        report={report}
        onReanalyze={() => host.notify('reanalyze', null)}
        onCancel={() => host.notify('cancel', null)}
      />
      <table class="number-table" data-numbers>
        <thead>
          <tr>
            <th scope="col">
              n = <span data-number="count">{formatCount(corpus.count)}</span>
            </th>
            <th scope="col" class="numeric">
              {strings.before}
            </th>
            {transformed !== null && (
              <th scope="col" class="numeric">
                {strings.after}
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {summaryRows.map(({ id, label, value, explanation }) => (
            <tr key={id} data-number={id}>
              <th scope="row" title={explanation.what}>
                {label}
              </th>
              <td class="numeric">{value(raw, snapshot, 'raw')}</td>
              {transformed !== null && <td class="numeric">{value(transformed, snapshot, 'transformed')}</td>}
            </tr>
          ))}
        </tbody>
      </table>
      <figure class="spark">
        <Sparkline sides={sides} />
        <figcaption>
          {strings.spectrum}
          <Key shape="line" tone="before">
            {strings.before}
          </Key>
          {sides.after !== null && (
            <Key shape="dashed" tone="after">
              {sides.after.label}
            </Key>
          )}
        </figcaption>
      </figure>
      <Button kind="primary" action="open-panel" onClick={() => host.notify('openPanel', null)}>
        {strings.openPanel}
      </Button>
    </>
  );
}
