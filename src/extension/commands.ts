import * as vscode from 'vscode';
import type { EncoderChoice } from '../core/protocol/engineProtocol';
import { failureMessage } from '../core/protocol/errors';
import { compareSelected } from './editor/compareSelected';
import { linesOfSelections } from './editor/selectedRows';
import { chooseEncoder, downloadEncoder, importEncoder, type EncoderServices } from './encoder/chooseEncoder';
import { clearCacheAsking } from './encoder/clearCache';
import { manageStored } from './encoder/storeCommands';
import { exportFrom } from './export/exportCommand';
import { toggleFindingDecorations } from './findings/openFindings';
import { showFailure, showInformation } from './messages';
import type { AnalysisRuns } from './runs/analysisRuns';
import { openDocument } from './runs/openDocument';
import type { CurrentRun } from './views/currentRun';
import type { Panels } from './views/panels';

export interface CommandServices {
  readonly runs: AnalysisRuns;
  readonly panels: Panels;
  readonly current: CurrentRun;
  readonly log: vscode.LogOutputChannel;
  readonly extensionUri: vscode.Uri;
  readonly encoders: EncoderServices;
  /** where vectors are kept */
  readonly cacheFolder: string;
}

/** Every command of package.json. Each returns a promise that resolves when its work is done; how an analysis ended is its run's state. */
export function registerCommands(services: CommandServices): vscode.Disposable {
  const { runs, panels, current, log, encoders } = services;
  const apply = (uri: vscode.Uri, choice: EncoderChoice | undefined): Promise<void> =>
    applyEncoder(uri, choice, services);
  const target = (resource: unknown): vscode.Uri | undefined => focusedUri(resource, current) ?? current.run?.uri;
  const commands: Readonly<Record<string, (argument: unknown) => unknown>> = {
    'isoscope.analyze': (resource) => analyze(resource, services),
    'isoscope.analyzeSelection': () => withEditor((editor) => analyzeSelection(editor, services)),
    'isoscope.compareSelected': () => withEditor((editor) => compareSelected(editor, runs)),
    'isoscope.reanalyze': () => {
      const run = current.activeRun ?? current.run;
      return run === undefined ? analyze(undefined, services) : runs.reanalyze(run.uri);
    },
    'isoscope.cancel': () => {
      (current.activeRun ?? current.run)?.cancel();
    },
    'isoscope.openPanel': async () => {
      const run = current.activeRun ?? current.run;
      if (run === undefined) await analyze(undefined, services);
      else panels.show(run.uri);
    },
    'isoscope.chooseEncoder': (resource) => chooseEncoder(target(resource), encoders, apply),
    'isoscope.importEncoder': () => importEncoder(target(undefined), encoders, apply),
    'isoscope.downloadEncoder': () => downloadEncoder(target(undefined), encoders, apply),
    'isoscope.manageEncoders': () => manageStored(encoders.store),
    'isoscope.clearCache': () => clearCacheAsking(services.cacheFolder, encoders.engine),
    'isoscope.openSample': () => openSample(services.extensionUri),
    'isoscope.export': () => exportFrom(current.activeRun ?? current.run, services.extensionUri),
    'isoscope.toggleFindingDecorations': () => toggleFindingDecorations(),
    'isoscope.showLog': () => {
      log.show(true);
    },
  };
  return vscode.Disposable.from(
    ...Object.entries(commands).map(([name, run]) =>
      vscode.commands.registerCommand(name, async (argument: unknown) => {
        try {
          await run(argument);
        } catch (error) {
          log.error(`${name}: ${failureMessage(error)}`);
          showFailure(failureMessage(error), { [vscode.l10n.t('Show Log')]: () => log.show(true) });
        }
      }),
    ),
  );
}

/** @param resource of the explorer's or the editor title's menu; without one, what has the focus */
async function analyze(resource: unknown, { runs, panels, current }: CommandServices): Promise<void> {
  const uri = focusedUri(resource, current);
  if (uri === undefined) {
    showInformation(vscode.l10n.t('Open a text file with one sentence per line, then run Analyze Embeddings.'));
    return;
  }
  let document: vscode.TextDocument;
  try {
    document = await openDocument(uri);
  } catch (error) {
    runs.ensure(uri).refuse(error);
    return;
  }
  const isShown = vscode.window.visibleTextEditors.some((editor) => editor.document === document);
  if (!isShown && !panels.has(uri.toString())) await vscode.window.showTextDocument(document);
  await startAndShow(document, null, { runs, panels });
}

function focusedUri(resource: unknown, current: CurrentRun): vscode.Uri | undefined {
  if (resource instanceof vscode.Uri) return resource;
  return vscode.window.activeTextEditor?.document.uri ?? current.activeRun?.uri;
}

/** Keeps a choice for a document (`undefined`: the settings count again) and analyses anew: the same lines where it was analysed before. */
export async function applyEncoder(
  uri: vscode.Uri,
  choice: EncoderChoice | undefined,
  services: CommandServices,
): Promise<void> {
  const { runs, panels, encoders } = services;
  await encoders.choices.choose(uri, choice);
  if (runs.find(uri)?.ledger == null) {
    await analyze(uri, services);
    return;
  }
  panels.show(uri);
  await runs.reanalyze(uri);
}

async function analyzeSelection(editor: vscode.TextEditor, services: CommandServices): Promise<void> {
  const selections = editor.selections.filter(({ isEmpty }) => !isEmpty);
  if (selections.length === 0) {
    showInformation(vscode.l10n.t('Nothing is selected: select the lines to analyse, then run Analyze Selection.'));
    return;
  }
  await startAndShow(editor.document, new Set(linesOfSelections(selections)), services);
}

/** The panel opens at once and shows the progress; not for a text that is refused before any work. */
async function startAndShow(
  document: vscode.TextDocument,
  scope: ReadonlySet<number> | null,
  { runs, panels }: Pick<CommandServices, 'runs' | 'panels'>,
): Promise<void> {
  const done = runs.analyze(document, scope);
  if (runs.find(document.uri)?.state.kind === 'running') panels.show(document.uri);
  await done;
}

/** A copy without a name: nobody should edit the extension's own file. */
async function openSample(extensionUri: vscode.Uri): Promise<void> {
  const bytes = await vscode.workspace.fs.readFile(
    vscode.Uri.joinPath(extensionUri, 'media', 'samples', 'support-messages.txt'),
  );
  const content = new TextDecoder().decode(bytes);
  await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ content, language: 'plaintext' }));
}

async function withEditor(work: (editor: vscode.TextEditor) => Promise<void>): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined) {
    showInformation(vscode.l10n.t('Put the cursor into a text file first.'));
    return;
  }
  await work(editor);
}
