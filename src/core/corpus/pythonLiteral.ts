/** What a .npy header can hold, as JavaScript. A Python tuple and a list are both an array. */
export type PythonLiteral = string | number | bigint | boolean | null | readonly PythonLiteral[] | PythonDictionary;
// An alias cannot refer to itself through another alias' type argument.
// eslint-disable-next-line @typescript-eslint/no-empty-object-type
export interface PythonDictionary extends ReadonlyMap<string, PythonLiteral> {}

/** Deeper than any real dtype; keeps a hostile header from exhausting the stack. */
const MAX_DEPTH = 32;

/**
 * Reads one Python literal: dictionary with string keys, tuple, list, string, integer, True, False, None. Never evaluates anything.
 * Integers outside ±2^53 come as bigint, so that an absurd shape keeps its digits for the error.
 * @throws SyntaxError when the text is anything else
 */
export function parsePythonLiteral(text: string): PythonLiteral {
  let position = 0;
  const value = readValue(0);
  skipWhite();
  if (position < text.length) fail();
  return value;

  function fail(): never {
    throw new SyntaxError(`unexpected ${JSON.stringify(text.charAt(position) || 'end')} at character ${position + 1}`);
  }

  function skipWhite(): void {
    while (position < text.length && ' \t\r\n\f'.includes(text[position])) position++;
  }

  function accept(character: string): boolean {
    skipWhite();
    if (text[position] !== character) return false;
    position++;
    return true;
  }

  function readValue(depth: number): PythonLiteral {
    if (depth > MAX_DEPTH) throw new SyntaxError('nested too deeply');
    skipWhite();
    const start = text[position];
    if (start === '{') return readDictionary(depth);
    if (start === '(') return readSequence(')', depth);
    if (start === '[') return readSequence(']', depth);
    if (start === "'" || start === '"') return readString();
    // Python 2 wrote long integers as 3L.
    const integer = /[+-]?\d+L?/y;
    integer.lastIndex = position;
    const digits = integer.exec(text)?.[0];
    if (digits !== undefined) {
      position += digits.length;
      const plain = digits.replace('L', '').replace('+', '');
      const value = Number(plain);
      return Number.isSafeInteger(value) ? value : BigInt(plain);
    }
    for (const [word, value] of [
      ['True', true],
      ['False', false],
      ['None', null],
    ] as const) {
      if (text.startsWith(word, position)) {
        position += word.length;
        return value;
      }
    }
    return fail();
  }

  function readSequence(close: string, depth: number): readonly PythonLiteral[] {
    position++;
    const items: PythonLiteral[] = [];
    while (!accept(close)) {
      items.push(readValue(depth + 1));
      if (!accept(',')) {
        if (!accept(close)) fail();
        // (3) is the number 3 in brackets, (3,) is a tuple.
        return close === ')' && items.length === 1 ? fail() : items;
      }
    }
    return items;
  }

  function readDictionary(depth: number): PythonDictionary {
    position++;
    const entries = new Map<string, PythonLiteral>();
    while (!accept('}')) {
      skipWhite();
      if (text[position] !== "'" && text[position] !== '"') fail();
      const key = readString();
      if (!accept(':')) fail();
      if (entries.has(key)) throw new SyntaxError(`'${key}' occurs twice`);
      entries.set(key, readValue(depth + 1));
      if (!accept(',')) {
        if (!accept('}')) fail();
        break;
      }
    }
    return entries;
  }

  function readString(): string {
    const quote = text[position];
    const start = ++position;
    while (position < text.length && text[position] !== quote) {
      // Field names may hold escapes; nothing that is accepted afterwards does.
      position += text[position] === '\\' ? 2 : 1;
    }
    if (position >= text.length) fail();
    return text.slice(start, position++);
  }
}
