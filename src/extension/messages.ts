import * as vscode from 'vscode';

/**
 * Text of a user's (a file name, a sentence) as VS Code's own widgets show it literally: messages make links of `[a](b)`, lists make
 * icons of `$(a)`.
 */
export function plainText(text: string): string {
  return text.replaceAll('](', ']\u200b(').replaceAll('$(', '$\u200b(');
}

export async function showInformation(message: string): Promise<void> {
  await vscode.window.showInformationMessage(plainText(message));
}

/** One sentence, and commands by their label as ways on. */
export async function showFailure(message: string, waysOn: Readonly<Record<string, () => unknown>>): Promise<void> {
  const chosen = await vscode.window.showErrorMessage(plainText(message), ...Object.keys(waysOn));
  if (chosen !== undefined) await waysOn[chosen]?.();
}
