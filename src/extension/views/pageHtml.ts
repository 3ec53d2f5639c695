import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';

export type PageKind = 'panel' | 'summary';

/** What a page may load: the bundles and nothing else of the extension or the workspace. */
export function pageOptions(extensionUri: vscode.Uri): vscode.WebviewOptions {
  return { enableScripts: true, localResourceRoots: [vscode.Uri.joinPath(extensionUri, 'dist')] };
}

/**
 * The document of a page. It holds no text of the user's; `data-document` is what the page keeps with its state, so that a panel can be
 * restored after the window was loaded anew.
 */
export function pageHtml(webview: vscode.Webview, extensionUri: vscode.Uri, kind: PageKind, documentKey = ''): string {
  const resource = (name: string): string =>
    webview.asWebviewUri(vscode.Uri.joinPath(extensionUri, 'dist', name)).toString();
  const nonce = randomBytes(18).toString('base64');
  // Plotly writes style attributes and makes its pictures as data: and blob: addresses; code runs only with the nonce.
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${webview.cspSource} 'unsafe-inline'`,
    `img-src ${webview.cspSource} data: blob:`,
    `font-src ${webview.cspSource}`,
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="${escapeAttribute(vscode.env.language)}">
<head>
<meta charset="UTF-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${resource('webview.css')}">
<title>Isoscope</title>
</head>
<body data-view="${kind}" data-document="${escapeAttribute(documentKey)}">
<div id="root"></div>
<script type="application/json" id="isoscope-l10n">${translations()}</script>
<script nonce="${nonce}" src="${resource('webview.js')}"></script>
</body>
</html>`;
}

/** What VS Code holds for the reader's language; the page looks its own strings up in it. Data, not code: the policy lets it be. */
function translations(): string {
  return JSON.stringify(vscode.l10n.bundle ?? {}).replaceAll('<', '\\u003c');
}

function escapeAttribute(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
