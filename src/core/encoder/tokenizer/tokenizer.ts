import { objectAt, type JsonObject } from '../jsonObject';
import { readAddedTokens } from './addedTokens';
import { createNormalizer } from './normalizers';
import { createPreTokenizer } from './preTokenizers';
import { readSpecialTokens } from './specialTokens';
import { createWordModel } from './wordModel';

/** Sentence → token ids as the reference (Rust `tokenizers` with truncation, without padding) gives them. */
export interface Tokenizer {
  /** most ids of a sentence, special ones included */
  readonly maxTokens: number;
  encode(text: string): TokenSequence;
  /** id of a token by its text, special ones included */
  idOf(token: string): number | undefined;
}

export interface TokenSequence {
  /** with special tokens, at most `maxTokens` of them */
  readonly ids: Int32Array;
  /** token_type_ids, same length; `null` when all are 0 */
  readonly typeIds: Int32Array | null;
  /** whether pieces were left out */
  readonly isTruncated: boolean;
}

export interface TokenizerOptions {
  /** most ids of a sentence, special ones included */
  readonly maxTokens: number;
  /** which end of a sentence that is too long is cut; default right */
  readonly truncationSide?: 'left' | 'right';
}

/**
 * A tokenizer.json: added tokens, normaliser, pre-tokenizer, the vocabulary's model (by `@huggingface/tokenizers`), special tokens. Its own `truncation` and
 * `padding` are not read: they are what its trainer last used, not the model's limit.
 * @throws IsoscopeError `encoder` when it asks for something unknown or is inconsistent
 */
export function createTokenizer(tokenizerJson: JsonObject, options: TokenizerOptions): Tokenizer {
  const normalize = createNormalizer(objectAt(tokenizerJson, 'normalizer') ?? null);
  const preTokenize = createPreTokenizer(objectAt(tokenizerJson, 'pre_tokenizer') ?? null);
  const special = readSpecialTokens(objectAt(tokenizerJson, 'post_processor') ?? null);
  const addedTokens = readAddedTokens(tokenizerJson, normalize);
  const model = createWordModel(tokenizerJson);
  const { maxTokens, truncationSide = 'right' } = options;
  const room = Math.max(0, maxTokens - special.before.length - special.after.length);
  // One piece more than there is room for tells that the sentence is truncated; the rest of a very long line need not be cut into pieces.
  const wanted = truncationSide === 'right' ? room + 1 : Infinity;
  const hasTypes = [...special.typesBefore, ...special.typesAfter, special.sequenceType].some((type) => type !== 0);

  function pieceIds(text: string): number[] {
    const ids: number[] = [];
    addedTokens.split(text).forEach((section, i) => {
      if (ids.length >= wanted) return;
      if (typeof section === 'number') {
        ids.push(section);
        return;
      }
      for (const word of preTokenize(section, i === 0)) {
        for (const id of model.encodeWord(word, wanted - ids.length)) ids.push(id);
        if (ids.length >= wanted) return;
      }
    });
    return ids;
  }

  return {
    maxTokens,
    encode(text) {
      const pieces = pieceIds(text);
      const isTruncated = pieces.length > room;
      const kept = truncationSide === 'right' ? pieces.slice(0, room) : pieces.slice(Math.max(0, pieces.length - room));
      const ids = Int32Array.from([...special.before, ...kept, ...special.after]);
      return { ids, typeIds: hasTypes ? typesOf(kept.length) : null, isTruncated };
    },
    idOf: (token) => addedTokens.idOf(token) ?? model.idOf(token),
  };

  function typesOf(pieceCount: number): Int32Array {
    const pieceTypes = new Array<number>(pieceCount).fill(special.sequenceType);
    return Int32Array.from([...special.typesBefore, ...pieceTypes, ...special.typesAfter]);
  }
}
