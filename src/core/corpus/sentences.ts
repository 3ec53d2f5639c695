/** The sentences of a text and where they came from. */
export interface TextSentences {
  /** as they stand: nothing trimmed */
  readonly sentences: string[];
  /** line of each sentence, from 0 */
  readonly lines: Uint32Array;
  /** lines of the text in all, blank ones and the empty one behind a closing line end included; of a table: cells of the column, blank ones included */
  readonly lineCount?: number;
}

/** Unicode's White_Space: unlike `\s` it has U+0085 and not U+FEFF, which is no space. */
const NON_WHITE = /\P{White_Space}/u;

/**
 * Every line with a non-white character is a sentence, as it stands, in order. Lines end at \n, \r\n or \r and nowhere else: form feeds, U+0085, U+2028 and U+2029,
 * where other tools break lines too, belong to the sentence. A byte order mark at the very start does not.
 */
export function readSentences(text: string): TextSentences {
  const sentences: string[] = [];
  const numbers: number[] = [];
  const body = text.startsWith('\uFEFF') ? text.slice(1) : text;
  const lines = body.split(/\r\n|\n|\r/);
  for (let line = 0; line < lines.length; line++) {
    if (isBlank(lines[line])) continue;
    sentences.push(lines[line]);
    numbers.push(line);
  }
  return { sentences, lines: Uint32Array.from(numbers), lineCount: lines.length };
}

/** Whether a line or cell is no sentence: every character of it is white. */
export function isBlank(text: string): boolean {
  return !NON_WHITE.test(text);
}
