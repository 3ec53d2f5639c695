import { IsoscopeError } from '../protocol/errors';

/**
 * The numbers of a cell such as "[0.1, 0.2]", "(0.1, 0.2)", "0.1 0.2" or "array([0.1, 0.2], dtype=float32)" (NumPy's print, line ends included).
 * @returns `null` when the cell is no list of numbers; NaN stands for each word that is one, or none at all (nan, None, null)
 */
export function parseVectorCell(cell: string): Float64Array | null {
  const text = cell.trim();
  const inner = /^(?:(?:np\.)?array\()?[[(](.*?)[\])](?:,\s*dtype=[\w.]+)?\)?$/s.exec(text)?.[1];
  const body = (inner ?? text).trim();
  if (body === '' || /[[\](){}"]/.test(body)) return null;
  const words = body.split(/\s*[,;]\s*|\s+/);
  // A list in brackets may end with a comma, as Python's tuples do.
  if (words[words.length - 1] === '') words.pop();
  // One bare number is a number, not a vector.
  if (inner === undefined && words.length < 2) return null;
  const numbers = new Float64Array(words.length);
  for (let i = 0; i < words.length; i++) {
    const number = parseNumber(words[i]);
    if (number === undefined) return null;
    numbers[i] = number;
  }
  return numbers;
}

/**
 * @param where of the cell, for errors: "X.csv, line 3, column embedding"
 * @throws IsoscopeError `input` when it is no list of numbers
 */
export function readVectorText(cell: string, where: string): Float64Array {
  const numbers = parseVectorCell(cell);
  if (numbers !== null) return numbers;
  const shown = JSON.stringify(cell.length > 40 ? `${cell.slice(0, 40)}…` : cell);
  throw new IsoscopeError(
    'input',
    isElided(cell)
      ? `${where}: the middle of the vector is missing ("..."), as NumPy prints long arrays: write the numbers with tolist().`
      : `${where}: ${shown} is no list of numbers.`,
  );
}

/** Whether a cell is a list of numbers in brackets: what tells a column of vectors from others. */
export function isVectorText(cell: string): boolean {
  return /^\s*(?:\[|\(|(?:np\.)?array\()/.test(cell) && (parseVectorCell(cell) !== null || isElided(cell));
}

/** NumPy's print leaves out the middle of more than 1,000 numbers: they are gone. */
function isElided(cell: string): boolean {
  return /^\s*(?:(?:np\.)?array\()?\[.*\s\.\.\.,?\s.*\]/s.test(cell);
}

/** Words for a number that is missing or infinite, as Python, R, Julia and JavaScript write them. */
const NO_NUMBER = /^[+-]?(?:nan|null|none|na|n\/a)$/i;
const INFINITE = /^([+-]?)inf(?:inity)?$/i;

/** A decimal number as a text file writes it: exactly the float64 nearest to what is written. NaN and ±∞ for words that mean them; `undefined` for anything else, and for nothing. */
export function parseNumber(text: string): number | undefined {
  const word = text.trim();
  const number = Number(word);
  // JavaScript also reads 0x1f and the empty text.
  if (!Number.isNaN(number) && word !== '' && !/[^\d+\-.eE]/.test(word)) return number;
  if (NO_NUMBER.test(word)) return NaN;
  const sign = INFINITE.exec(word)?.[1];
  return sign === undefined ? undefined : sign === '-' ? -Infinity : Infinity;
}
