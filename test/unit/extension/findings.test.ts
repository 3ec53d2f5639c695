import { describe, expect, it } from 'vitest';
import { findingKinds, type Finding, type Findings } from '../../../src/core/protocol/findings';
import { remarksOf } from '../../../src/extension/findings/findingsInText';
import { countText, kindLabel, kindMeaning, messageText } from '../../../src/extension/findings/findingText';
import { LineLedger } from '../../../src/extension/runs/lineLedger';
import { englishL10n } from './englishL10n';

const text = ['first', '', 'second', 'first', 'third'].join('\n');

function openLedger(): LineLedger {
  return new LineLedger(text, ['first', 'second', 'first', 'third'], [0, 2, 3, 4]);
}

const duplicate: Finding = {
  kind: 'duplicate',
  rows: [0, 2],
  rowCount: 2,
  value: 2,
  message: ['The same sentence as in ', { row: 2 }, '.'],
};
const outlier: Finding = { kind: 'outlier', rows: [3], rowCount: 1, value: 2, message: ['Stands outside.'] };
const antiHub: Finding = { kind: 'anti-hub', rows: [1], rowCount: 1, value: 0.1, message: ['Nobody finds it.'] };

const findings: Findings = {
  kinds: [duplicate, outlier, antiHub].map((finding) => ({
    kind: finding.kind,
    count: 1,
    rowCount: finding.rowCount,
    findings: [finding],
  })),
  notes: [],
};

describe('findings as text', () => {
  it('every kind has a name and a meaning of its own', () => {
    const names = findingKinds.map((kind) => kindLabel(kind, englishL10n));
    const meanings = findingKinds.map((kind) => kindMeaning(kind, englishL10n));
    expect(new Set(names).size).toBe(findingKinds.length);
    expect(new Set(meanings).size).toBe(findingKinds.length);
  });

  it('says of how many it lists some', () => {
    const group = findings.kinds[0];
    expect(countText(group, englishL10n)).toBe('1');
    expect(countText({ ...group, count: 512 }, englishL10n)).toBe('1 of 512');
  });

  it('names lines as they are now, from 1', () => {
    const ledger = openLedger();
    const lineOf = (row: number): number | null => ledger.lineOf(row);
    expect(messageText(duplicate, lineOf, englishL10n)).toBe('The same sentence as in line 4.');
    ledger.apply({ startLine: 1, startCharacter: 0, endLine: 1, endCharacter: 0, text: 'new\n' });
    expect(messageText(duplicate, lineOf, englishL10n)).toBe('The same sentence as in line 5.');
    ledger.apply({ startLine: 4, startCharacter: 0, endLine: 5, endCharacter: 0, text: '' });
    expect(messageText(duplicate, lineOf, englishL10n)).toBe('The same sentence as in a deleted line.');
  });
});

describe('remarks beside lines', () => {
  it('stand at every row of a finding; the others point at the first', () => {
    expect(remarksOf(findings, openLedger(), englishL10n)).toEqual([
      { line: 0, kind: 'duplicate', text: 'The same sentence as in line 4.' },
      { line: 3, kind: 'duplicate', text: 'Duplicates: see line 1.' },
      { line: 4, kind: 'outlier', text: 'Stands outside.' },
    ]);
  });

  it('leave lines alone that were edited or deleted', () => {
    const ledger = openLedger();
    ledger.apply({ startLine: 4, startCharacter: 0, endLine: 4, endCharacter: 5, text: 'changed' });
    expect(remarksOf(findings, ledger, englishL10n).map(({ line }) => line)).toEqual([0, 3]);
  });
});
