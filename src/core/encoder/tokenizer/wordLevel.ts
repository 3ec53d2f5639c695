import { IsoscopeError } from '../../protocol/errors';
import { isJsonObject, textAt, type JsonObject } from '../jsonObject';
import type { WordModel } from './wordModel';

/** A model that knows whole words only (`WordLevel`): static vectors distilled from a list of words have it. @throws IsoscopeError `encoder` without a vocabulary */
export function createWordLevel(model: JsonObject): WordModel {
  const vocabulary = model['vocab'];
  if (!isJsonObject(vocabulary)) throw new IsoscopeError('encoder', 'tokenizer.json has no usable vocabulary.');
  const ids = new Map(Object.entries(vocabulary).map(([word, id]) => [word, Number(id)]));
  const unknown = textAt(model, 'unk_token');
  return {
    encodeWord(word) {
      const id = ids.get(word) ?? (unknown === undefined ? undefined : ids.get(unknown));
      if (id !== undefined) return [id];
      throw new IsoscopeError(
        'encoder',
        `The vocabulary of tokenizer.json has neither the word "${word.slice(0, 40)}" nor an unknown token.`,
      );
    },
    idOf: (word) => ids.get(word),
  };
}
