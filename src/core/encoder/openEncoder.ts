import { createHash } from 'node:crypto';
import path from 'node:path';
import type { EncoderChoice } from '../protocol/engineProtocol';
import { IsoscopeError } from '../protocol/errors';
import type { Note } from '../protocol/snapshot';
import type { ModelSession, Runtime } from '../runtime/runtime';
import { tokenBudget, type BatchRules } from './batching';
import { readDenseLayer, type DenseLayer } from './dense';
import type { Encoder } from './encoder';
import { readGraphInputs, type GraphInputs } from './graphInputs';
import { numberAt } from './jsonObject';
import { embeddedModelFolder, readModelFolder, readShippedFolder, type ModelFolder } from './modelFolder';
import { hashFile } from './modelFiles';
import { createOnnxEncoder, type EncoderParts } from './onnxEncoder';
import { readOnnxGraph, type OnnxGraph } from './onnx/onnxGraph';
import { poolings, type Pooling } from './pooling';
import { choosePrefix, isPooling, usesOffsetPositions } from './sentenceModules';
import { createTokenizer, type Tokenizer } from './tokenizer/tokenizer';
import { chooseRecipe, parseLayer, readGraphOutputs, type GraphOutputs } from './vectorRecipe';

/** Where no file names a limit: what most encoders were trained with. */
const ASSUMED_MAX_TOKENS = 512;

/**
 * Opens the encoder of a choice: `embedded`, or a model folder in the layout of the Hugging Face hub.
 * @throws IsoscopeError `encoder` that names the file that is missing, damaged or unusable and the way on; `usage` for a layer, pooling, variant or prompt that it does not have
 */
export async function openEncoder(choice: EncoderChoice, runtime: Runtime): Promise<Encoder> {
  const folder =
    choice.encoder === 'embedded'
      ? await readShippedFolder(embeddedModelFolder())
      : await readModelFolder(choice.encoder, choice.variant);
  const graph = readOnnxGraph(folder.graph.bytes, path.join(folder.path, folder.graphFile));
  const session = await openSession(folder, graph, runtime);
  try {
    return await assemble(choice, folder, graph, session, runtime);
  } catch (error) {
    await session.release();
    throw error;
  }
}

/** From the bytes that were checked; from the path where weights lie in files beside the graph, which ONNX Runtime has to find. */
function openSession(folder: ModelFolder, graph: OnnxGraph, runtime: Runtime): Promise<ModelSession> {
  const file = path.join(folder.path, folder.graphFile);
  return runtime.open(graph.externalFiles.length > 0 ? file : folder.graph.bytes, { name: file });
}

async function assemble(
  choice: EncoderChoice,
  folder: ModelFolder,
  graph: OnnxGraph,
  session: ModelSession,
  runtime: Runtime,
): Promise<Encoder> {
  const file = path.join(folder.path, folder.graphFile);
  const maxTokens = folder.maxTokens ?? ASSUMED_MAX_TOKENS;
  const tokenizer = openTokenizer(folder, maxTokens);
  const firstPosition = usesOffsetPositions(folder.config) ? padIdOf(folder, tokenizer) + 1 : 0;
  const inputs = readGraphInputs(session.inputs, file, { padId: padIdOf(folder, tokenizer), firstPosition });
  const outputs = readGraphOutputs(session.outputs, file);
  const blockCount = numberAt(folder.config, 'num_hidden_layers') ?? numberAt(folder.config, 'n_layers') ?? 0;
  const layer = parseLayer(choice.layer, blockCount);
  const way = choosePooling(choice, folder, outputs, layer === 'last' || layer === blockCount);
  const recipe =
    way.pooling === null
      ? ({ kind: 'sentence', output: outputs.sentence! } as const)
      : chooseRecipe(layer, way.pooling, outputs, blocksOf(blockCount, file), file);
  const dense = way.isOwn && way.pooling !== null ? await readDenseLayers(folder) : [];
  const isNormalized =
    choice.normalize === 'yes' || (choice.normalize !== 'no' && way.isOwn && folder.modules.isNormalized);
  const prefix = choosePrefix(folder.prompts, choice.prefix);
  const prepare = (sentence: string) =>
    folder.tokenizer.lowersText ? (prefix + sentence).toLowerCase() : prefix + sentence;
  const isBatchDependent = batchDependentOperators.some((operator) => graph.operators.has(operator));
  const skippedTokens =
    folder.modules.poolsPrompt || prefix === ''
      ? 0
      : tokenizer.encode(prefix).ids.length - tokenizer.encode('').ids.length + 1;
  const parts: EncoderParts = {
    session,
    inputs,
    tokenizer,
    rules: batchRules(
      tokenBudget(blockCount, numberAt(folder.config, 'hidden_size') ?? 0),
      inputs,
      isBatchDependent,
      hasHalfPrecision(graph),
    ),
    recipe,
    dense,
    isNormalized,
    prepare,
    skippedTokens,
    name: file,
  };
  const pooling = way.pooling ?? 'graph';
  const summaryLayer = pooling === 'first-last' || pooling === 'last-2' ? 'last' : layer;
  const identity = await identify(folder, graph, {
    layer,
    pooling,
    isNormalized,
    prefix,
    maxTokens,
    dense,
    backend: runtime.backend,
  });
  const notes = [...way.notes, ...(isBatchDependent ? [oneByOneNote] : []), ...limitNotes(folder)];
  return createOnnxEncoder(parts, identity, notes, (dimension) => ({
    id: folder.id,
    sha256: folder.graph.sha256,
    dimension,
    layer: summaryLayer,
    pooling,
    normalized: isNormalized,
    maxTokens,
    backend: runtime.backend,
    threads: runtime.threads,
  }));
}

