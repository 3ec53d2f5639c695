import * as vscode from 'vscode';
import type { SimilarityPair, SimilarityReading } from '../../core/protocol/engineProtocol';
import type { AnalysisRun } from '../runs/analysisRun';
import type { AnalysisRuns } from '../runs/analysisRuns';
import { plainText, showInformation } from '../messages';
import { rowsOfSelections } from './selectedRows';
import { describePair, summarisePair } from './similarityText';

const MAX_COMPARED = 10;

/**
 * "Compare Selected Sentences": what the hover says, of every two sentences that cursors and selections touch, most similar first. A
 * document that was not analysed yet, or whose selected lines were edited since, is analysed first.
 */
export async function compareSelected(editor: vscode.TextEditor, runs: AnalysisRuns): Promise<void> {
  const { document } = editor;
  const run = runs.ensure(document.uri);
  await run.whenIdle();
  if (run.analysed === null) await runs.analyze(document, null);
  else if (!areKnown(editor, run)) await runs.reanalyze(document.uri);
  const ledger = run.analysed?.ledger;
  // How a failed analysis is told is not this command's business.
  if (ledger === undefined || run.state.kind === 'failed') return;
  const rows = rowsOfSelections(editor, ledger);
  if (rows.length < 2 || rows.length > MAX_COMPARED) {
    showInformation(
      rows.length < 2
        ? vscode.l10n.t(
            'Select two or more analysed sentences to compare them: Alt+Click adds a cursor on another line.',
          )
        : vscode.l10n.t('{0} sentences are selected: select {1} or fewer to compare them.', rows.length, MAX_COMPARED),
    );
    return;
  }
  let reading = await run.readSimilarity(rows);
  if (reading === null) {
    // The engine had stopped; the run is being made again.
    await run.whenIdle();
    reading = await run.readSimilarity(rows);
  }
  if (reading === null) return;
  const [only, ...more] = reading.pairs;
  if (only === undefined) return;
  if (more.length === 0) showInformation(describePair(only, reading, vscode.l10n));
  else await pickPair(editor, run, reading);
}

function areKnown(editor: vscode.TextEditor, { analysed }: AnalysisRun): boolean {
  if (analysed === null) return false;
  return rowsOfSelections(editor, analysed.ledger).every((row) => !analysed.ledger.isRowStale(row));
}

interface PairItem extends vscode.QuickPickItem {
  readonly pair: SimilarityPair;
}

/** A list of all pairs; the chosen one is selected in the editor. */
async function pickPair(editor: vscode.TextEditor, run: AnalysisRun, reading: SimilarityReading): Promise<void> {
  const { analysed } = run;
  if (analysed === null) return;
  const lineOf = (row: number): number => analysed.ledger.lineOf(row) ?? 0;
  const sentenceOf = (row: number): string => plainText(analysed.question.sentences[row]?.slice(0, 80) ?? '');
  const items = reading.pairs
    .toSorted((a, b) => (b.raw?.cosine ?? -2) - (a.raw?.cosine ?? -2))
    .map((pair): PairItem => {
      const { first, second } = pair;
      const lines = vscode.l10n.t('lines {0} and {1}', lineOf(first) + 1, lineOf(second) + 1);
      const figures = summarisePair(pair);
      return {
        label: figures === null ? lines : `${figures.cosines} · ${lines}`,
        description: figures === null ? '' : vscode.l10n.t('{0} percentile', figures.percentiles),
        detail: `${sentenceOf(first)} | ${sentenceOf(second)}`,
        pair,
      };
    });
  const picked = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t('Compare Selected Sentences'),
    placeHolder: vscode.l10n.t(
      'Most similar first, before → after {0}; choose a pair to select its lines',
      reading.transform,
    ),
    matchOnDescription: true,
    matchOnDetail: true,
  });
  if (picked === undefined) return;
  editor.selections = [picked.pair.first, picked.pair.second].map((row) => {
    const { range } = editor.document.lineAt(lineOf(row));
    return new vscode.Selection(range.end, range.start);
  });
}
