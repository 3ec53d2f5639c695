import * as vscode from 'vscode';
import { showFailure } from '../messages';
import { takeWayOn } from './takeWayOn';
import { waysOn } from './waysOn';
import type { AnalysisRun } from '../runs/analysisRun';
import type { AnalysisRuns } from '../runs/analysisRuns';

/** Tells of a failure that no view shows: one sentence and the ways on. */
export function notifyOfUnseenFailures(
  runs: AnalysisRuns,
  isSeen: (run: AnalysisRun) => boolean,
  log: vscode.LogOutputChannel,
): vscode.Disposable {
  return runs.onDidChange(({ run, change }) => {
    if (change !== 'state' || run.state.kind !== 'failed' || isSeen(run)) return;
    const { reason, message } = run.state.failure;
    const actions = waysOn(reason, vscode.l10n).map(
      ({ command, label }) => [label, () => takeWayOn(command, run, { runs, log })] as const,
    );
    showFailure(message, Object.fromEntries(actions));
  });
}
