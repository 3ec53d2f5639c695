import { describe, expect, it } from 'vitest';
import { createTokenizer } from '../../../src/core/encoder/tokenizer/tokenizer';
import { resourcePath } from '../../../src/core/resources';
import { listModels, readIds, readIndex, readJson, readTokenizerJson, sentences } from './referenceFolder';

interface SmallTokenizers {
  readonly texts: readonly string[];
  readonly tokenizers: readonly {
    readonly name: string;
    readonly maxTokens: number;
    readonly ids: readonly (readonly number[])[];
    readonly typeIds: readonly number[];
    readonly tokenizer: Record<string, unknown>;
  }[];
}

describe('token ids of transformers', () => {
  it.each(listModels())('%s: equal for every sentence, cut at the length of the model', (name) => {
    const tokenizer = createTokenizer(readTokenizerJson(name), { maxTokens: readIndex(name).maxTokens });
    const { prefix, ids } = readIds(name);
    const ours = sentences.map((sentence) => [...tokenizer.encode(prefix + sentence).ids]);
    expect(ours).toEqual(ids);
  });
});

describe('token ids of the Rust library, for every kind of step', () => {
  const { texts, tokenizers } = readJson(resourcePath('test/golden/encoder/tokenizers.json')) as SmallTokenizers;
  it.each(tokenizers)('$name', ({ tokenizer: json, maxTokens, ids, typeIds }) => {
    const tokenizer = createTokenizer(withCharsmap(json), { maxTokens });
    const ours = texts.map((text) => [...tokenizer.encode(text).ids]);
    expect(ours).toEqual(ids);
    const types = tokenizer.encode(texts[2]).typeIds;
    expect(types ? [...types] : typeIds.map(() => 0)).toEqual(typeIds);
  });
});

/** Puts the character map of the xlm-roberta tokenizer where make_tokenizers.py left it out. */
function withCharsmap(json: Record<string, unknown>): Record<string, unknown> {
  const { normalizer } = readTokenizerJson('xlm-roberta') as { normalizer: { precompiled_charsmap: string } };
  const text = JSON.stringify(json).replace(
    '"precompiled_charsmap":"xlm-roberta"',
    () => `"precompiled_charsmap":${JSON.stringify(normalizer.precompiled_charsmap)}`,
  );
  return JSON.parse(text) as Record<string, unknown>;
}
