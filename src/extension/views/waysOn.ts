import type { FailureReason } from '../../core/protocol/errors';
import type { PageAction } from '../../core/protocol/webviewProtocol';
import type { L10n } from '../l10n';

/** What a user can do about a failure, the likeliest first. */
export function waysOn(reason: FailureReason, l10n: L10n): readonly PageAction[] {
  const retry: PageAction = { command: 'retry', label: l10n.t('Retry') };
  const showLog: PageAction = { command: 'showLog', label: l10n.t('Show Log') };
  const chooseEncoder: PageAction = { command: 'chooseEncoder', label: l10n.t('Choose Encoder') };
  switch (reason) {
    case 'input':
    case 'usage':
      return [retry];
    case 'encoder':
      return [chooseEncoder, retry, showLog];
    default:
      return [retry, showLog];
  }
}
