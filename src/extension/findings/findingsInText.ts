import type { Finding, FindingKind, Findings } from '../../core/protocol/findings';
import type { L10n } from '../l10n';
import type { LineLedger } from '../runs/lineLedger';
import { kindLabel, messageText } from './findingText';

/** What is said beside one line of the text. */
export interface LineRemark {
  /** from 0 */
  readonly line: number;
  readonly kind: FindingKind;
  /** one sentence */
  readonly text: string;
}

/** Lines that are remarked on at most: an editor with more is not read any more. */
const MOST_REMARKS = 1_000;

/**
 * Remarks by line as the lines stand now, the most serious kind first; lines that were edited or deleted since have none. Anti-hubs are half of many texts:
 * they stay in the list.
 */
export function remarksOf(findings: Findings, ledger: LineLedger, l10n: L10n): readonly LineRemark[] {
  const remarks: LineRemark[] = [];
  for (const { kind, findings: listed } of findings.kinds) {
    if (kind === 'anti-hub') continue;
    for (const finding of listed) {
      for (const row of finding.rows) {
        const line = ledger.lineOf(row);
        if (line === null || ledger.isRowStale(row)) continue;
        if (remarks.length >= MOST_REMARKS) return remarks;
        remarks.push({ line, kind, text: remarkText(finding, row, ledger, l10n) });
      }
    }
  }
  return remarks;
}

/** The finding's own sentence speaks from its first line; the others are told which that is. */
function remarkText(finding: Finding, row: number, ledger: LineLedger, l10n: L10n): string {
  const [first] = finding.rows;
  if (first === undefined || row === first) return messageText(finding, (other) => ledger.lineOf(other), l10n);
  const line = ledger.lineOf(first);
  const label = kindLabel(finding.kind, l10n);
  return line === null ? label : l10n.t('{0}: see line {1}.', label, line + 1);
}
