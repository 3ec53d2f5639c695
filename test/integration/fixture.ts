import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { IsoscopeApi } from '../../src/extension/api';

/** The extension under test, as VS Code activated it. */
export async function isoscope(): Promise<IsoscopeApi> {
  const extension = vscode.extensions.getExtension<IsoscopeApi>('isoscope.isoscope');
  assert.ok(extension, 'the extension is not there');
  return extension.activate();
}

/** A file of the workspace, which is a copy of media/samples. */
export function workspaceFile(name: string): vscode.Uri {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  assert.ok(folder, 'no folder is open');
  return vscode.Uri.joinPath(folder.uri, name);
}

export const sampleFile = (): vscode.Uri => workspaceFile('support-messages.txt');

/** Writes a file into the workspace. */
export async function writeFile(name: string, content: string | Uint8Array): Promise<vscode.Uri> {
  const uri = workspaceFile(name);
  await vscode.workspace.fs.writeFile(uri, typeof content === 'string' ? new TextEncoder().encode(content) : content);
  return uri;
}

let unsavedCount = 0;

/**
 * Opens an unsaved document in the first column. Each has a name of its own: VS Code gives the name "Untitled-1" again at once, and the
 * content with it when the backup of the closed one is not gone yet.
 */
export async function openText(content: string): Promise<vscode.TextEditor> {
  const uri = workspaceFile(`unsaved-${++unsavedCount}.txt`).with({ scheme: 'untitled' });
  const document = await vscode.workspace.openTextDocument(uri);
  const editor = await vscode.window.showTextDocument(document, vscode.ViewColumn.One);
  await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), content));
  return editor;
}

/** Sentences that differ, `count` of them, one per line. */
export function distinctLines(count: number, topic = 'order'): string {
  const states = ['has not arrived', 'came broken', 'was charged twice', 'is the wrong colour', 'cannot be returned'];
  return Array.from(
    { length: count },
    (_, i) =>
      `Message ${i}: my ${topic} number ${(i * 7919) % 100_003} ${states[i % states.length]} since day ${i % 31}`,
  ).join('\n');
}

export const analyze = (uri?: vscode.Uri): Thenable<unknown> => vscode.commands.executeCommand('isoscope.analyze', uri);

/** Selects lines (from 0, both included). */
export function selectLines(editor: vscode.TextEditor, first: number, last: number): void {
  editor.selection = new vscode.Selection(first, 0, last, editor.document.lineAt(last).text.length);
}

/** A cursor on each of some lines. */
export function putCursors(editor: vscode.TextEditor, lines: readonly number[]): void {
  editor.selections = lines.map((line) => new vscode.Selection(line, 0, line, 0));
}

/** What the hovers of a line say, Isoscope's only. */
export async function hoverText(uri: vscode.Uri, line: number): Promise<string> {
  const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
    'vscode.executeHoverProvider',
    uri,
    new vscode.Position(line, 3),
  );
  return hovers
    .flatMap(({ contents }) => contents)
    .map((content) => (content instanceof vscode.MarkdownString ? content.value : '').replaceAll('&nbsp;', ' '))
    .filter((text) => text.includes('cosine'))
    .join('\n')
    .trim();
}

/** Closes every editor and panel without a question. */
export async function closeEverything(): Promise<void> {
  for (let i = 0; i < 50 && vscode.window.tabGroups.all.some(({ tabs }) => tabs.length > 0); i++) {
    await vscode.commands.executeCommand('workbench.action.focusFirstEditorGroup');
    if (vscode.window.tabGroups.activeTabGroup.activeTab === undefined) {
      await vscode.commands.executeCommand('workbench.action.focusNextGroup');
    }
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  }
}
