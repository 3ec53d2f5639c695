import * as vscode from 'vscode';
import { openDocument } from '../runs/openDocument';
import type { AnalysisRun } from '../runs/analysisRun';

export interface RevealOptions {
  /** leaves the keyboard in the page */
  readonly keepFocus: boolean;
  /** column of the page that asks: the text must not cover it */
  readonly pageColumn: vscode.ViewColumn | undefined;
}

/**
 * Shows and selects the line of a row, where the document is open already or else beside the page.
 * @throws IsoscopeError `input` when the document cannot be opened any more
 */
export async function revealRow(run: AnalysisRun, row: number, options: RevealOptions): Promise<void> {
  const line = run.analysed?.ledger.lineOf(row) ?? null;
  if (line === null) {
    const message = vscode.l10n.t('This line was deleted since the analysis.');
    vscode.window.setStatusBarMessage(message, 5_000);
    return;
  }
  const document = await openDocument(run.uri);
  const { start, end } = document.lineAt(Math.min(line, document.lineCount - 1)).range;
  const editor = await vscode.window.showTextDocument(document, {
    viewColumn: columnOf(run.key) ?? freeColumn(options.pageColumn),
    preserveFocus: options.keepFocus,
  });
  // From the end to the start: the cursor's side of a selection is kept in view, and a long line is read from its start.
  editor.selection = new vscode.Selection(end, start);
  editor.revealRange(new vscode.Range(start, start), vscode.TextEditorRevealType.InCenterIfOutsideViewport);
}

/** The column where a document has a tab, the visible one first. */
function columnOf(key: string): vscode.ViewColumn | undefined {
  const visible = vscode.window.visibleTextEditors.find((editor) => editor.document.uri.toString() === key);
  if (visible?.viewColumn !== undefined) return visible.viewColumn;
  return vscode.window.tabGroups.all.find(({ tabs }) =>
    tabs.some(({ input }) => input instanceof vscode.TabInputText && input.uri.toString() === key),
  )?.viewColumn;
}

function freeColumn(pageColumn: vscode.ViewColumn | undefined): vscode.ViewColumn {
  return pageColumn === vscode.ViewColumn.One ? vscode.ViewColumn.Beside : vscode.ViewColumn.One;
}
