import { readSentences } from '../../core/corpus/sentences';

/** One edit, in the coordinates of the text before it: lines and UTF-16 characters from 0, end exclusive. */
export interface TextEdit {
  readonly startLine: number;
  readonly startCharacter: number;
  readonly endLine: number;
  readonly endCharacter: number;
  readonly text: string;
}

/** Marks of lines that hold no row. */
const OUTSIDE = -3;
const GAINED = -2;
const BLANK = -1;
type Mark = number;

/**
 * Which row of an analysis stands on which line of the document now, and which rows are stale, kept right through edits.
 *
 * It holds the text of every line, so that an edit is judged by what a line says and not by where the edit fell: typing a word and
 * undoing it leaves nothing stale, and a line that is cut and pasted elsewhere is found again. One edit costs the lines it touches;
 * the first question after it costs one pass over the lines.
 *
 * Pure: no `vscode`.
 */
export class LineLedger {
  /** false when the analysis was about some lines only */
  readonly isWhole: boolean;
  readonly #sentences: readonly string[];
  #texts: string[];
  #marks: Mark[];
  /** rows whose line was deleted, by their sentence, in the order of deletion */
  readonly #lost = new Map<string, number[]>();
  #summary: LedgerSummary | null = null;

  /**
   * @param text of the whole document
   * @param sentences of the rows, in order
   * @param lines line of each row in `text`, ascending
   * @param scope lines that the analysis was about; `null` = the whole document. Other lines are never counted as gained
   */
  constructor(
    text: string,
    sentences: readonly string[],
    lines: ArrayLike<number>,
    scope: ReadonlySet<number> | null = null,
  ) {
    this.isWhole = scope === null;
    this.#sentences = sentences;
    this.#texts = splitLines(text);
    this.#marks = this.#texts.map((_, line) => (scope !== null && !scope.has(line) ? OUTSIDE : BLANK));
    for (let row = 0; row < sentences.length; row++) this.#marks[lines[row]!] = row;
  }