function openTokenizer(folder: ModelFolder, maxTokens: number): Tokenizer {
  return createTokenizer(folder.tokenizer.json, { maxTokens, truncationSide: folder.tokenizer.truncationSide });
}

/** The padding token's id. It counts even where the mask hides it: RoBERTa's graphs number positions by the ids that are not it. */
function padIdOf(folder: ModelFolder, tokenizer: Tokenizer): number {
  const { padToken } = folder.tokenizer;
  return (
    (padToken === undefined ? undefined : tokenizer.idOf(padToken)) ?? numberAt(folder.config, 'pad_token_id') ?? 0
  );
}

/** Operators that take one scale for a whole batch: with them a vector depends on the other sentences, so each sentence runs alone. */
const batchDependentOperators = ['DynamicQuantizeLinear', 'DynamicQuantizeMatMul', 'DynamicQuantizeLSTM'];

const oneByOneNote: Note = {
  code: 'one-by-one',
  message:
    'The graph quantises its activations per batch (DynamicQuantizeLinear): sentences are encoded one at a time, so that a vector does not depend on the others.',
};

/** Padding moves the vectors of a float16 graph (5e-4 a number), company of equal length does not. */
function hasHalfPrecision(graph: OnnxGraph): boolean {
  const halfTypes = [10, 16];
  return [...graph.weights.values()].some(({ elementType }) => halfTypes.includes(elementType));
}

function batchRules(
  budget: number,
  inputs: GraphInputs,
  isBatchDependent: boolean,
  isPaddingDependent: boolean,
): BatchRules {
  const { fixedSentences } = inputs;
  if (fixedSentences !== null && fixedSentences !== 1) {
    throw new IsoscopeError(
      'encoder',
      `The graph takes exactly ${fixedSentences} sentences at a time: export the model with a free batch axis.`,
    );
  }
  const isAlone = isBatchDependent || fixedSentences === 1;
  return { tokenBudget: budget, maxSentences: isAlone ? 1 : Infinity, isUnpadded: isPaddingDependent };
}

/** How the vectors are pooled, and whether that is the folder's own way (then its Dense layers and its normalisation belong to it). */
interface PoolingWay {
  /** `null`: the graph has pooled already */
  readonly pooling: Pooling | null;
  readonly isOwn: boolean;
  readonly notes: readonly Note[];
}

function choosePooling(
  choice: EncoderChoice,
  folder: ModelFolder,
  outputs: GraphOutputs,
  isLastLayer: boolean,
): PoolingWay {
  const { modules } = folder;
  const isBare = !modules.isSentenceTransformer;
  if (choice.pooling === undefined) {
    if (outputs.lastLayer === null && isLastLayer) return { pooling: null, isOwn: true, notes: [] };
    if (modules.namedPoolings.length > 1) {
      throw new IsoscopeError(
        'usage',
        `${folder.path} joins several poolings (${modules.namedPoolings.join(', ')}), which Isoscope does not do: choose one of them with --pooling.`,
      );
    }
    return { pooling: modules.pooling ?? 'mean', isOwn: isLastLayer, notes: [] };
  }
  if (!isPooling(choice.pooling)) {
    throw new IsoscopeError('usage', `There is no pooling "${choice.pooling}": choose one of ${poolings.join(', ')}.`);
  }
  const { pooling } = choice;
  const own = modules.pooling ?? (isBare ? 'mean' : null);
  const isOwn = isLastLayer && pooling === own;
  const notes: Note[] = [];
  if (!isBare && own !== null && pooling !== own && isLastLayer) {
    notes.push({
      code: 'other-pooling',
      message: `The model folder says pooling ${own}; the vectors here are pooled with ${pooling}, which the model was not trained for.`,
    });
  }
  return { pooling, isOwn, notes };
}

function blocksOf(count: number, file: string) {
  return {
    count,
    outputOf(block: number): string {
      throw new IsoscopeError(
        'encoder',
        `The output of block ${block} cannot be found in ${file}: choose the last layer.`,
      );
    },
  };
}

function readDenseLayers(folder: ModelFolder): Promise<readonly DenseLayer[]> {
  return Promise.all(folder.modules.denseFolders.map((place) => readDenseLayer(folder.path, place, folder.wayOn)));
}

function limitNotes(folder: ModelFolder): Note[] {
  if (folder.maxTokens !== null) return [];
  const message = `The model folder names no maximum length: sentences are cut at ${ASSUMED_MAX_TOKENS} tokens.`;
  return [{ code: 'assumed-max-tokens', message }];
}

/** sha256 of all that decides a vector. */
async function identify(
  folder: ModelFolder,
  graph: OnnxGraph,
  settings: Readonly<Record<string, unknown>> & { readonly dense: readonly DenseLayer[] },
): Promise<string> {
  const place = path.dirname(path.join(folder.path, folder.graphFile));
  const external = await Promise.all(graph.externalFiles.map((file) => hashFile(path.join(place, file))));
  const { sha256, lowersText, truncationSide } = folder.tokenizer;
  const decisive = {
    ...settings,
    dense: settings.dense.map((layer) => layer.sha256),
    graph: [folder.graph.sha256, ...external],
    tokenizer: [sha256, lowersText, truncationSide],
    poolsPrompt: folder.modules.poolsPrompt,
  };
  return createHash('sha256').update(JSON.stringify(decisive)).digest('hex');
}
