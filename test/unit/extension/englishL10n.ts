import type { L10n } from '../../../src/extension/l10n';

/** `vscode.l10n` without a translation. */
export const englishL10n: L10n = {
  t: (message, ...values) => message.replace(/\{(\d)\}/g, (_, index: string) => String(values[Number(index)])),
};
