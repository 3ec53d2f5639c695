import * as vscode from 'vscode';
import { revealRow } from '../editor/revealRow';
import type { AnalysisRun } from '../runs/analysisRun';
import type { AnalysisRuns } from '../runs/analysisRuns';
import type { CurrentRun } from '../views/currentRun';
import { FindingMarks } from './findingMarks';
import { FindingsOfRuns } from './findingsOfRuns';
import { FindingsTree } from './findingsTree';

/** Findings about lines: the tree in the side bar, and the marks in the text that a user may switch on. */
export function openFindings(runs: AnalysisRuns, current: CurrentRun, log: vscode.LogOutputChannel): vscode.Disposable {
  const findings = new FindingsOfRuns(runs, log);
  const onLines: vscode.Event<AnalysisRun> = (listener, thisArgs, disposables) => {
    const watch = runs.onDidChange(({ run, change }) => {
      if (change === 'lines') listener.call(thisArgs, run);
    });
    disposables?.push(watch);
    return watch;
  };
  return vscode.Disposable.from(
    findings,
    new FindingsTree(findings, current, onLines),
    new FindingMarks(findings, runs),
    vscode.commands.registerCommand('isoscope.revealFinding', async (uri: unknown, row: unknown) => {
      if (!(uri instanceof vscode.Uri) || typeof row !== 'number') return;
      const run = runs.find(uri);
      if (run !== undefined) await revealRow(run, row, { keepFocus: true, pageColumn: undefined });
    }),
  );
}

/** Shows findings beside their lines, or hides them: the setting, for all windows. */
export async function toggleFindingDecorations(): Promise<void> {
  const configuration = vscode.workspace.getConfiguration('isoscope');
  const isOn = configuration.get<boolean>('findings.decorations') === true;
  await configuration.update('findings.decorations', !isOn, vscode.ConfigurationTarget.Global);
}
