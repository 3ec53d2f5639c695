import path from 'node:path';
import * as vscode from 'vscode';
import { failureMessage, IsoscopeError } from '../../core/protocol/errors';

/**
 * The document of a resource, opened when it is not. The text comes from VS Code alone, so that virtual workspaces work too.
 * @throws IsoscopeError `input` when VS Code cannot open it as text
 */
export async function openDocument(uri: vscode.Uri): Promise<vscode.TextDocument> {
  const open = vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri.toString());
  if (open !== undefined) return open;
  try {
    return await vscode.workspace.openTextDocument(uri);
  } catch (error) {
    const name = path.posix.basename(uri.path);
    const said = failureMessage(error);
    const message = /binary/i.test(said)
      ? vscode.l10n.t('"{0}" is a binary file: open a text file with one sentence per line.', name)
      : /50\s?MB/i.test(said)
        ? vscode.l10n.t(
            '"{0}" is larger than the 50 MB that VS Code gives to extensions: use the command line, isoscope analyze.',
            name,
          )
        : vscode.l10n.t('"{0}" cannot be opened as text ({1}): choose another file.', name, said);
    throw new IsoscopeError('input', message, { cause: error });
  }
}
