import type { AnalysisProgress } from '../core/protocol/engineProtocol';
import type { Snapshot } from '../core/protocol/snapshot';
import type { PageState } from '../core/protocol/webviewProtocol';

/**
 * The state that follows. A report that is sent again, over which only progress or edits have changed, keeps the identity of what was
 * drawn, so that nothing is drawn twice.
 */
export function keepUnchanged(previous: PageState | null, next: PageState): PageState {
  if (previous?.kind !== 'shown' || next.kind !== 'shown') return next;
  const { snapshot, views, lines } = previous.report;
  if (!isSameResult(snapshot, next.report.snapshot)) return next;
  return {
    kind: 'shown',
    report: { ...next.report, snapshot, views, lines: isEqual(lines, next.report.lines) ? lines : next.report.lines },
  };
}

/** Progress belongs to a run that is under way, with or without a report over which it runs. */
export function withProgress(state: PageState | null, progress: AnalysisProgress): PageState | null {
  if (state?.kind === 'running') return { ...state, progress };
  if (state?.kind === 'shown') return { kind: 'shown', report: { ...state.report, progress } };
  return state;
}

export function withStale(state: PageState | null, staleRows: Uint32Array, isStale: boolean): PageState | null {
  return state?.kind === 'shown' ? { kind: 'shown', report: { ...state.report, staleRows, isStale } } : state;
}

/** What rows and cameras that were kept belong to: the same sentences through the same encoder. */
export function analysisKey({ corpus, encoder }: Snapshot): string {
  return [corpus.sha256, encoder.sha256, encoder.layer, encoder.pooling, encoder.normalized].join('|');
}

function isSameResult(a: Snapshot, b: Snapshot): boolean {
  return (
    a.created === b.created &&
    a.transform.spec === b.transform.spec &&
    a.seed === b.seed &&
    a.timing.totalMs === b.timing.totalMs &&
    analysisKey(a) === analysisKey(b)
  );
}

function isEqual(a: Uint32Array, b: Uint32Array): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}
