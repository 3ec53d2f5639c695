import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSentences } from '../../../src/core/corpus/sentences';
import { LineLedger, type TextEdit } from '../../../src/extension/runs/lineLedger';

/** Few words, so that equal and moved lines are common. */
const line = fc.constantFrom('', ' ', 'a', 'b', 'ab', 'long line');
const document = fc.array(line, { minLength: 1, maxLength: 12 }).map((lines) => lines.join('\n'));
const rawEdit = fc.record({
  from: fc.nat(200),
  length: fc.nat(12),
  lines: fc.array(line, { minLength: 1, maxLength: 4 }),
});

/** An edit inside a text, as the editor would tell it, and the text after it. */
function editOf(
  text: string,
  raw: { from: number; length: number; lines: string[] },
): { edit: TextEdit; after: string } {
  const start = raw.from % (text.length + 1);
  const end = Math.min(text.length, start + raw.length);
  const inserted = raw.lines.join('\n');
  const place = (offset: number): [number, number] => {
    const before = text.slice(0, offset).split('\n');
    return [before.length - 1, before[before.length - 1].length];
  };
  const [startLine, startCharacter] = place(start);
  const [endLine, endCharacter] = place(end);
  return {
    edit: { startLine, startCharacter, endLine, endCharacter, text: inserted },
    after: text.slice(0, start) + inserted + text.slice(end),
  };
}

function open(text: string): LineLedger {
  const { sentences, lines } = readSentences(text);
  return new LineLedger(text, sentences, lines);
}

describe('LineLedger under any edits', () => {
  it('a fresh row stands on a line with its sentence; no line holds two rows; rowAt and lineOf agree', () => {
    fc.assert(
      fc.property(document, fc.array(rawEdit, { maxLength: 6 }), (text, edits) => {
        const { sentences } = readSentences(text);
        const ledger = open(text);
        let now = text;
        for (const raw of edits) {
          const { edit, after } = editOf(now, raw);
          ledger.apply(edit);
          now = after;
        }
        const lines = now.split('\n');
        const stale = new Set(ledger.staleRows);
        const taken = new Set<number>();
        sentences.forEach((sentence, row) => {
          const at = ledger.lineOf(row);
          expect(ledger.lines[row]).toBeLessThan(lines.length);
          if (at === null) {
            expect(stale.has(row)).toBe(true);
            return;
          }
          expect(ledger.rowAt(at)).toBe(row);
          expect(taken.has(at)).toBe(false);
          taken.add(at);
          expect(lines[at].trim()).not.toBe('');
          expect(stale.has(row)).toBe(lines[at] !== sentence);
        });
        // Every line with text is accounted for: a row's, or gained.
        const withText = readSentences(now).lines.length;
        expect(taken.size + ledger.gainedCount).toBe(withText);
      }),
      { numRuns: 2000, seed: 1 },
    );
  });

  it('is stale exactly when a re-analysis would see other sentences or another order', () => {
    fc.assert(
      fc.property(document, fc.array(rawEdit, { maxLength: 5 }), (text, edits) => {
        const ledger = open(text);
        let now = text;
        for (const raw of edits) {
          const { edit, after } = editOf(now, raw);
          ledger.apply(edit);
          now = after;
        }
        const [before, after] = [readSentences(text).sentences, readSentences(now).sentences];
        const isSame = before.length === after.length && before.every((sentence, row) => sentence === after[row]);
        // One way only: equal sentences that changed places look the same and may count as moved.
        if (!ledger.isStale) expect(isSame).toBe(true);
      }),
      { numRuns: 2000, seed: 2 },
    );
  });

  it('undoing every edit, last first, leaves nothing stale', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(
          fc.string({ minLength: 1, maxLength: 4 }).map((s) => s.replace(/[\s]/gu, '_')),
          { minLength: 1, maxLength: 10 },
        ),
        fc.array(rawEdit, { maxLength: 4 }),
        (lines, edits) => {
          const text = lines.join('\n');
          const ledger = open(text);
          const undo: TextEdit[] = [];
          let now = text;
          for (const raw of edits) {
            const { edit, after } = editOf(now, raw);
            const start =
              now.split('\n').slice(0, edit.startLine).join('\n').length +
              (edit.startLine > 0 ? 1 : 0) +
              edit.startCharacter;
            const removed = now.slice(start, start + (now.length - after.length + edit.text.length));
            const inserted = edit.text.split('\n');
            undo.unshift({
              startLine: edit.startLine,
              startCharacter: edit.startCharacter,
              endLine: edit.startLine + inserted.length - 1,
              endCharacter:
                inserted.length === 1 ? edit.startCharacter + edit.text.length : inserted[inserted.length - 1].length,
              text: removed,
            });
            ledger.apply(edit);
            now = after;
          }
          for (const edit of undo) ledger.apply(edit);
          expect([...ledger.staleRows]).toEqual([]);
          expect(ledger.gainedCount).toBe(0);
        },
      ),
      { numRuns: 2000, seed: 3 },
    );
  });
});
