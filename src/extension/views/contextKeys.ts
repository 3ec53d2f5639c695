import * as vscode from 'vscode';
import type { AnalysisRuns } from '../runs/analysisRuns';
import type { CurrentRun } from './currentRun';

/** Keeps the keys that `when` clauses in package.json ask for: whether there is a current run, and whether it is under way. */
export function keepContextKeys(runs: AnalysisRuns, current: CurrentRun): vscode.Disposable {
  const known = new Map<string, boolean>();
  const set = (key: string, value: boolean): void => {
    if (known.get(key) === value) return;
    known.set(key, value);
    void vscode.commands.executeCommand('setContext', key, value);
  };
  const update = (): void => {
    const kind = current.run?.state.kind ?? 'idle';
    set('isoscope.hasRun', kind !== 'idle');
    set('isoscope.isRunning', kind === 'running');
  };
  // The walkthrough asks for it: VS Code opens by itself the walkthroughs of a new extension that it may show while installing it.
  set('isoscope.isReady', true);
  update();
  return vscode.Disposable.from(
    runs.onDidChange(({ change }) => {
      if (change !== 'progress' && change !== 'lines') update();
    }),
    current.onDidChange(update),
  );
}
