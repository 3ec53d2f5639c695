import { SplitPreTokenizer } from '@huggingface/tokenizers';
import { IsoscopeError } from '../../protocol/errors';
import { numberAt, objectAt, objectsAt, textAt, type JsonObject } from '../jsonObject';
import { toByteCharacters } from './byteCharacters';
import { escapeForRegExp } from './escapeRegExp';

/**
 * Normalised text → the words that the vocabulary's model sees one by one.
 * @param isStart whether `text` begins where the sentence begins (no added token before it)
 */
export type PreTokenize = (text: string, isStart: boolean) => string[];

const space = String.raw`\p{White_Space}`;
const word = String.raw`\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}`;
const punctuation = String.raw`!-\/:-@\[-\x60\{-~\p{P}`;

const bertWords = new RegExp(`[^${space}${punctuation}]+|[${punctuation}]`, 'gu');
const spacedWords = new RegExp(`[^${space}]+`, 'gu');
const wordsAndSymbols = new RegExp(`[${word}]+|[^${word}${space}]+`, 'gu');
const gpt2Words = new RegExp(
  String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^${space}\p{L}\p{N}]+|${space}+(?![^${space}])|${space}+`,
  'gu',
);

/**
 * The `pre_tokenizer` of a tokenizer.json. Rust's classes of characters (`\p{White_Space}`, Unicode's `\w` and digits) instead of JavaScript's, which the library takes.
 * @throws IsoscopeError `encoder` for a type that is unknown
 */
export function createPreTokenizer(config: JsonObject | null): PreTokenize {
  if (config === null) return (text) => [text];
  const type = textAt(config, 'type') ?? '';
  switch (type) {
    case 'Sequence':
      return inSequence(objectsAt(config, 'pretokenizers').map(createPreTokenizer));
    case 'BertPreTokenizer':
      return (text) => text.match(bertWords) ?? [];
    case 'WhitespaceSplit':
      return (text) => text.match(spacedWords) ?? [];
    case 'Whitespace':
      return (text) => text.match(wordsAndSymbols) ?? [];
    case 'ByteLevel':
      return createByteLevel(config['add_prefix_space'] !== false, config['use_regex'] !== false);
    case 'Metaspace':
      return createMetaspace(config);
    case 'Punctuation':
      return splitAt(new RegExp(`[${punctuation}]`, 'gu'), textAt(config, 'behavior') ?? 'Isolated');
    case 'Digits':
      return splitAt(/\p{N}/gu, config['individual_digits'] === true ? 'Isolated' : 'Contiguous');
    case 'Split':
      return createSplit(config);
    case 'CharDelimiterSplit':
      return splitAt(literally(textAt(config, 'delimiter') ?? ''), 'Removed');
    case 'FixedLength':
      return createFixedLength(numberAt(config, 'length') ?? 1);
    default:
      throw new IsoscopeError(
        'encoder',
        `tokenizer.json asks for the pre-tokenizer "${type}", which Isoscope does not know.`,
      );
  }
}

function inSequence(steps: readonly PreTokenize[]): PreTokenize {
  return (text, isStart) =>
    steps.reduce<string[]>(
      (pieces, step) => pieces.flatMap((piece, i) => step(piece, isStart && i === 0 && text.startsWith(piece))),
      [text],
    );
}

function createByteLevel(addsSpace: boolean, usesPattern: boolean): PreTokenize {
  return (text) => {
    const spaced = addsSpace && !text.startsWith(' ') ? ` ${text}` : text;
    return (usesPattern ? (spaced.match(gpt2Words) ?? []) : [spaced]).map(toByteCharacters);
  };
}

/** Words that begin with ▁ in place of the space before them. */
function createMetaspace(config: JsonObject): PreTokenize {
  const mark = textAt(config, 'replacement') ?? '▁';
  const scheme = textAt(config, 'prepend_scheme') ?? (config['add_prefix_space'] === false ? 'never' : 'always');
  const split = config['split'] === false ? undefined : splitAt(literally(mark), 'MergedWithNext');
  return (text, isStart) => {
    const marked = text.replaceAll(' ', mark);
    const isPrefixed = scheme === 'always' || (scheme === 'first' && isStart);
    const whole = isPrefixed && !marked.startsWith(mark) ? mark + marked : marked;
    return split ? split(whole, isStart) : [whole];
  };
}

function createSplit(config: JsonObject): PreTokenize {
  const literal = textAt(objectAt(config, 'pattern'), 'String');
  // The library translates Oniguruma's regular expressions to JavaScript's.
  const pattern =
    literal === undefined
      ? new SplitPreTokenizer(config as unknown as ConstructorParameters<typeof SplitPreTokenizer>[0]).pattern
      : literally(literal);
  if (!pattern) throw new IsoscopeError('encoder', 'A Split step of tokenizer.json has no pattern.');
  return splitAt(pattern, textAt(config, 'behavior') ?? 'Isolated', config['invert'] === true);
}

function createFixedLength(length: number): PreTokenize {
  return (text) => {
    const characters = Array.from(text);
    const pieces: string[] = [];
    for (let i = 0; i < characters.length; i += length) pieces.push(characters.slice(i, i + length).join(''));
    return pieces;
  };
}

function literally(text: string): RegExp {
  return new RegExp(escapeForRegExp(text), 'gu');
}

/**
 * Rust's `SplitDelimiterBehavior`: what becomes of the matches of `pattern`.
 * @param isInverted the text between the matches is the delimiter instead
 */
function splitAt(pattern: RegExp, behavior: string, isInverted = false): PreTokenize {
  return (text) => {
    const pieces: string[] = [];
    let wasDelimiter = false;
    for (const { piece, isMatch } of alternate(text, pattern)) {
      const isDelimiter = isMatch !== isInverted;
      const isJoined =
        pieces.length > 0 &&
        ((behavior === 'Contiguous' && isDelimiter === wasDelimiter) ||
          (behavior === 'MergedWithPrevious' && isDelimiter && !wasDelimiter) ||
          (behavior === 'MergedWithNext' && !isDelimiter && wasDelimiter));
      if (isJoined) pieces[pieces.length - 1] += piece;
      else if (!(behavior === 'Removed' && isDelimiter)) pieces.push(piece);
      wasDelimiter = isDelimiter;
    }
    return pieces;
  };
}

/** Matches of `pattern` and the texts between them, in order, none of them empty. */
function* alternate(text: string, pattern: RegExp): Generator<{ piece: string; isMatch: boolean }> {
  let done = 0;
  for (const match of text.matchAll(pattern)) {
    if (match[0] === '') continue;
    if (match.index > done) yield { piece: text.slice(done, match.index), isMatch: false };
    yield { piece: match[0], isMatch: true };
    done = match.index + match[0].length;
  }
  if (done < text.length) yield { piece: text.slice(done), isMatch: false };
}