  /** Applies one edit. The edits of one event are applied in the order in which the editor lists them. */
  apply(edit: TextEdit): void {
    const first = clamp(edit.startLine, 0, this.#texts.length - 1);
    const last = clamp(edit.endLine, first, this.#texts.length - 1);
    const before = this.#texts.slice(first, last + 1);
    const after = splitLines(
      before[0]!.slice(0, edit.startCharacter) + edit.text + before[before.length - 1]!.slice(edit.endCharacter),
    );
    const marks = this.#match(before, this.#marks.slice(first, last + 1), after);
    if (before.length === after.length) {
      for (let i = 0; i < after.length; i++) {
        this.#texts[first + i] = after[i]!;
        this.#marks[first + i] = marks[i]!;
      }
    } else {
      // Not `splice(...after)`: a pasted file has more lines than a call may have arguments.
      this.#texts = this.#texts.slice(0, first).concat(after, this.#texts.slice(last + 1));
      this.#marks = this.#marks.slice(0, first).concat(marks, this.#marks.slice(last + 1));
    }
    this.#summary = null;
  }

  /** The document was closed and came back with this text, or was read anew from disk. */
  replaceAll(text: string): void {
    const last = this.#texts.length - 1;
    this.apply({ startLine: 0, startCharacter: 0, endLine: last, endCharacter: this.#texts[last]!.length, text });
  }

  /** The row that stands on a line, stale or not. */
  rowAt(line: number): number | null {
    const mark = this.#marks[line];
    return mark !== undefined && mark >= 0 ? mark : null;
  }

  /** The line a row stands on; `null` when its line was deleted. */
  lineOf(row: number): number | null {
    const { lines, isLost } = this.#summarise();
    return isLost[row] === 0 ? lines[row]! : null;
  }

  /** Line of each row, shape [N]. A row whose line was deleted has the line of the row before it. */
  get lines(): Uint32Array {
    return this.#summarise().lines;
  }

  /** Rows whose line says something else now or is gone, ascending. */
  get staleRows(): Uint32Array {
    return this.#summarise().staleRows;
  }

  isRowStale(row: number): boolean {
    return this.#summarise().isFresh[row] === 0;
  }

  /** True when a re-analysis would see other sentences, or the same in another order. */
  get isStale(): boolean {
    const { staleRows, gainedCount, isInOrder } = this.#summarise();
    return staleRows.length > 0 || gainedCount > 0 || !isInOrder;
  }

  /** Lines that have gained text since, within the scope. */
  get gainedCount(): number {
    return this.#summarise().gainedCount;
  }

  /** Whether a line belongs to what the analysis is about (lines added inside it do). */
  isInScope(line: number): boolean {
    const mark = this.#marks[line];
    return mark !== undefined && mark !== OUTSIDE;
  }

  /**
   * Marks for the lines that replace others: lines that stayed the same at both ends keep their mark; between them rows are found by
   * their sentence, then the remaining rows are laid on the remaining lines in order (an edited line), and what is left over is lost.
   */
  #match(before: readonly string[], marks: readonly Mark[], after: readonly string[]): Mark[] {
    const shorter = Math.min(before.length, after.length);
    let head = 0;
    while (head < shorter && before[head] === after[head]) head++;
    let tail = 0;
    while (tail < shorter - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) {
      tail++;
    }
    const isInScope = marks.some((mark) => mark !== OUTSIDE);
    const orphans = marks.slice(head, before.length - tail).filter((mark) => mark >= 0);
    const outside = new Set(before.filter((_, i) => marks[i] === OUTSIDE));
    const middle = this.#layOut(orphans, after.slice(head, after.length - tail), (line) =>
      !isInScope || outside.has(line) ? OUTSIDE : hasText(line) ? GAINED : BLANK,
    );
    return [...marks.slice(0, head), ...middle, ...marks.slice(before.length - tail)];
  }

  #layOut(orphans: readonly number[], lines: readonly string[], markWithoutRow: (line: string) => Mark): Mark[] {
    const homeless = new Map<string, number[]>();
    for (const row of orphans) push(homeless, this.#sentences[row]!, row);
    const marks = lines.map((line) => take(homeless, line) ?? take(this.#lost, line) ?? markWithoutRow(line));
    // In the order of the rows, not of the map: equal sentences share an entry.
    const left = new Set([...homeless.values()].flat());
    const remaining = orphans.filter((row) => left.has(row));
    let next = 0;
    for (let i = 0; i < marks.length && next < remaining.length; i++) {
      if (marks[i] === GAINED) marks[i] = remaining[next++]!;
    }
    for (const row of remaining.slice(next)) push(this.#lost, this.#sentences[row]!, row);
    return marks;
  }

  #summarise(): LedgerSummary {
    if (this.#summary !== null) return this.#summary;
    const count = this.#sentences.length;
    const lines = new Uint32Array(count);
    const isLost = new Uint8Array(count).fill(1);
    const isFresh = new Uint8Array(count);
    let gainedCount = 0;
    let isInOrder = true;
    let previousRow = -1;
    this.#marks.forEach((mark, line) => {
      if (mark === GAINED) gainedCount++;
      if (mark < 0) return;
      lines[mark] = line;
      isLost[mark] = 0;
      if (this.#texts[line] === this.#sentences[mark]) isFresh[mark] = 1;
      if (mark < previousRow) isInOrder = false;
      previousRow = mark;
    });
    const stale: number[] = [];
    for (let row = 0; row < count; row++) {
      if (isLost[row] === 1 && row > 0) lines[row] = lines[row - 1]!;
      if (isFresh[row] === 0) stale.push(row);
    }
    this.#summary = { lines, isLost, isFresh, staleRows: Uint32Array.from(stale), gainedCount, isInOrder };
    return this.#summary;
  }
}

interface LedgerSummary {
  readonly lines: Uint32Array;
  readonly isLost: Uint8Array;
  readonly isFresh: Uint8Array;
  readonly staleRows: Uint32Array;
  readonly gainedCount: number;
  readonly isInOrder: boolean;
}

/** Lines as the editor counts them: at \r\n, \n and \r, and nowhere else. */
function splitLines(text: string): string[] {
  return text.split(/\r\n|\n|\r/);
}

/** Whether a re-analysis would make a sentence of this line. */
function hasText(line: string): boolean {
  return readSentences(line).sentences.length > 0;
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}

function push(rows: Map<string, number[]>, sentence: string, row: number): void {
  const known = rows.get(sentence);
  if (known === undefined) rows.set(sentence, [row]);
  else known.push(row);
}

function take(rows: Map<string, number[]>, sentence: string): number | undefined {
  const known = rows.get(sentence);
  const row = known?.shift();
  if (known?.length === 0) rows.delete(sentence);
  return row;
}
