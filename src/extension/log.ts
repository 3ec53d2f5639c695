import * as vscode from 'vscode';

/** The one log: "Isoscope" in the output view, its level set by the user ("Developer: Set Log Level…"). */
export function createLog(): vscode.LogOutputChannel {
  return vscode.window.createOutputChannel('Isoscope', { log: true });
}
