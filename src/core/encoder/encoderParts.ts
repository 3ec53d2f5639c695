import path from 'node:path';
import { IsoscopeError } from '../protocol/errors';
import type { ModelSession } from '../runtime/runtime';
import type { BatchRules } from './batching';
import { isBatchDependent, type EncoderPlan, type FolderFacts } from './encoderPlan';
import { readGraphInputs, type GraphInputs } from './graphInputs';
import { numberAt } from './jsonObject';
import type { EncoderParts } from './onnxEncoder';
import type { OnnxGraph } from './onnx/onnxGraph';
import { usesOffsetPositions } from './sentenceModules';
import { createTokenizer, type Tokenizer } from './tokenizer/tokenizer';

/**
 * What turns sentences into vectors with `session`: the folder's graph, or one that was made of it and takes the same tokens.
 * @throws IsoscopeError `encoder` for a graph or a tokenizer that cannot be used
 */
export function collectParts(
  folder: FolderFacts,
  graph: OnnxGraph,
  { settings, recipe, budget }: EncoderPlan,
  session: ModelSession,
  tokenizer: Tokenizer = openTokenizer(folder, settings.maxTokens),
): EncoderParts {
  const { isNormalized, prefix, head } = settings;
  const { lowersText } = folder.tokenizer;
  const padId = padIdOf(folder, tokenizer);
  const firstPosition = usesOffsetPositions(folder.config) ? padId + 1 : 0;
  const name = path.join(folder.path, folder.graphFile);
  const inputs = readGraphInputs(session.inputs, name, { padId, firstPosition });
  return {
    session,
    inputs,
    tokenizer,
    rules: batchRules(budget, inputs, graph),
    recipe,
    head,
    isNormalized,
    prepare: (sentence: string) => (lowersText ? (prefix + sentence).toLowerCase() : prefix + sentence),
    skippedTokens: folder.modules.poolsPrompt ? 0 : countPromptTokens(prefix, tokenizer),
    name,
  };
}

export function openTokenizer({ tokenizer: { json, truncationSide } }: FolderFacts, maxTokens: number): Tokenizer {
  return createTokenizer(json, { maxTokens, truncationSide });
}

/** The padding token's id. It counts even where the mask hides it: RoBERTa's graphs number positions by the ids that are not it. */
function padIdOf(folder: FolderFacts, tokenizer: Tokenizer): number {
  const { padToken } = folder.tokenizer;
  return (
    (padToken === undefined ? undefined : tokenizer.idOf(padToken)) ?? numberAt(folder.config, 'pad_token_id') ?? 0
  );
}

/** The prompt's tokens and the special ones before it, as sentence-transformers counts them. */
function countPromptTokens(prefix: string, tokenizer: Tokenizer): number {
  return prefix === '' ? 0 : tokenizer.encode(prefix).ids.length - 1;
}

/** float16 and bfloat16 in TensorProto.DataType: padding moves the vectors of such graphs (5e-4 a number), company of equal length does not. */
const halfTypes = [10, 16];

function batchRules(budget: number, { fixedSentences }: GraphInputs, graph: OnnxGraph): BatchRules {
  if (fixedSentences !== null && fixedSentences !== 1) {
    throw new IsoscopeError(
      'encoder',
      `The graph takes exactly ${fixedSentences} sentences at a time: export the model with a free batch axis.`,
    );
  }
  return {
    tokenBudget: budget,
    maxSentences: isBatchDependent(graph) || fixedSentences === 1 ? 1 : Infinity,
    isUnpadded: [...graph.weights.values()].some(({ elementType }) => halfTypes.includes(elementType)),
  };
}
