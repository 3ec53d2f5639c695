import * as vscode from 'vscode';
import { failureMessage } from '../../core/protocol/errors';
import type { AnalysisRuns } from '../runs/analysisRuns';
import { readSettings } from '../settings';
import { abortSignalOf } from './abortSignal';
import { editorOf, rowsOfSelections } from './selectedRows';
import { describePair } from './similarityText';

/** With more sentences selected nobody is comparing sentences. */
const MAX_OTHERS = 8;

/**
 * Says how similar the sentence under the mouse is to the selected ones (each cursor selects its line), and whether that is much in this
 * file. Says nothing when there is nothing to say: no analysis, no other sentence, or one that was edited since.
 */
export class HoverSimilarity implements vscode.HoverProvider {
  readonly #runs: AnalysisRuns;
  readonly #log: vscode.LogOutputChannel;

  constructor(runs: AnalysisRuns, log: vscode.LogOutputChannel) {
    this.#runs = runs;
    this.#log = log;
  }

  async provideHover(
    document: vscode.TextDocument,
    position: vscode.Position,
    token: vscode.CancellationToken,
  ): Promise<vscode.Hover | undefined> {
    const run = this.#runs.find(document.uri);
    const ledger = run?.analysed?.ledger;
    const editor = run === undefined ? undefined : editorOf(run.key);
    if (run === undefined || ledger === undefined || editor === undefined) return undefined;
    const hovered = ledger.rowAt(position.line);
    if (hovered === null || ledger.isRowStale(hovered)) return undefined;
    const others = rowsOfSelections(editor, ledger).filter((row) => row !== hovered && !ledger.isRowStale(row));
    if (others.length === 0 || others.length > MAX_OTHERS || !readSettings(document.uri).isHoverEnabled)
      return undefined;
    try {
      const reading = await run.readSimilarity([hovered, ...others], abortSignalOf(token));
      if (reading === null) return undefined;
      const isPlain = others.length === 1 && editor.selections.length === 2;
      const text = new vscode.MarkdownString();
      for (const other of others) {
        const pair = reading.pairs.find(
          ({ first, second }) => (first === hovered && second === other) || (first === other && second === hovered),
        );
        const line = ledger.lineOf(other);
        if (pair === undefined || line === null) continue;
        const said = describePair(pair, reading, vscode.l10n);
        text.appendText(isPlain ? said : vscode.l10n.t('with line {0}: {1}', line + 1, said)).appendMarkdown('\n\n');
      }
      return new vscode.Hover(text, document.lineAt(position.line).range);
    } catch (error) {
      this.#log.warn(`hover: ${failureMessage(error)}`);
      return undefined;
    }
  }
}
