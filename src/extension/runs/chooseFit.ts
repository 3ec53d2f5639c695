import * as vscode from 'vscode';
import { readSentences } from '../../core/corpus/sentences';
import { IsoscopeError } from '../../core/protocol/errors';
import type { FitChoice } from '../../core/protocol/webviewProtocol';
import type { AnalysisRun } from './analysisRun';
import type { AnalysisRuns } from './analysisRuns';
import type { RunFit } from './fitChoice';
import { openDocument } from './openDocument';

/**
 * Fits a run's transform on something else from now on, and analyses anew. Vectors that are known are not encoded again.
 * @throws IsoscopeError `input` when the chosen file has no sentences; nothing changes then, nor when the dialog is closed
 */
export async function chooseFit(run: AnalysisRun, on: FitChoice, runs: AnalysisRuns): Promise<void> {
  const fit = on === 'file' ? await askForFile() : { on };
  if (fit === null) return;
  const former = run.fit;
  run.fit = fit;
  await runs.reanalyze(run.uri);
  if (run.state.kind !== 'failed') return;
  // What cannot be fitted is not what the next analysis should try again.
  run.fit = former;
}

async function askForFile(): Promise<RunFit | null> {
  const [uri] =
    (await vscode.window.showOpenDialog({
      title: vscode.l10n.t('Fit the transform on the lines of another file'),
      openLabel: vscode.l10n.t('Fit on This File'),
      canSelectMany: false,
    })) ?? [];
  if (uri === undefined) return null;
  const document = await openDocument(uri);
  const source = vscode.workspace.asRelativePath(uri);
  const { sentences } = readSentences(document.getText());
  if (sentences.length < 2) {
    throw new IsoscopeError(
      'input',
      vscode.l10n.t('"{0}" has fewer than two sentences to fit a transform on: choose another file.', source),
    );
  }
  return { on: 'file', source, sentences };
}
