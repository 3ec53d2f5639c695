import { IsoscopeError } from '../protocol/errors';
import type { TensorInfo } from '../runtime/runtime';
import type { Pooling, TokenPooling } from './pooling';

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

/** @throws IsoscopeError `encoder` when no output is a vector per token or per sentence */
export function readGraphOutputs(outputs: readonly TensorInfo[], file: string): GraphOutputs {
  const vectors = outputs.filter(({ type }) => type === 'float32' || type === 'float16' || type === 'float64');
  const ofRank = (rank: number, names: readonly string[]) => {
    const fitting = vectors.filter(({ shape }) => shape.length === rank);
    return (
      names.map((name) => fitting.find((output) => output.name === name)).find((output) => output) ?? fitting.at(0)
    );
  };
  const lastLayer = ofRank(3, ['last_hidden_state', 'token_embeddings'])?.name ?? null;
  const pooler = vectors.find(({ name }) => name === 'pooler_output')?.name ?? null;
  const sentence = ofRank(2, ['sentence_embedding'])?.name ?? null;
  if (lastLayer === null && sentence === null) {
    const named = outputs.map(({ name }) => name).join(', ');
    throw new IsoscopeError(
      'encoder',
      `${file} gives no vectors per token or sentence (its outputs: ${named}): export the model for feature extraction.`,
    );
  }
  return { lastLayer, pooler, sentence };
}

/** The outputs of blocks, by number (0 = embedding output … `count`). */
export interface BlockOutputs {
  readonly count: number;
  /** @throws IsoscopeError `encoder` when the block's output cannot be found in the graph with certainty */
  outputOf(block: number): string;
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
  const outputOf = (block: number) => (block === blocks.count ? lastLayer : blocks.outputOf(block));
  switch (pooling) {
    case 'first-last':
      return { kind: 'tokens', outputs: [outputOf(1), lastLayer], pooling: 'mean' };
    case 'last-2':
      return { kind: 'tokens', outputs: [outputOf(blocks.count - 1), lastLayer], pooling: 'mean' };
    default:
      return { kind: 'tokens', outputs: [layer === 'last' ? lastLayer : outputOf(layer)], pooling };
  }
}

/**
 * The layer of the command line's spelling: "last", or a block number 0 … `count`.
 * @throws IsoscopeError `usage`
 */
export function parseLayer(layer: string | number | undefined, count: number): 'last' | number {
  if (layer === undefined || layer === 'last') return 'last';
  const block = typeof layer === 'number' ? layer : /^\d+$/.test(layer) ? Number(layer) : NaN;
  if (Number.isInteger(block) && block >= 0 && block <= count) return block;
  throw new IsoscopeError('usage', `The layer must be "last" or a block number from 0 to ${count}, not "${layer}".`);
}
