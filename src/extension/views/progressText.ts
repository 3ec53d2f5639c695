import type { AnalysisProgress } from '../../core/protocol/engineProtocol';
import { assertNever } from '../../core/protocol/errors';
import type { L10n } from '../l10n';

/** "Encoding 120 / 300" */
export function progressText(progress: AnalysisProgress | null, l10n: L10n): string {
  if (progress === null) return l10n.t('Starting');
  const { stage, done, total } = progress;
  switch (stage) {
    case 'loading':
      // Bytes of a large file; a model's folder is there in one step.
      return total > 1
        ? l10n.t('Reading the encoder, {0} %', Math.floor((100 * done) / total))
        : l10n.t('Loading the encoder');
    case 'encoding':
      return l10n.t('Encoding {0} / {1}', done, total);
    case 'geometry':
      return l10n.t('Measuring');
    case 'transform':
      return l10n.t('Transforming');
    case 'projection':
      return l10n.t('Projecting');
    default:
      return assertNever(stage);
  }
}
