import { IsoscopeError } from '../protocol/errors';

/** One record of a CSV or TSV. */
export interface DelimitedRecord {
  readonly cells: readonly string[];
  /** where it begins, from 0 */
  readonly line: number;
}

/**
 * Splits CSV (RFC 4180) or TSV into records. Lines end at \n, \r\n or \r, mixed as they come; a cell that begins with a quotation mark runs to the closing
 * one, over delimiters and line ends, `""` standing for one mark; blank lines are no records.
 *
 * Many TSV files know no quoting: there, a mark that is not closed before a delimiter or line end is a character like any other.
 * @param name of the file, for errors
 * @param firstLine number of the text's first line, where it is a piece of a longer one
 * @throws IsoscopeError `input`, naming the line (from 1), for a CSV cell whose quotation marks do not match
 */
export function* parseDelimited(
  text: string,
  delimiter: string,
  name: string,
  firstLine = 0,
): Generator<DelimitedRecord> {
  const isLenient = delimiter === '\t';
  let position = 0;
  let line = firstLine;
  let cells: string[] = [];
  let recordLine = firstLine;
  let isBlank = true;

  while (position < text.length || cells.length > 0) {
    const quoted = text[position] === '"' ? readQuoted() : undefined;
    const cell = quoted ?? readPlain();
    if (quoted !== undefined || cell !== '') isBlank = false;
    cells.push(cell);
    if (text[position] === delimiter) {
      isBlank = false;
      position++;
      continue;
    }
    const isLast = position >= text.length;
    if (!isBlank) yield { cells, line: recordLine };
    if (isLast) return;
    position += text.startsWith('\r\n', position) ? 2 : 1;
    line++;
    cells = [];
    recordLine = line;
    isBlank = true;
  }

  function readPlain(): string {
    const start = position;
    while (position < text.length && !isCellEnd(position)) position++;
    return text.slice(start, position);
  }

  /** The cell, or `undefined` where the mark turns out to be a character of an unquoted cell. */
  function readQuoted(): string | undefined {
    let parts = '';
    let start = position + 1;
    for (;;) {
      const close = text.indexOf('"', start);
      if (close < 0) {
        if (isLenient) return undefined;
        throw new IsoscopeError('input', `${name}, line ${line + 1}: a quotation mark is never closed.`);
      }
      parts += text.slice(start, close);
      if (text[close + 1] === '"') {
        parts += '"';
        start = close + 2;
        continue;
      }
      if (close + 1 < text.length && !isCellEnd(close + 1)) {
        if (isLenient) return undefined;
        const at = line + countLineEnds(text, position, close) + 1;
        throw new IsoscopeError(
          'input',
          `${name}, line ${at}: a closing quotation mark is followed by ${JSON.stringify(text[close + 1])}; marks within a cell are doubled ("").`,
        );
      }
      line += countLineEnds(text, position, close);
      position = close + 1;
      return parts;
    }
  }

  function isCellEnd(at: number): boolean {
    const character = text[at];
    return character === delimiter || character === '\n' || character === '\r';
  }
}

/** The delimiter that occurs most often in the first line, outside quotation marks: comma, semicolon or tab; comma when there is none. */
export function guessDelimiter(text: string): string {
  const firstLine = /^[\r\n]*([^\r\n]*)/.exec(text)?.[1].replace(/"[^"]*"/g, '') ?? '';
  const count = (delimiter: string) => firstLine.split(delimiter).length;
  return [',', ';', '\t'].reduce((best, delimiter) => (count(delimiter) > count(best) ? delimiter : best));
}

/** \r\n, \n and \r in text[start … end − 1]. */
function countLineEnds(text: string, start: number, end: number): number {
  let count = 0;
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i);
    if (code === 10 || (code === 13 && text.charCodeAt(i + 1) !== 10)) count++;
  }
  return count;
}
