import type * as vscode from 'vscode';
import type { AnalysisProgress } from '../core/protocol/engineProtocol';
import type { Report } from '../core/protocol/webviewProtocol';
import type { Engine } from './engine';
import type { HostPauses } from './hostPauses';
import type { AnalysisRuns } from './runs/analysisRuns';
import type { Failure, RunState } from './runs/runState';
import { reportOf } from './views/pageState';
import type { Panels } from './views/panels';

/** What `activate` returns: a window into the extension for its integration tests. Not meant for other extensions; it may change. */
export interface IsoscopeApi {
  /** state of a document's run; `idle` also for a document that was never analysed */
  stateOf(uri: vscode.Uri): RunState['kind'];
  /** why the last run failed; `null` when it did not */
  failureOf(uri: vscode.Uri): Failure | null;
  /** how far a run is that is under way; `null` before the engine said anything, and at other times */
  progressOf(uri: vscode.Uri): AnalysisProgress | null;
  /** resolves when nothing is under way for a document */
  whenIdle(uri: vscode.Uri): Promise<void>;
  /** what the panel draws, as it would be sent now; `null` before the first result */
  lastReport(uri: vscode.Uri): Report | null;
  /** sentences that the last analysis had to encode */
  encodedCount(uri: vscode.Uri): number | null;
  /** of the running engine */
  enginePid(): number | undefined;
  isPanelVisible(uri: vscode.Uri): boolean;
  /** errors and CSP violations that the pages reported */
  pageProblems(): readonly string[];
  /** longest pause of the extension host while the last analysis ran, in milliseconds */
  longestPauseMs(): number;
}

interface ApiParts {
  readonly runs: AnalysisRuns;
  readonly engine: Engine;
  readonly panels: Panels;
  readonly pauses: HostPauses;
  readonly pageProblems: readonly string[];
}

export function createApi({ runs, engine, panels, pauses, pageProblems }: ApiParts): IsoscopeApi {
  return {
    stateOf: (uri) => runs.find(uri)?.state.kind ?? 'idle',
    failureOf: (uri) => {
      const state = runs.find(uri)?.state;
      return state?.kind === 'failed' ? state.failure : null;
    },
    progressOf: (uri) => {
      const state = runs.find(uri)?.state;
      return state?.kind === 'running' ? state.progress : null;
    },
    whenIdle: async (uri) => runs.find(uri)?.whenIdle(),
    lastReport: (uri) => {
      const run = runs.find(uri);
      return run?.analysed == null ? null : reportOf(run.title, run.analysed, null);
    },
    encodedCount: (uri) => runs.find(uri)?.analysed?.encodedCount ?? null,
    enginePid: () => engine.processId,
    isPanelVisible: (uri) => panels.isVisible(uri.toString()),
    pageProblems: () => pageProblems,
    longestPauseMs: () => pauses.longestMs,
  };
}
