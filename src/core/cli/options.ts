import { IsoscopeError } from '../protocol/errors';

/** The options that a command knows, by name without dashes: a flag takes no value. */
export type OptionTable = Readonly<Record<string, 'value' | 'flag'>>;

export interface ParsedOptions {
  readonly positionals: readonly string[];
  /** value of an option, `undefined` when it is not given */
  readonly value: (name: string) => string | undefined;
  readonly has: (name: string) => boolean;
}

/**
 * Splits arguments into options and the rest: `--name value`, `--name=value`, `--flag`; `--` ends the options; `-` is an argument.
 * Strict: nothing unknown, nothing twice, no value missing.
 * @throws IsoscopeError `usage`, naming the option
 */
export function parseOptions(argv: readonly string[], table: OptionTable, command: string): ParsedOptions {
  const values = new Map<string, string | true>();
  const positionals: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const argument = argv[i];
    if (argument === '--') {
      positionals.push(...argv.slice(i + 1));
      break;
    }
    if (!argument.startsWith('-') || argument === '-') {
      positionals.push(argument);
      continue;
    }
    const equals = argument.indexOf('=');
    const attached = equals < 0 ? undefined : argument.slice(equals + 1);
    const name = argument.startsWith('--') ? argument.slice(2, equals < 0 ? undefined : equals) : '';
    const kind = Object.hasOwn(table, name) ? table[name] : undefined;
    if (kind === undefined) throw unknownOption(argument, name, table, command);
    if (values.has(name)) throw new IsoscopeError('usage', `--${name} is given twice.`);
    if (kind === 'flag') {
      if (attached !== undefined) throw new IsoscopeError('usage', `--${name} takes no value.`);
      values.set(name, true);
      continue;
    }
    const value = attached ?? argv.at(i + 1);
    // What follows is another option, not the value: `--json --quiet`. A value that begins so is written --name=value.
    if (value === undefined || (attached === undefined && /^--./.test(value))) {
      throw new IsoscopeError('usage', `--${name} needs a value.`);
    }
    if (attached === undefined) i++;
    values.set(name, value);
  }
  return {
    positionals,
    has: (name) => values.has(name),
    value: (name) => {
      const value = values.get(name);
      return typeof value === 'string' ? value : undefined;
    },
  };
}

/** @throws IsoscopeError `usage` unless the value is one of those allowed */
export function readChoice<Choice extends string>(name: string, value: string, allowed: readonly Choice[]): Choice {
  const choice = allowed.find((candidate) => candidate === value);
  if (choice === undefined) {
    throw new IsoscopeError('usage', `--${name} is ${listWords(allowed)}, not "${value}".`);
  }
  return choice;
}

/** @throws IsoscopeError `usage` unless the value is a whole number in the range */
export function readWholeNumber(name: string, value: string, smallest: number, largest: number): number {
  const number = /^\d+$/.test(value) ? Number(value) : NaN;
  if (!(number >= smallest && number <= largest)) {
    throw new IsoscopeError('usage', `--${name} is a whole number from ${smallest} to ${largest}, not "${value}".`);
  }
  return number;
}

/** "a, b or c" */
export function listWords(words: readonly string[]): string {
  if (words.length < 2) return words.join('');
  return `${words.slice(0, -1).join(', ')} or ${words[words.length - 1]}`;
}

function unknownOption(argument: string, name: string, table: OptionTable, command: string): IsoscopeError {
  const near = Object.keys(table).find((known) => isNear(name, known));
  const hint = near === undefined ? `see isoscope ${command} --help.` : `did you mean --${near}?`;
  return new IsoscopeError('usage', `isoscope ${command} has no option ${argument.split('=')[0]}; ${hint}`);
}

/** One letter too many, too few, wrong, or swapped with its neighbour; or a beginning of three letters or more. */
function isNear(word: string, known: string): boolean {
  if (word.length >= 3 && known.startsWith(word)) return true;
  if (Math.abs(word.length - known.length) > 1) return false;
  let start = 0;
  while (start < word.length && word[start] === known[start]) start++;
  const [a, b] = [word.slice(start), known.slice(start)];
  return (
    a.slice(1) === b.slice(1) ||
    a.slice(1) === b ||
    b.slice(1) === a ||
    (a.slice(2) === b.slice(2) && a.slice(0, 2) === `${b.charAt(1)}${b.charAt(0)}`)
  );
}
