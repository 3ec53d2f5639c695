import { Tokenizer as HubTokenizer, Unigram, WordPiece, type Model } from '@huggingface/tokenizers';
import { failureMessage, IsoscopeError } from '../../protocol/errors';
import { objectAt, textAt, type JsonObject } from '../jsonObject';
import { createWordLevel } from './wordLevel';

/** One word → ids of its pieces, by the vocabulary's model (WordPiece, BPE, Unigram, WordLevel). */
export interface WordModel {
  /** At least the first `wanted` pieces of the word (all of them where it has fewer, or where that costs nothing). */
  encodeWord(word: string, wanted: number): readonly number[];
  idOf(piece: string): number | undefined;
}

/** Words remembered; text repeats its words, and looking one up is an order of magnitude cheaper than cutting it anew. */
const REMEMBERED_WORDS = 50_000;
/** Longer words are too rare to be worth remembering. */
const REMEMBERED_LENGTH = 64;
/** Pieces beyond the wanted ones that a cut word still holds, so that the cut cannot move the pieces before it. */
const PIECES_BEYOND_CUT = 64;

/** @throws IsoscopeError `encoder` when the `model` of tokenizer.json is of no known kind */
export function createWordModel(tokenizerJson: JsonObject): WordModel {
  const wordLevel = objectAt(tokenizerJson, 'model');
  if (wordLevel && textAt(wordLevel, 'type') === 'WordLevel') return createWordLevel(wordLevel);
  const model = openHubModel(tokenizerJson);
  const isFused = model instanceof Unigram || model.fuse_unk;
  const hasByteFallback = objectAt(tokenizerJson, 'model')?.['byte_fallback'] === true;
  const longestPiece = model.vocab.reduce((longest, piece) => Math.max(longest, piece.length), 1);
  const remembered = new Map<string, readonly number[]>();
  let alphabet: ReadonlySet<string> | undefined;

  function encodeWhole(word: string): number[] {
    // Not `encode`: it passes the pieces as arguments, of which a call takes some 100,000 at most.
    const pieces = model instanceof Unigram ? model.tokenize(word) : model.encode([word]);
    const ids: number[] = [];
    for (const piece of pieces) {
      const id = model.tokens_to_ids.get(piece);
      if (id !== undefined && id !== model.unk_token_id) ids.push(id);
      else if (hasByteFallback && model instanceof Unigram) ids.push(...(bytesOf(piece) ?? [unknownId(word)]));
      else if (!(isFused && ids.length > 0 && ids[ids.length - 1] === model.unk_token_id)) ids.push(unknownId(word));
    }
    return ids;
  }

  function bytesOf(piece: string): number[] | undefined {
    const ids = [...Buffer.from(piece, 'utf8')].map((byte) =>
      model.tokens_to_ids.get(`<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`),
    );
    return ids.every((id) => id !== undefined) ? ids : undefined;
  }

  function unknownId(word: string): number {
    if (model.unk_token_id !== undefined) return model.unk_token_id;
    throw new IsoscopeError(
      'encoder',
      `The vocabulary of tokenizer.json has neither a piece for "${word.slice(0, 40)}" nor an unknown token.`,
    );
  }

  function encodeLong(word: string, wanted: number): readonly number[] {
    // WordPiece takes every long word for unknown, whatever its end.
    if (model instanceof WordPiece) return encodeWhole(word.slice(0, 4 * model.max_input_chars_per_word + 4));
    const text = model instanceof Unigram ? collapseUnknown(word) : word;
    for (let length = (wanted + PIECES_BEYOND_CUT) * longestPiece; ; length *= 2) {
      const ids = encodeWhole(cutCharacters(text, length));
      // Fewer pieces than wanted although the word was cut: unknown pieces cover long runs.
      if (ids.length >= wanted || length >= text.length) return ids;
    }
  }

  /** Each run of characters that are in no piece becomes its first one: a Unigram model reads such a run as one unknown piece, however long it is. */
  function collapseUnknown(word: string): string {
    alphabet ??= new Set(model.vocab.join(''));
    let result = '';
    let wasKnown = true;
    for (const character of word) {
      const isKnown = alphabet.has(character);
      if (isKnown || wasKnown) result += character;
      wasKnown = isKnown;
    }
    return result;
  }

  return {
    encodeWord(word, wanted) {
      if (word.length > REMEMBERED_LENGTH) return encodeLong(word, wanted);
      let ids = remembered.get(word);
      if (!ids) {
        ids = encodeWhole(word);
        if (remembered.size >= REMEMBERED_WORDS) remembered.clear();
        remembered.set(word, ids);
      }
      return ids;
    },
    idOf: (piece) => model.tokens_to_ids.get(piece),
  };
}

/** The library's model alone: everything around it is ours. */
function openHubModel(tokenizerJson: JsonObject): Model {
  const bare = {
    model: tokenizerJson['model'],
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: null,
    post_processor: null,
    decoder: null,
  };
  try {
    const { model } = new HubTokenizer(bare, {});
    if (model) return model;
  } catch (error) {
    throw new IsoscopeError('encoder', `tokenizer.json has no usable vocabulary: ${failureMessage(error)}`, {
      cause: error,
    });
  }
  throw new IsoscopeError('encoder', 'tokenizer.json has no model.');
}

/** The first `length` code units of `text`, without half a character at the end. */
function cutCharacters(text: string, length: number): string {
  const isInsidePair = length < text.length && /[\ud800-\udbff]/.test(text[length - 1]);
  return text.slice(0, isInsidePair ? length - 1 : length);
}
