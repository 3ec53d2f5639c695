import * as vscode from 'vscode';

/**
 * Text of a user's (a file name, a sentence) as VS Code's own widgets show it literally: messages make links of `[a](b)`, lists make
 * icons of `$(a)`.
 */
export function plainText(text: string): string {
  return text.replaceAll('](', ']\u200b(').replaceAll('$(', '$\u200b(');
}

/** Does not wait: a message may stand there for hours. */
export function showInformation(message: string): void {
  void vscode.window.showInformationMessage(plainText(message));
}

/** One sentence, and ways on by their label. Does not wait either. */
export function showFailure(message: string, waysOn: Readonly<Record<string, () => unknown>> = {}): void {
  void vscode.window
    .showErrorMessage(plainText(message), ...Object.keys(waysOn))
    .then((chosen) => (chosen === undefined ? undefined : waysOn[chosen]?.()));
}
