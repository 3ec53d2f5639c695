import { objectsAt, type JsonObject } from '../jsonObject';
import { escapeForRegExp } from './escapeRegExp';
import type { Normalize } from './normalizers';

/** A token that is found in the text before anything is cut into words: [CLS], <mask> … */
interface AddedToken {
  readonly id: number;
  readonly content: string;
  readonly isSingleWord: boolean;
  readonly eatsSpaceBefore: boolean;
  readonly eatsSpaceAfter: boolean;
  readonly isNormalized: boolean;
}

/** A piece of a text: the id of an added token, or text between added tokens. */
export type Section = number | string;

export interface AddedTokens {
  /** The text cut at added tokens that are written in it; what lies between is normalised. */
  split(text: string): Section[];
  idOf(content: string): number | undefined;
}

/**
 * The `added_tokens` of a tokenizer.json, found as the reference finds them: the leftmost, of those the longest; tokens with `normalized: false` in the text as it
 * stands, the others in the normalised text.
 */
export function readAddedTokens(tokenizerJson: JsonObject, normalize: Normalize): AddedTokens {
  const tokens = objectsAt(tokenizerJson, 'added_tokens').map(readAddedToken);
  const verbatim = createSplitter(tokens.filter((token) => !token.isNormalized).map((token) => [token.content, token]));
  const normalized = createSplitter(
    tokens.filter((token) => token.isNormalized).map((token) => [normalize(token.content), token]),
  );
  const ids = new Map(tokens.map((token) => [token.content, token.id]));
  return {
    split: (text) =>
      verbatim(text).flatMap((section) => (typeof section === 'number' ? section : normalized(normalize(section)))),
    idOf: (content) => ids.get(content),
  };
}

function readAddedToken(json: JsonObject): AddedToken {
  return {
    id: Number(json['id']),
    content: String(json['content']),
    isSingleWord: json['single_word'] === true,
    eatsSpaceBefore: json['lstrip'] === true,
    eatsSpaceAfter: json['rstrip'] === true,
    isNormalized: json['normalized'] === true || (json['normalized'] === undefined && json['special'] !== true),
  };
}

function createSplitter(entries: readonly (readonly [string, AddedToken])[]): (text: string) => Section[] {
  const tokens = new Map(entries.filter(([content]) => content !== ''));
  if (tokens.size === 0) return (text) => (text === '' ? [] : [text]);
  // Longest first: an alternation takes the first that fits.
  const contents = [...tokens.keys()].sort((a, b) => b.length - a.length);
  const pattern = new RegExp(contents.map(escapeForRegExp).join('|'), 'gu');
  return (text) => {
    const sections: Section[] = [];
    let done = 0;
    for (const match of text.matchAll(pattern)) {
      const token = tokens.get(match[0])!;
      let start = match.index;
      let end = start + match[0].length;
      if (token.isSingleWord && (isWordAt(text, start - 1) || isWordAt(text, end))) continue;
      if (token.eatsSpaceBefore) while (start > done && isSpaceAt(text, start - 1)) start--;
      if (token.eatsSpaceAfter) while (isSpaceAt(text, end)) end++;
      if (start > done) sections.push(text.slice(done, start));
      sections.push(token.id);
      done = end;
    }
    if (done < text.length) sections.push(text.slice(done));
    return sections;
  };
}

function isSpaceAt(text: string, index: number): boolean {
  return index < text.length && /\p{White_Space}/u.test(text[index]);
}

/** Whether the character that holds the code unit at `index` is a letter, mark, digit or underscore. */
function isWordAt(text: string, index: number): boolean {
  if (index < 0 || index >= text.length) return false;
  const isSecondHalf = /[\udc00-\udfff]/.test(text[index]) && index > 0;
  const character = String.fromCodePoint(text.codePointAt(isSecondHalf ? index - 1 : index)!);
  return /[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]/u.test(character);
}
