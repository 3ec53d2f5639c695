import * as vscode from 'vscode';
import type { LineLedger } from '../runs/lineLedger';

/**
 * Rows on the lines that an editor's cursors and selections touch, in document order, each once. A selection that ends before the first
 * character of a line does not touch it.
 */
export function rowsOfSelections(editor: vscode.TextEditor, ledger: LineLedger): number[] {
  return linesOfSelections(editor.selections)
    .map((line) => ledger.rowAt(line))
    .filter((row) => row !== null);
}

/** The lines themselves, ascending, each once. */
export function linesOfSelections(selections: readonly vscode.Selection[]): number[] {
  const lines = new Set<number>();
  for (const { start, end, isEmpty } of selections) {
    const last = !isEmpty && end.character === 0 ? end.line - 1 : end.line;
    for (let line = start.line; line <= last; line++) lines.add(line);
  }
  return [...lines].sort((a, b) => a - b);
}

/** The editor that shows a document: the active one where it does, else any. */
export function editorOf(key: string): vscode.TextEditor | undefined {
  const shows = (editor: vscode.TextEditor | undefined): boolean => editor?.document.uri.toString() === key;
  const active = vscode.window.activeTextEditor;
  return shows(active) ? active : vscode.window.visibleTextEditors.find(shows);
}
