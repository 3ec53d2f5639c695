import { isJsonObject, numberAt, objectAt, objectsAt, textAt, type JsonObject } from '../jsonObject';

/** What averaging needs to know of a tokenizer.json's vocabulary, added tokens included. */
export interface TokenVocabulary {
  readonly largestId: number;
  readonly unknownId: number | null;
  /** of a token, in characters (code points), rounded down */
  readonly medianLength: number;
}

export function readVocabulary(tokenizer: JsonObject): TokenVocabulary {
  const model = objectAt(tokenizer, 'model');
  const ids = new Map([...modelTokens(model), ...addedTokens(tokenizer)]);
  const unknown = textAt(model, 'unk_token');
  const lengths = [...ids.keys()].map(countCharacters).sort((a, b) => a - b);
  return {
    largestId: [...ids.values()].reduce((largest, id) => Math.max(largest, id), -1),
    unknownId: (unknown === undefined ? numberAt(model, 'unk_id') : ids.get(unknown)) ?? null,
    medianLength: Math.floor(median(lengths)),
  };
}

/** WordPiece, BPE, WordLevel: { token: id }; Unigram: [[token, score], …] */
function modelTokens(model: JsonObject | undefined): [string, number][] {
  const vocabulary = model?.['vocab'];
  if (isJsonObject(vocabulary)) return Object.entries(vocabulary).map(([token, id]) => [token, Number(id)]);
  if (!Array.isArray(vocabulary)) return [];
  return vocabulary.map((entry, id) => [String(Array.isArray(entry) ? entry[0] : entry), id]);
}

function addedTokens(tokenizer: JsonObject): [string, number][] {
  return objectsAt(tokenizer, 'added_tokens').map((token) => [textAt(token, 'content') ?? '', Number(token['id'])]);
}

/** Code points: a pair of surrogates is one. */
function countCharacters(text: string): number {
  return text.length - (text.match(/[\ud800-\udbff][\udc00-\udfff]/g)?.length ?? 0);
}

function median(sorted: readonly number[]): number {
  if (sorted.length === 0) return 0;
  const middle = sorted.length / 2;
  return Number.isInteger(middle) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[Math.floor(middle)];
}
