import path from 'node:path';
import type { EncoderChoice, EncoderOffer } from '../protocol/engineProtocol';
import type { Note } from '../protocol/snapshot';
import type { Runtime } from '../runtime/runtime';
import { tokenBudget } from './batching';
import { readDenseLayer, unitLengthLayer, type HeadLayer } from './dense';
import { hashWeights, identifyEncoder } from './encoderIdentity';
import { numberAt, objectAt, type JsonObject } from './jsonObject';
import type { ModelFolder } from './modelFolder';
import type { OnnxGraph } from './onnx/onnxGraph';
import { choosePooling } from './poolingChoice';
import { choosePrefix } from './sentenceModules';
import {
  chooseRecipe,
  parseLayer,
  readBlockOutputs,
  readGraphOutputs,
  readOffer,
  type BlockOutputs,
  type GraphOutputs,
  type VectorRecipe,
} from './vectorRecipe';

/** Where no file names a limit: what most encoders were trained with. */
const ASSUMED_MAX_TOKENS = 512;

/** A model folder without the bytes of its graph: what lives as long as an encoder. */
export type FolderFacts = Omit<ModelFolder, 'graph'> & { readonly graph: { readonly sha256: string } };

/** What is known of a model before its graph is loaded, the same for all layers and poolings. */
export interface ModelFacts {
  readonly folder: FolderFacts;
  readonly graph: OnnxGraph;
  /** absolute or as the folder was named */
  readonly graphPath: string;
  readonly outputs: GraphOutputs;
  readonly blocks: BlockOutputs;
  /** sha256 of the files of weights beside the graph */
  readonly weightHashes: readonly string[];
  /** the layers after the pooling; read when they are wanted first */
  readonly readHead: () => Promise<readonly HeadLayer[]>;
}

/** @throws IsoscopeError `encoder` for a graph without vectors among its outputs, or a missing file of weights */
export async function readModelFacts(folder: FolderFacts, graph: OnnxGraph): Promise<ModelFacts> {
  const graphPath = path.join(folder.path, folder.graphFile);
  const outputs = readGraphOutputs(graph.outputs, graphPath);
  let head: Promise<readonly HeadLayer[]> | undefined;
  return {
    folder,
    graph,
    graphPath,
    outputs,
    blocks: readBlockOutputs(graph, outputs.lastLayer ?? '', countBlocks(folder.config), graphPath),
    weightHashes: await hashWeights(folder, graph),
    readHead: () => (head ??= readHead(folder)),
  };
}

function readHead({ path: place, modules, wayOn }: FolderFacts): Promise<readonly HeadLayer[]> {
  return Promise.all(
    modules.head.map(async (module) =>
      module.kind === 'dense' ? readDenseLayer(place, module.folder, wayOn) : unitLengthLayer,
    ),
  );
}

/** Names of the number of blocks in config.json, by family: BERT and most others; DistilBERT, MPT; GPT-2, NomicBERT; T5; BART. */
const blockCountKeys = ['num_hidden_layers', 'n_layers', 'n_layer', 'num_layers', 'encoder_layers'];

/** 0 when config.json does not say. */
function countBlocks(config: JsonObject): number {
  // A model of text and something else describes its parts apart.
  const places = [config, objectAt(config, 'text_config')];
  const count = places
    .flatMap((place) => blockCountKeys.map((key) => numberAt(place, key)))
    .find((n) => n !== undefined);
  return count !== undefined && Number.isInteger(count) && count > 0 ? count : 0;
}

/** How sentences become vectors. */
export interface EncoderPlan {
  readonly recipe: VectorRecipe;
  readonly settings: EncoderSettings;
  readonly identity: string;
  readonly notes: readonly Note[];
  readonly offer: EncoderOffer;
  /** tokens of a batch */
  readonly budget: number;
}

export interface EncoderSettings {
  readonly layer: 'last' | number;
  readonly pooling: string;
  readonly isNormalized: boolean;
  readonly prefix: string;
  readonly maxTokens: number;
  readonly head: readonly HeadLayer[];
  readonly backend: string;
}

/**
 * What is to be done, from the folder's files and the choice: everything that can be refused before the graph is loaded.
 * @throws IsoscopeError `encoder`, `usage` as `openEncoder`
 */
export async function planEncoder(
  choice: EncoderChoice,
  { folder, graphPath, outputs, blocks, weightHashes, readHead }: ModelFacts,
  { backend }: Pick<Runtime, 'backend'>,
): Promise<EncoderPlan> {
  const { config, modules } = folder;
  const layer = parseLayer(choice.layer, blocks.count);
  const isLast = layer === 'last' || layer === blocks.count;
  const { pooling, isOwn, notes } = choosePooling(choice, folder, outputs, isLast);
  const recipe: VectorRecipe =
    pooling === null
      ? { kind: 'sentence', output: outputs.sentence! }
      : chooseRecipe(layer, pooling, outputs, blocks, graphPath);
  const namesItsLayers = pooling === 'first-last' || pooling === 'last-2';
  const settings: EncoderSettings = {
    layer: namesItsLayers ? 'last' : layer,
    pooling: pooling ?? 'graph',
    isNormalized: choice.normalize === 'yes' || (choice.normalize !== 'no' && isOwn && modules.isNormalized),
    prefix: choosePrefix(folder.prompts, choice.prefix),
    maxTokens: folder.maxTokens ?? ASSUMED_MAX_TOKENS,
    // A graph that pools has the Dense layers inside.
    head: isOwn && pooling !== null ? await readHead() : [],
    backend,
  };
  return {
    recipe,
    settings,
    // The last block has two names, and one vector.
    identity: identifyEncoder(folder, weightHashes, { ...settings, layer: isLast ? 'last' : settings.layer }),
    notes: [...notes, ...(namesItsLayers && !isLast ? [ownLayersNote(pooling, layer)] : [])],
    offer: { ...readOffer(outputs, blocks), ownPooling: modules.pooling ?? null },
    budget: tokenBudget(blocks.count, numberAt(config, 'hidden_size') ?? 0),
  };
}

function ownLayersNote(pooling: 'first-last' | 'last-2', layer: number | string): Note {
  const layers = pooling === 'first-last' ? 'the first block and the last' : 'the last two blocks';
  const message = `Pooling ${pooling} averages ${layers}: that layer ${layer} was chosen has no effect.`;
  return { code: 'layer-without-effect', message };
}

/** Operators that take one scale for a whole batch: with them a vector depends on the other sentences. */
const batchDependentOperators = ['DynamicQuantizeLinear', 'DynamicQuantizeMatMul', 'DynamicQuantizeLSTM'];

export function isBatchDependent({ operators }: OnnxGraph): boolean {
  return batchDependentOperators.some((operator) => operators.has(operator));
}

/** What a reader should know of the model, whatever is chosen. */
export function modelNotes({ folder, graph }: Pick<ModelFacts, 'folder' | 'graph'>): Note[] {
  const notes: Note[] = [];
  if (isBatchDependent(graph)) {
    const message =
      'The graph quantises its activations per batch (DynamicQuantizeLinear): sentences are encoded one at a time, so that a vector does not depend on the others.';
    notes.push({ code: 'one-by-one', message });
  }
  if (folder.maxTokens === null) {
    const message = `The model folder names no maximum length: sentences are cut at ${ASSUMED_MAX_TOKENS} tokens.`;
    notes.push({ code: 'assumed-max-tokens', message });
  }
  return notes;
}
