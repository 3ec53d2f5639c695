import * as vscode from 'vscode';
import type { AnalysisRun } from '../runs/analysisRun';
import type { AnalysisRuns } from '../runs/analysisRuns';
import { progressText } from './progressText';

/** A run that ends, or is seen, within this time needs no notification. */
const GRACE_MS = 700;

/**
 * Tells of a run that no view shows: a cancellable notification while it goes on. Gone as soon as a view is there.
 * @param isSeen whether a visible view shows the run
 * @param onViewsChange something came into view or left it
 */
export function notifyOfUnseenRuns(
  runs: AnalysisRuns,
  isSeen: (run: AnalysisRun) => boolean,
  onViewsChange: vscode.Event<void>,
): vscode.Disposable {
  const told = new Set<AnalysisRun>();
  const timers = new Map<AnalysisRun, NodeJS.Timeout>();
  const isUnseen = (run: AnalysisRun): boolean => run.state.kind === 'running' && !isSeen(run);

  const consider = (run: AnalysisRun): void => {
    if (!isUnseen(run) || told.has(run) || timers.has(run)) return;
    timers.set(
      run,
      setTimeout(() => {
        timers.delete(run);
        if (!isUnseen(run) || told.has(run)) return;
        told.add(run);
        void showProgress(run, runs, isUnseen, onViewsChange).finally(() => told.delete(run));
      }, GRACE_MS),
    );
  };
  return vscode.Disposable.from(
    runs.onDidChange(({ run, change }) => {
      if (change === 'state') consider(run);
    }),
    onViewsChange(() => {
      for (const run of runs.all) consider(run);
    }),
    { dispose: () => timers.forEach((timer) => clearTimeout(timer)) },
  );
}

async function showProgress(
  run: AnalysisRun,
  runs: AnalysisRuns,
  isUnseen: (run: AnalysisRun) => boolean,
  onViewsChange: vscode.Event<void>,
): Promise<void> {
  const options: vscode.ProgressOptions = {
    location: vscode.ProgressLocation.Notification,
    title: `Isoscope: ${run.title}`,
    cancellable: true,
  };
  await vscode.window.withProgress(options, (progress, token) => {
    token.onCancellationRequested(() => run.cancel());
    return new Promise<void>((resolve) => {
      let percent = 0;
      const look = (): void => {
        if (!isUnseen(run)) {
          watches.dispose();
          resolve();
          return;
        }
        const current = run.state.kind === 'running' ? run.state.progress : null;
        const isCounted = current?.stage === 'encoding' && current.total > 0;
        const next = isCounted ? (100 * current.done) / current.total : percent;
        progress.report({ message: progressText(current, vscode.l10n), increment: Math.max(0, next - percent) });
        percent = Math.max(percent, next);
      };
      const watches = vscode.Disposable.from(
        runs.onDidChange((event) => {
          if (event.run === run) look();
        }),
        onViewsChange(look),
      );
      look();
    });
  });
}
