import path from 'node:path';
import type { EncoderChoice, EncoderOffer } from '../protocol/engineProtocol';
import { IsoscopeError } from '../protocol/errors';
import type { Note } from '../protocol/snapshot';
import type { ModelSession, Runtime } from '../runtime/runtime';
import { tokenBudget, type BatchRules } from './batching';
import { readDenseLayer, unitLengthLayer } from './dense';
import type { Encoder } from './encoder';
import { identifyEncoder, weightsFolder } from './encoderIdentity';
import { readGraphInputs, type GraphInputs } from './graphInputs';
import { numberAt } from './jsonObject';
import { embeddedModelFolder, readModelFolder, readShippedFolder, type ModelFolder } from './modelFolder';
import { createOnnxEncoder, type EncoderParts } from './onnxEncoder';
import { exposeTensors } from './onnx/exposeTensors';
import { readOnnxGraph, type OnnxGraph } from './onnx/onnxGraph';
import { choosePooling } from './poolingChoice';
import { choosePrefix, usesOffsetPositions } from './sentenceModules';
import { openStaticEncoder } from './static/openStaticEncoder';
import { createTokenizer, type Tokenizer } from './tokenizer/tokenizer';
import {
  chooseRecipe,
  outputsOf,
  parseLayer,
  readBlockOutputs,
  readGraphOutputs,
  readOffer,
  type VectorRecipe,
} from './vectorRecipe';

/** Where no file names a limit: what most encoders were trained with. */
const ASSUMED_MAX_TOKENS = 512;

  const opened = await openFolder(choice, runtime);
  try {
    return await assemble(opened, runtime);
  } catch (error) {
    await opened.parts.session.release();
    throw error;
  }
}

/** A model folder with its graph opened: what an encoder is assembled from, and what an export takes apart. */
export interface OpenedFolder {
  readonly folder: ModelFolder;
  readonly graph: OnnxGraph;
  readonly plan: EncoderPlan;
  readonly parts: EncoderParts;
}

/**
 * Opens the model folder of a choice; its session is the caller's to release.
 * @throws IsoscopeError as `openEncoder` does
 */
export async function openFolder(choice: EncoderChoice, runtime: Runtime): Promise<OpenedFolder> {
  const folder =
    choice.encoder === 'embedded'
      ? await readShippedFolder(embeddedModelFolder())
      : await readModelFolder(choice.encoder, choice.variant);
  const graph = readOnnxGraph(folder.graph.bytes, graphPath(folder));
  const plan = await planEncoder(choice, folder, graph, runtime);
  const session = await openSession(folder, graph, plan.recipe, runtime);
  try {
    return { folder, graph, plan, parts: collectParts(folder, graph, plan, session) };
  } catch (error) {
    await session.release();
    throw error;
  }
}

export type EncoderPlan = Awaited<ReturnType<typeof planEncoder>>;

/** What is to be done, from the folder's files and the choice: everything that can be refused before the graph is loaded. */
async function planEncoder(choice: EncoderChoice, folder: ModelFolder, graph: OnnxGraph, runtime: Runtime) {
  const { config, modules } = folder;
  const file = graphPath(folder);
  const outputs = readGraphOutputs(graph.outputs, file);
  const blockCount =
    numberAt(config, 'num_hidden_layers') ?? numberAt(config, 'n_layers') ?? numberAt(config, 'n_layer') ?? 0;
  const layer = parseLayer(choice.layer, blockCount);
  const { pooling, isOwn, notes } = choosePooling(choice, folder, outputs, layer === 'last' || layer === blockCount);
  const blocks = readBlockOutputs(graph, outputs.lastLayer ?? '', blockCount, file);
  const recipe: VectorRecipe =
    pooling === null
      ? { kind: 'sentence', output: outputs.sentence! }
      : chooseRecipe(layer, pooling, outputs, blocks, file);
  // A graph that pools has the Dense layers inside.
  const headModules = isOwn && pooling !== null ? modules.head : [];
  const namesItsLayers = pooling === 'first-last' || pooling === 'last-2';
  const settings = {
    layer: namesItsLayers ? 'last' : layer,
    pooling: pooling ?? 'graph',
    isNormalized: choice.normalize === 'yes' || (choice.normalize !== 'no' && isOwn && modules.isNormalized),
    prefix: choosePrefix(folder.prompts, choice.prefix),
    maxTokens: folder.maxTokens ?? ASSUMED_MAX_TOKENS,
    head: await Promise.all(
      headModules.map(async (module) =>
        module.kind === 'dense' ? readDenseLayer(folder.path, module.folder, folder.wayOn) : unitLengthLayer,
      ),
    ),
    backend: runtime.backend,
  };
  const identity = await identifyEncoder(folder, graph, settings);
  const offer: EncoderOffer = { ...readOffer(outputs, blocks), ownPooling: modules.pooling ?? null };
  return {
    recipe,
    settings,
    identity,
    notes,
    offer,
    budget: tokenBudget(blockCount, numberAt(config, 'hidden_size') ?? 0),
  };
}

