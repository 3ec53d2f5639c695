import { assertNever } from '../../core/protocol/errors';
import type { Finding, FindingKind, FindingsOfKind } from '../../core/protocol/findings';
import type { L10n } from '../l10n';

/** What a kind of finding is called, as a heading. */
export function kindLabel(kind: FindingKind, l10n: L10n): string {
  switch (kind) {
    case 'zero-vector':
      return l10n.t('Vectors of length 0');
    case 'truncated':
      return l10n.t('Truncated lines');
    case 'unknown-words':
      return l10n.t('Unknown words');
    case 'duplicate':
      return l10n.t('Duplicates');
    case 'near-duplicate':
      return l10n.t('Near duplicates');
    case 'outlier':
      return l10n.t('Outliers');
    case 'hub':
      return l10n.t('Hubs');
    case 'dominated':
      return l10n.t('Dominated by one dimension');
    case 'anti-hub':
      return l10n.t('Anti-hubs');
    default:
      return assertNever(kind);
  }
}

/** What a kind means and why it matters, in one sentence or two. */
export function kindMeaning(kind: FindingKind, l10n: L10n): string {
  switch (kind) {
    case 'zero-vector':
      return l10n.t('The encoder has nothing to say about these lines: they have no cosine with anything.');
    case 'truncated':
      return l10n.t('These lines are longer than the encoder reads: their end does not count.');
    case 'unknown-words':
      return l10n.t('Words of these lines are not in the vocabulary and do not count.');
    case 'duplicate':
      return l10n.t('The same text several times: it fills the top of every ranking with itself.');
    case 'near-duplicate':
      return l10n.t('Nearly the same text or vector: a search returns them together.');
    case 'outlier':
      return l10n.t('Far from their neighbours, which are near to each other (local outlier factor).');
    case 'hub':
      return l10n.t('Among the nearest of very many other lines, whatever those say.');
    case 'dominated':
      return l10n.t('One dimension holds most of what tells these lines from the mean.');
    case 'anti-hub':
      return l10n.t('Among the ten nearest of no other line: a search for neighbours never finds them.');
    default:
      return assertNever(kind);
  }
}

/** "9", or "200 of 512" where not all are listed. */
export function countText({ count, findings }: FindingsOfKind, l10n: L10n): string {
  return findings.length < count ? l10n.t('{0} of {1}', findings.length, count) : String(count);
}

/** The sentence of a finding, with rows as the numbers of their lines. @param lineOf line of a row, from 0; `null` when it is gone */
export function messageText({ message }: Finding, lineOf: (row: number) => number | null, l10n: L10n): string {
  return message
    .map((piece) => {
      if (typeof piece === 'string') return piece;
      const line = lineOf(piece.row);
      return line === null ? l10n.t('a deleted line') : l10n.t('line {0}', line + 1);
    })
    .join('');
}
