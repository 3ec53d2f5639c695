import { IsoscopeError } from '../protocol/errors';
import type { OnnxGraph, OnnxValue } from './onnx/onnxGraph';
import { findBlockInputs } from './onnx/residualStream';
import type { EncoderOffer } from '../protocol/engineProtocol';
import { poolings, type Pooling, type TokenPooling } from './pooling';

/** How a sentence's vector is made of what the graph gives. */
export type VectorRecipe =
  /** each output [sentences, tokens, dimension] is pooled, and the pooled vectors are averaged */
  | { readonly kind: 'tokens'; readonly outputs: readonly string[]; readonly pooling: TokenPooling }
  /** an output [sentences, dimension] is taken as it is */
  | { readonly kind: 'sentence'; readonly output: string };

/** What a graph offers: names of its outputs. */
export interface GraphOutputs {
  /** token vectors of the last layer; `null` when the graph gives sentence vectors only */
  readonly lastLayer: string | null;
  /** the model's own head on [CLS] */
  readonly pooler: string | null;
  /** vectors that the graph has pooled itself */
  readonly sentence: string | null;
}

/** TensorProto.DataType of numbers that can be pooled; 0 where the file does not say. */
const floatTypes = [0, 1, 10, 11];

/** Names of outputs with numbers per token or sentence that are no vectors of them: a vocabulary's scores, a classifier's, attention weights, a decoder's state. */
const otherNumbers = /logits|scores?|prob|loss|relevance|attention|past|present/i;

/** What exporters call the token vectors of the last layer, and the vectors of sentences. */
const tokenNames = ['last_hidden_state', 'token_embeddings', 'encoder_last_hidden_state', 'hidden_states'];
const sentenceNames = ['sentence_embedding', 'sentence_embeddings', 'text_embeds', 'pooler_output'];

/**
 * Outputs are known by name; one of another name is taken where it is the only one of its shape.
 * @throws IsoscopeError `encoder` when no output is, with certainty, a vector per token or per sentence
 */
export function readGraphOutputs(outputs: readonly OnnxValue[], file: string): GraphOutputs {
  const vectors = outputs.filter(
    ({ elementType, name }) => floatTypes.includes(elementType) && !otherNumbers.test(name),
  );
  const find = (rank: number, names: readonly string[]) => {
    const named = names.map((name) => vectors.find((output) => output.name === name && (output.rank ?? rank) === rank));
    const known = named.find((output) => output);
    const others = vectors.filter((output) => output.rank === rank);
    return (known ?? (others.length === 1 ? others[0] : undefined))?.name ?? null;
  };
  const lastLayer = find(3, tokenNames);
  const pooler = vectors.find(({ name }) => name === 'pooler_output')?.name ?? null;
  const sentence = find(2, sentenceNames);
  if (lastLayer === null && sentence === null) {
    const named = outputs.map(({ name }) => name).join(', ');
    throw new IsoscopeError(
      'encoder',
      `${file} gives no vectors per token or sentence (its outputs: ${named}): export the model for feature extraction.`,
    );
  }
  return { lastLayer, pooler, sentence };
}

/** Outputs of the blocks, by number (0 = embedding output … `count`). */
export interface BlockOutputs {
  /** as config.json says; 0 when it does not */
  readonly count: number;
  /** whether all of them can be found in the graph with certainty */
  readonly areFound: boolean;
  /** @throws IsoscopeError `encoder` when it cannot be found in the graph with certainty */
  outputOf(block: number): string;
}

export function readBlockOutputs(graph: OnnxGraph, lastLayer: string, count: number, file: string): BlockOutputs {
  const inputs = lastLayer === '' ? [] : findBlockInputs(graph, lastLayer);
  const areFound = inputs.length === count && count > 0;
  return {
    count,
    areFound,
    outputOf(block) {
      if (block === count) return lastLayer;
      if (areFound) return inputs[block];
      throw new IsoscopeError(
        'encoder',
        `The inner layers of ${file} cannot be told with certainty (${inputs.length} blocks with attention are found, config.json speaks of ${count}): use the last layer.`,
      );
    },
  };
}

/** Layers and poolings that a graph can serve. */
export function readOffer(outputs: GraphOutputs, blocks: BlockOutputs): Omit<EncoderOffer, 'ownPooling'> {
  if (outputs.lastLayer === null) return { layerCount: null, poolings: [] };
  return {
    layerCount: blocks.areFound ? blocks.count : null,
    poolings: poolings.filter((pooling) => {
      if (pooling === 'pooler') return outputs.pooler !== null;
      return blocks.areFound || !(pooling === 'first-last' || pooling === 'last-2');
    }),
  };
}

/**
 * @param layer "last" or a block number; ignored by the poolings that name their own layers
 * @throws IsoscopeError `encoder` when the graph does not offer it, `usage` for a layer that the model does not have
 */
export function chooseRecipe(
  layer: 'last' | number,
  pooling: Pooling,
  graph: GraphOutputs,
  blocks: BlockOutputs,
  file: string,
): VectorRecipe {
  if (pooling === 'pooler') {
    if (graph.pooler !== null && (layer === 'last' || layer === blocks.count))
      return { kind: 'sentence', output: graph.pooler };
    throw new IsoscopeError(
      'encoder',
      graph.pooler === null
        ? `${file} does not give the output of the pooler (pooler_output): choose another pooling, e.g. cls or mean.`
        : `The pooler belongs to the last layer: it has no output for layer ${layer}.`,
    );
  }
  if (graph.lastLayer === null) {
    throw new IsoscopeError(
      'encoder',
      `${file} gives pooled vectors only: another pooling or layer needs an export with last_hidden_state.`,
    );
  }
  const { lastLayer } = graph;
  switch (pooling) {
    case 'first-last':
      return { kind: 'tokens', outputs: [blocks.outputOf(Math.min(1, blocks.count)), lastLayer], pooling: 'mean' };
    case 'last-2':
      return { kind: 'tokens', outputs: [blocks.outputOf(Math.max(0, blocks.count - 1)), lastLayer], pooling: 'mean' };
    default:
      return { kind: 'tokens', outputs: [layer === 'last' ? lastLayer : blocks.outputOf(layer)], pooling };
  }
}

/**
 * The layer of the command line's spelling: "last", or a block number 0 … `count`.
 * @throws IsoscopeError `usage`
 */
export function parseLayer(layer: string | number | undefined, count: number): 'last' | number {
  if (layer === undefined || layer === 'last') return 'last';
  if (count === 0)
    throw new IsoscopeError(
      'usage',
      'The layer must be "last": config.json does not say how many blocks the model has.',
    );
  const block = typeof layer === 'number' ? layer : /^\d+$/.test(layer) ? Number(layer) : NaN;
  if (Number.isInteger(block) && block >= 0 && block <= count) return block;
  throw new IsoscopeError('usage', `The layer must be "last" or a block number from 0 to ${count}, not "${layer}".`);
}

/** Outputs of the graph that a recipe reads, each once. */
export function outputsOf(recipe: VectorRecipe): readonly string[] {
  return recipe.kind === 'tokens' ? [...new Set(recipe.outputs)] : [recipe.output];
}
