import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { renderHtmlReport } from '../../core/export/htmlReport';
import { renderMarkdownReport } from '../../core/export/markdownReport';
import type { EncoderChoice } from '../../core/protocol/engineProtocol';
import { IsoscopeError } from '../../core/protocol/errors';
import type { ExportOutcome } from '../../core/protocol/exports';
import { abortSignalOf } from '../editor/abortSignal';
import { showInformation } from '../messages';
import type { AnalysisRun } from '../runs/analysisRun';
import type { Analysed } from '../runs/runState';
import { reportOf } from '../views/pageState';
import { exportItems, type ExportItem, outcomeText } from './exportItems';

interface Pick extends vscode.QuickPickItem {
  readonly item?: ExportItem;
}

/** "Export…": asks what and where, writes it, and says what came out when it was run again. */
export async function exportFrom(run: AnalysisRun | undefined, extensionUri: vscode.Uri): Promise<void> {
  const analysed = run?.analysed ?? null;
  if (run === undefined || analysed === null) {
    showInformation(vscode.l10n.t('Nothing is analysed yet: run Analyze Embeddings first.'));
    return;
  }
  const item = await chooseItem(analysed);
  if (item === undefined) return;
  const out = await choosePlace(run, item);
  if (out === undefined) return;
  const outcome = await vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: vscode.l10n.t('Isoscope: writing {0}', path.basename(out)),
      cancellable: true,
    },
    (_, token) => write(run, analysed, item, out, extensionUri, abortSignalOf(token)),
  );
  if (outcome === null) return;
  const reveal = vscode.l10n.t('Show in Explorer');
  const chosen = await vscode.window.showInformationMessage(
    outcomeText(outcome, path.basename(out), vscode.l10n),
    reveal,
  );
  if (chosen === reveal) await vscode.commands.executeCommand('revealInExplorer', vscode.Uri.file(out));
}

async function chooseItem({ result, question }: Analysed): Promise<ExportItem | undefined> {
  const groups: Readonly<Record<ExportItem['group'], string>> = {
    transform: vscode.l10n.t('Transform'),
    vectors: vscode.l10n.t('Vectors and coordinates'),
    report: vscode.l10n.t('Report'),
  };
  const items = exportItems(result.snapshot, graphOf(question.encoder, result.snapshot.encoder.backend), vscode.l10n);
  const picks = items.flatMap((item, i): Pick[] => {
    const pick: Pick = { label: item.label, detail: item.detail, item };
    return items[i - 1]?.group === item.group
      ? [pick]
      : [{ label: groups[item.group], kind: vscode.QuickPickItemKind.Separator }, pick];
  });
  const chosen = await vscode.window.showQuickPick(picks, {
    title: vscode.l10n.t('Isoscope: Export'),
    placeHolder: vscode.l10n.t('What to take home'),
    matchOnDetail: true,
  });
  return chosen?.item;
}

/** Only a model folder has a graph that a transform can be joined to. */
function graphOf(encoder: EncoderChoice, backend: string): EncoderChoice | null {
  return encoder.vectors === undefined && encoder.endpoint === undefined && (backend === 'cpu' || backend === 'wasm')
    ? encoder
    : null;
}

async function choosePlace(run: AnalysisRun, { ending, suffix }: ExportItem): Promise<string | undefined> {
  const base = `${path.basename(run.title, path.extname(run.title))}-${suffix}`;
  const folder =
    run.uri.scheme === 'file' ? path.dirname(run.uri.fsPath) : vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
  const name = ending === null ? base : `${base}.${ending}`;
  const uri = await vscode.window.showSaveDialog({
    title: vscode.l10n.t('Export to'),
    ...(folder !== undefined && { defaultUri: vscode.Uri.file(path.join(folder, name)) }),
    ...(ending !== null && { filters: { [ending]: [ending] } }),
  });
  if (uri === undefined) return undefined;
  if (uri.scheme !== 'file') {
    throw new IsoscopeError(
      'input',
      vscode.l10n.t('The engine writes to the disk of this machine only: choose a place there.'),
    );
  }
  return uri.fsPath;
}

async function write(
  run: AnalysisRun,
  analysed: Analysed,
  { target, ending }: ExportItem,
  out: string,
  extensionUri: vscode.Uri,
  signal: AbortSignal,
): Promise<ExportOutcome | null> {
  if (target !== null) return run.ask('export', { target, out, lines: analysed.ledger.lines }, { signal });
  const report = reportOf(run.title, analysed, null);
  const text =
    ending === 'md'
      ? renderMarkdownReport(report)
      : renderHtmlReport(report, analysed.question.sentences, {
          script: await readFile(vscode.Uri.joinPath(extensionUri, 'dist', 'webview.js').fsPath, 'utf8'),
          style: await readFile(vscode.Uri.joinPath(extensionUri, 'dist', 'webview.css').fsPath, 'utf8'),
        });
  await writeFile(out, text);
  return { files: [out], check: null, notes: [] };
}
