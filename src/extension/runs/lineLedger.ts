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
 * the first question after it costs one pass over all lines.
 *
 * Pure: no `vscode`.
 */
export class LineLedger {
  /** false when the analysis was about some lines only */
  readonly isWhole: boolean;
  readonly #sentences: readonly string[];
  #texts: string[];
  #marks: Mark[];
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
    for (let row = 0; row < sentences.length; row++) {
      const line = lines[row]!;
      this.#marks[line] = row;
      // One string in two places: comparing it with itself costs nothing.
      this.#texts[line] = sentences[row]!;
    }
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
    this.#summarise();
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
   * Marks for the lines that replace others. Lines that stayed the same at both ends keep their mark; between them rows are found by
   * their sentence, then an edited line gets the row that stood between the same neighbours. What is left over is on no line.
   */
  #match(before: readonly string[], marks: readonly Mark[], after: readonly string[]): Mark[] {
    const shorter = Math.min(before.length, after.length);
    let head = 0;
    while (head < shorter && before[head] === after[head]) head++;
    let tail = 0;
    while (tail < shorter - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++;
    const isInScope = marks.some((mark) => mark !== OUTSIDE);
    const outside = new Set(before.filter((_, i) => marks[i] === OUTSIDE));
    const rows = marks.slice(head, before.length - tail).filter((mark) => mark >= 0);
    const lines = after.slice(head, after.length - tail);
    const middle = lines.map((line) => (!isInScope || outside.has(line) ? OUTSIDE : hasText(line) ? GAINED : BLANK));
    this.#layOut(rows, lines, middle);
    return [...marks.slice(0, head), ...middle, ...marks.slice(before.length - tail)];
  }

  /** Lays rows on lines that have text and no row yet: writes them into `marks`. */
  #layOut(rows: readonly number[], lines: readonly string[], marks: Mark[]): void {
    const queues = new LineQueues();
    lines.forEach((line, i) => queues.add(line, i));
    const placeOf = rows.map((row) => {
      const place = queues.take(this.#sentences[row]!);
      if (place !== undefined) marks[place] = row;
      return place;
    });
    // The place of the next row that has one: where the lines for those before it end.
    const limits = new Array<number>(rows.length);
    for (let i = rows.length - 1, limit = lines.length; i >= 0; i--) {
      limits[i] = limit;
      limit = placeOf[i] ?? limit;
    }
    let next = 0;
    rows.forEach((row, i) => {
      const place = placeOf[i];
      if (place !== undefined) {
        next = place + 1;
        return;
      }
      while (next < limits[i]! && marks[next] !== GAINED) next++;
      if (next < limits[i]!) marks[next++] = row;
    });
  }

  /**
   * Moves each row that is stale to a line that was gained and says just what its sentence says: a cut line that was pasted, an edit
   * that was undone elsewhere.
   * @returns whether any row was moved
   */
  #bringHome(staleRows: readonly number[]): boolean {
    const queues = new LineQueues();
    this.#marks.forEach((mark, line) => {
      if (mark === GAINED) queues.add(this.#texts[line]!, line);
    });
    let hasMoved = false;
    for (const row of staleRows) {
      const home = queues.take(this.#sentences[row]!);
      if (home === undefined) continue;
      const former = this.#marks.indexOf(row);
      if (former >= 0) this.#marks[former] = GAINED;
      this.#marks[home] = row;
      hasMoved = true;
    }
    return hasMoved;
  }

  #summarise(): LedgerSummary {
    while (this.#summary === null) {
      const summary = this.#look();
      const isSettled =
        summary.gainedCount === 0 || summary.staleRows.length === 0 || !this.#bringHome([...summary.staleRows]);
      // A row that went home may have left its line to another: look again. Each time one more row is at home, so it ends.
      if (isSettled) this.#summary = summary;
    }
    return this.#summary;
  }

  #look(): LedgerSummary {
    const count = this.#sentences.length;
    const lines = new Uint32Array(count);
    const isLost = new Uint8Array(count).fill(1);
    const isFresh = new Uint8Array(count);
    let gainedCount = 0;
    let isInOrder = true;
    let previousRow = -1;
    for (let line = 0; line < this.#marks.length; line++) {
      const mark = this.#marks[line]!;
      if (mark === GAINED) gainedCount++;
      if (mark < 0) continue;
      lines[mark] = line;
      isLost[mark] = 0;
      if (this.#texts[line] === this.#sentences[mark]) isFresh[mark] = 1;
      if (mark < previousRow) isInOrder = false;
      previousRow = mark;
    }
    const stale: number[] = [];
    for (let row = 0; row < count; row++) {
      if (isLost[row] === 1 && row > 0) lines[row] = lines[row - 1]!;
      if (isFresh[row] === 0) stale.push(row);
    }
    return { lines, isLost, isFresh, staleRows: Uint32Array.from(stale), gainedCount, isInOrder };
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

/** Lines by their text, each handed out once, equal ones in order. */
class LineQueues {
  readonly #queues = new Map<string, number[]>();

  add(text: string, line: number): void {
    const queue = this.#queues.get(text);
    if (queue === undefined) this.#queues.set(text, [line]);
    else queue.push(line);
  }

  take(text: string): number | undefined {
    return this.#queues.get(text)?.shift();
  }
}