/** From the bytes that were checked, with the inner tensors that are wanted among its outputs. */
function openSession(
  folder: ModelFolder,
  graph: OnnxGraph,
  recipe: VectorRecipe,
  runtime: Runtime,
): Promise<ModelSession> {
  const model = exposeTensors(folder.graph.bytes, graph, outputsOf(recipe));
  const hasWeightsBeside = graph.externalFiles.length > 0;
  return runtime.open(model, {
    name: graphPath(folder),
    ...(hasWeightsBeside && { weightsFolder: weightsFolder(folder) }),
  });
}

/** What turns sentences into vectors with `session`: the folder's graph, or one that was made of it and takes the same tokens. */
export function collectParts(
  folder: ModelFolder,
  graph: OnnxGraph,
  { settings, recipe, budget }: EncoderPlan,
  session: ModelSession,
): EncoderParts {
  const { isNormalized, maxTokens, prefix, head } = settings;
  const { lowersText, truncationSide } = folder.tokenizer;
  const tokenizer = createTokenizer(folder.tokenizer.json, { maxTokens, truncationSide });
  const padId = padIdOf(folder, tokenizer);
  const firstPosition = usesOffsetPositions(folder.config) ? padId + 1 : 0;
  const inputs = readGraphInputs(session.inputs, graphPath(folder), { padId, firstPosition });
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
    name: graphPath(folder),
  };
}

/** The encoder of an opened folder, which owns its session. */
export function assemble({ folder, graph, plan, parts }: OpenedFolder, runtime: Runtime): Promise<Encoder> {
  const { layer, pooling, isNormalized, maxTokens } = plan.settings;
  const notes = [...plan.notes, ...graphNotes(graph), ...limitNotes(folder)];
  // Not through `folder`: a function that lives as long as the encoder would keep the bytes of the graph alive.
  const summary = {
    id: folder.id,
    sha256: folder.graph.sha256,
    layer,
    pooling,
    normalized: isNormalized,
    maxTokens,
    backend: runtime.backend,
    threads: runtime.threads,
  };
  return createOnnxEncoder(parts, plan.identity, { notes, offer: plan.offer }, (dimension) => ({
    ...summary,
    dimension,
  }));
}

function graphPath(folder: ModelFolder): string {
  return path.join(folder.path, folder.graphFile);
}

/** The padding token's id. It counts even where the mask hides it: RoBERTa's graphs number positions by the ids that are not it. */
function padIdOf(folder: ModelFolder, tokenizer: Tokenizer): number {
  const { padToken } = folder.tokenizer;
  return (
    (padToken === undefined ? undefined : tokenizer.idOf(padToken)) ?? numberAt(folder.config, 'pad_token_id') ?? 0
  );
}

/** The prompt's tokens and the special ones before it, as sentence-transformers counts them. */
function countPromptTokens(prefix: string, tokenizer: Tokenizer): number {
  return prefix === '' ? 0 : tokenizer.encode(prefix).ids.length - 1;
}

/** Operators that take one scale for a whole batch: with them a vector depends on the other sentences. */
const batchDependentOperators = ['DynamicQuantizeLinear', 'DynamicQuantizeMatMul', 'DynamicQuantizeLSTM'];

function isBatchDependent({ operators }: OnnxGraph): boolean {
  return batchDependentOperators.some((operator) => operators.has(operator));
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

function graphNotes(graph: OnnxGraph): Note[] {
  if (!isBatchDependent(graph)) return [];
  const message =
    'The graph quantises its activations per batch (DynamicQuantizeLinear): sentences are encoded one at a time, so that a vector does not depend on the others.';
  return [{ code: 'one-by-one', message }];
}

function limitNotes(folder: ModelFolder): Note[] {
  if (folder.maxTokens !== null) return [];
  const message = `The model folder names no maximum length: sentences are cut at ${ASSUMED_MAX_TOKENS} tokens.`;
  return [{ code: 'assumed-max-tokens', message }];
}
