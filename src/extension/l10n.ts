/** What the modules without `vscode` need of `vscode.l10n`. */
export interface L10n {
  t(message: string, ...args: (string | number | boolean)[]): string;
}
