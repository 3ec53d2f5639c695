import { homedir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import type { AnalysisRuns } from '../runs/analysisRuns';
import { readSettings } from '../settings';
import { EncoderChoices } from './encoderChoices';
import { encoderOfSetting, requireTrust } from './encoderSetting';

/** The choices of this window, by its settings, its workspace and the trust it has. */
export function openEncoderChoices(context: vscode.ExtensionContext): EncoderChoices {
  return new EncoderChoices(
    { workspace: context.workspaceState, machine: context.globalState },
    {
      settingOf: (uri) => {
        const { encoder } = readSettings(uri);
        const folder = vscode.workspace.getWorkspaceFolder(uri) ?? onlyFolder();
        const place = { folder: folder?.uri.scheme === 'file' ? folder.uri.fsPath : undefined, home: homedir() };
        return { choice: encoderOfSetting(encoder, place, vscode.l10n), isFromWorkspace: encoder.isFromWorkspace };
      },
      admit: (choice) => requireTrust(choice, trustState(), vscode.l10n),
      l10n: vscode.l10n,
    },
  );
}

/** Where imported and downloaded encoders are kept. */
export function encoderStore(context: vscode.ExtensionContext): string {
  return path.join(context.globalStorageUri.fsPath, 'encoders');
}

/** Keeps the choices in step with documents that get another name or are closed, and with what is used. */
export function watchEncoders(choices: EncoderChoices, runs: AnalysisRuns): vscode.Disposable {
  return vscode.Disposable.from(
    vscode.workspace.onDidRenameFiles(({ files }) => {
      for (const { oldUri, newUri } of files) void choices.rename(oldUri, newUri);
    }),
    vscode.workspace.onDidCloseTextDocument(({ uri }) => choices.close(uri)),
    runs.onDidChange(({ run, change }) => {
      if (change !== 'state' || run.state.kind !== 'shown') return;
      const { question, result } = run.state.analysed;
      void choices.noteUse(question.encoder, result.snapshot.encoder.dimension);
    }),
  );
}

/** An unsaved document belongs to no folder, but where only one is open there is no doubt. */
function onlyFolder(): vscode.WorkspaceFolder | undefined {
  const folders = vscode.workspace.workspaceFolders ?? [];
  return folders.length === 1 ? folders[0] : undefined;
}

function trustState() {
  const { isTrusted, workspaceFolders = [] } = vscode.workspace;
  return {
    isTrusted,
    folders: workspaceFolders.filter(({ uri }) => uri.scheme === 'file').map(({ uri }) => uri.fsPath),
  };
}
