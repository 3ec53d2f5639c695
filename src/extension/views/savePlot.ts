import path from 'node:path';
import * as vscode from 'vscode';
import type { PageRequests } from '../../core/protocol/webviewProtocol';
import type { AnalysisRun } from '../runs/analysisRun';

/** Asks where to save a chart's picture; the name's ending says as what. Nothing happens when the dialog is closed. */
export async function savePlot(
  run: AnalysisRun,
  { name, svg, png }: PageRequests['savePlot']['params'],
): Promise<void> {
  const { title } = run;
  const file = `${path.basename(title, path.extname(title))}-${name}.svg`;
  const folder = run.uri.scheme === 'untitled' ? undefined : vscode.Uri.joinPath(run.uri, '..', file);
  const uri = await vscode.window.showSaveDialog({
    title: vscode.l10n.t('Save the Chart'),
    filters: { SVG: ['svg'], ...(png !== null && { PNG: ['png'] }) },
    ...(folder !== undefined && { defaultUri: folder }),
  });
  if (uri === undefined) return;
  const isPng = png !== null && uri.path.toLowerCase().endsWith('.png');
  await vscode.workspace.fs.writeFile(uri, isPng ? png : new TextEncoder().encode(svg));
}
