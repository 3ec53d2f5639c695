import { describe, expect, it } from 'vitest';
import { readSentences } from '../../../src/core/corpus/sentences';
import { LineLedger } from '../../../src/extension/runs/lineLedger';

const text = 'alpha\n\nbeta\ngamma\ndelta';

function open(document: string, scope: ReadonlySet<number> | null = null): LineLedger {
  const { sentences, lines } = readSentences(document);
  const rows = sentences.map((_, row) => row).filter((row) => scope === null || scope.has(lines[row]));
  return new LineLedger(
    document,
    rows.map((row) => sentences[row]),
    rows.map((row) => lines[row]),
    scope,
  );
}

const insert = (line: number, character: number, inserted: string) => ({
  startLine: line,
  startCharacter: character,
  endLine: line,
  endCharacter: character,
  text: inserted,
});

const replace = (from: [number, number], to: [number, number], inserted: string) => ({
  startLine: from[0],
  startCharacter: from[1],
  endLine: to[0],
  endCharacter: to[1],
  text: inserted,
});

describe('LineLedger', () => {
  it('starts fresh, with each row on its line and none on an empty line', () => {
    const ledger = open(text);
    expect([...ledger.lines]).toEqual([0, 2, 3, 4]);
    expect([0, 1, 2, 3, 4, 5].map((line) => ledger.rowAt(line))).toEqual([0, null, 1, 2, 3, null]);
    expect(ledger.isStale).toBe(false);
    expect(ledger.isWhole).toBe(true);
  });

  it('marks the row of an edited line, and unmarks it when its text is back', () => {
    const ledger = open(text);
    ledger.apply(insert(2, 4, '!'));
    expect([...ledger.staleRows]).toEqual([1]);
    expect(ledger.lineOf(1)).toBe(2);
    ledger.apply(replace([2, 4], [2, 5], ''));
    expect([...ledger.staleRows]).toEqual([]);
    expect(ledger.isStale).toBe(false);
  });

  it('moves rows below lines that were inserted, at the start, in the middle or behind a line', () => {
    const ledger = open(text);
    ledger.apply(insert(2, 0, 'new\nnewer\n'));
    expect([...ledger.lines]).toEqual([0, 4, 5, 6]);
    ledger.apply(insert(0, 5, '\nbehind'));
    expect([...ledger.lines]).toEqual([0, 5, 6, 7]);
    expect([...ledger.staleRows]).toEqual([]);
    expect(ledger.gainedCount).toBe(3);
    expect(ledger.isStale).toBe(true);
  });

  it('an empty line more or less changes nothing that a re-analysis would see', () => {
    const ledger = open(text);
    ledger.apply(insert(2, 0, '\n  \n'));
    expect([...ledger.lines]).toEqual([0, 4, 5, 6]);
    expect(ledger.isStale).toBe(false);
  });

  it('moves rows up when lines above go, and finds a deleted line again when it is undone', () => {
    const ledger = open(text);
    ledger.apply(replace([2, 0], [3, 0], ''));
    expect(ledger.lineOf(1)).toBeNull();
    expect([...ledger.lines]).toEqual([0, 0, 2, 3]);
    expect([...ledger.staleRows]).toEqual([1]);
    ledger.apply(insert(2, 0, 'beta\n'));
    expect([...ledger.lines]).toEqual([0, 2, 3, 4]);
    expect(ledger.isStale).toBe(false);
  });

  it('splits and joins lines: the first part keeps the row', () => {
    const ledger = open('one two\nthree');
    ledger.apply(replace([0, 3], [0, 4], '\n'));
    expect(ledger.rowAt(0)).toBe(0);
    expect(ledger.rowAt(1)).toBeNull();
    expect(ledger.gainedCount).toBe(1);
    expect(ledger.lineOf(1)).toBe(2);
    ledger.apply(replace([0, 3], [1, 0], ' '));
    expect(ledger.isStale).toBe(false);
    expect([...ledger.lines]).toEqual([0, 1]);
  });

  it('follows lines that change places; equal sets in another order are stale', () => {
    const ledger = open('a\nb\nc');
    ledger.apply(replace([0, 0], [1, 1], 'b\na'));
    expect([...ledger.lines]).toEqual([1, 0, 2]);
    expect([...ledger.staleRows]).toEqual([]);
    expect(ledger.isStale).toBe(true);
  });

  it('keeps equal sentences apart', () => {
    const ledger = open('same\nsame\nother\nsame');
    ledger.apply(replace([1, 0], [2, 0], ''));
    expect(ledger.staleRows).toHaveLength(1);
    expect([...ledger.lines]).toEqual([0, 0, 1, 2]);
    ledger.apply(insert(1, 0, 'same\n'));
    expect(ledger.isStale).toBe(false);
    expect([...ledger.lines]).toEqual([0, 1, 2, 3]);
  });

  it('a line emptied of its text loses its row', () => {
    const ledger = open(text);
    ledger.apply(replace([2, 0], [2, 4], ' '));
    expect(ledger.rowAt(2)).toBeNull();
    expect([...ledger.staleRows]).toEqual([1]);
  });

  it('takes \\r\\n in inserted text as one line end', () => {
    const ledger = open(text);
    ledger.apply(insert(0, 0, 'x\r\ny\r\n'));
    expect([...ledger.lines]).toEqual([2, 4, 5, 6]);
  });

  it('takes a document that came back with another text', () => {
    const ledger = open(text);
    ledger.replaceAll('first\nalpha\n\nbeta\ngamma!\ndelta');
    expect([...ledger.lines]).toEqual([1, 3, 4, 5]);
    expect([...ledger.staleRows]).toEqual([2]);
    expect(ledger.gainedCount).toBe(1);
  });

  it('survives the loss of everything and its return', () => {
    const ledger = open(text);
    ledger.replaceAll('');
    expect([...ledger.staleRows]).toEqual([0, 1, 2, 3]);
    expect([...ledger.lines]).toEqual([0, 0, 0, 0]);
    ledger.replaceAll(text);
    expect(ledger.isStale).toBe(false);
  });

  describe('of a selection', () => {
    it('counts only what happens inside it', () => {
      const ledger = open('a\nb\nc\nd\ne', new Set([1, 2]));
      expect([...ledger.lines]).toEqual([1, 2]);
      expect(ledger.isWhole).toBe(false);
      ledger.apply(insert(4, 1, 'x'));
      ledger.apply(insert(0, 0, 'above\n'));
      expect(ledger.isStale).toBe(false);
      expect([0, 1, 2, 3, 4, 5].map((line) => ledger.isInScope(line))).toEqual([
        false,
        false,
        true,
        true,
        false,
        false,
      ]);
    });

    it('grows by lines that are inserted inside', () => {
      const ledger = open('a\nb\nc\nd\ne', new Set([1, 2]));
      ledger.apply(insert(1, 1, '\nnew'));
      expect(ledger.isStale).toBe(true);
      expect([0, 1, 2, 3, 4, 5].map((line) => ledger.isInScope(line))).toEqual([false, true, true, true, false, false]);
    });

    it('keeps its limits when the whole document is replaced by a slightly different one', () => {
      const ledger = open('a\nb\nc\nd\ne', new Set([1, 2]));
      ledger.replaceAll('a!\nb\nc\nd\ne!');
      expect(ledger.isInScope(3)).toBe(false);
      expect([...ledger.staleRows]).toEqual([]);
    });
  });

  it('stays quick on a large document', () => {
    const many = Array.from({ length: 20_000 }, (_, i) => `sentence number ${i}`).join('\n');
    const ledger = open(many);
    const start = performance.now();
    for (let i = 0; i < 50; i++) {
      ledger.apply(insert(10_000, 0, 'x'));
      expect(ledger.staleRows).toHaveLength(1);
    }
    const typed = performance.now();
    ledger.replaceAll(many.replaceAll('number', 'no.'));
    expect(ledger.staleRows).toHaveLength(20_000);
    // A keystroke costs a pass over 20,000 lines, below 1 ms; replacing all of them some 30 ms. The room is for a busy machine; O(n²) would need seconds.
    expect((typed - start) / 50).toBeLessThan(20);
    expect(performance.now() - typed).toBeLessThan(1_000);
  });
});
