import * as vscode from 'vscode';
import type { AnalysisRuns } from '../runs/analysisRuns';
import type { Panels } from './panels';

/** Drops a run, with the memory that the engine holds for it, when neither its document nor its panel is open any more. */
export function dropClosedRuns(runs: AnalysisRuns, panels: Panels): vscode.Disposable {
  let timer: NodeJS.Timeout | undefined;
  const dropUnseen = (): void => {
    const open = new Set(vscode.workspace.textDocuments.map(({ uri }) => uri.toString()));
    for (const { key, uri } of runs.all) {
      if (!open.has(key) && !panels.has(key)) runs.remove(uri);
    }
  };
  // In the next turn: a document that changes its language is closed and opened again in one.
  const look = (): void => {
    clearTimeout(timer);
    timer = setTimeout(dropUnseen);
  };
  return vscode.Disposable.from(vscode.workspace.onDidCloseTextDocument(look), panels.onDidChange(look), {
    dispose: () => clearTimeout(timer),
  });
}
