import { assertNever } from '../../core/protocol/errors';
import type { AnalysisProgress } from '../../core/protocol/engineProtocol';
import type { PageState, Report } from '../../core/protocol/webviewProtocol';
import type { L10n } from '../l10n';
import type { AnalysisRun } from '../runs/analysisRun';
import type { Analysed } from '../runs/runState';
import { waysOn } from './waysOn';

/** What a page shows of a run: always whole, never a delta. */
export function pageStateOf(run: AnalysisRun | undefined, l10n: L10n): PageState {
  if (run === undefined) return { kind: 'empty' };
  const { title, state } = run;
  switch (state.kind) {
    case 'idle':
      return { kind: 'empty' };
    case 'running':
      return state.analysed === null
        ? { kind: 'running', title, progress: state.progress }
        : {
            kind: 'shown',
            report: reportOf(title, state.analysed, state.progress ?? { stage: 'loading', done: 0, total: 0 }),
          };
    case 'shown':
      return { kind: 'shown', report: reportOf(title, state.analysed, null) };
    case 'failed':
      return { kind: 'failed', title, message: state.failure.message, actions: waysOn(state.failure.reason, l10n) };
    default:
      return assertNever(state);
  }
}

/** Everything that the panel and the sidebar draw of a result. */
export function reportOf(
  title: string,
  { result, verdict, ledger, fit }: Analysed,
  progress: AnalysisProgress | null,
): Report {
  const { snapshot, views, offer } = result;
  const { lines, staleRows, isStale } = ledger;
  return { title, verdict, snapshot, views, offer, fit, lines, staleRows, isStale, progress };
}
