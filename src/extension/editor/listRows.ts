import * as vscode from 'vscode';
import type { AnalysisRun } from '../runs/analysisRun';

/** Opens the sentences of some rows as a new document, one per line. */
export async function listRows(run: AnalysisRun, rows: readonly number[]): Promise<void> {
  const sentences = run.analysed?.question.sentences ?? [];
  const listed = rows.map((row) => sentences[row]).filter((sentence) => sentence !== undefined);
  if (listed.length === 0) return;
  const document = await vscode.workspace.openTextDocument({ content: `${listed.join('\n')}\n` });
  await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.One });
}
