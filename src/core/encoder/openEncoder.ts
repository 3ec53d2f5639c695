import type { EncoderChoice } from '../protocol/engineProtocol';
import type { ModelSession, Runtime } from '../runtime/runtime';
import type { Encoder } from './encoder';
import { isEndpointAddress } from './endpoint/endpointAddress';
import { openEndpointEncoder } from './endpoint/endpointEncoder';
import { weightsFolder } from './encoderIdentity';
import { collectParts } from './encoderParts';
import { modelNotes, planEncoder, readModelFacts, type EncoderPlan, type ModelFacts } from './encoderPlan';
import { summarizeEncoder } from './encoderSummary';
import { createModelEncoder, type ModelEncoderOptions } from './layers/modelEncoder';
import { createModelPool, type ModelPool } from './layers/modelPool';
import { embeddedModelFolder, readModelFolder, readShippedFolder, type ModelFolder } from './modelFolder';
import { createOnnxEncoder, type EncoderParts } from './onnxEncoder';
import { exposeTensors } from './onnx/exposeTensors';
import { readOnnxGraph, type OnnxGraph } from './onnx/onnxGraph';
import { openStaticEncoder, type OpenStaticOptions } from './static/openStaticEncoder';
import { outputsOf } from './vectorRecipe';

/** How an encoder is opened; nothing of it decides a vector. */
export interface OpenEncoderOptions extends ModelEncoderOptions, OpenStaticOptions {
  /** models that other encoders may have open already; default: none */
  readonly models?: ModelPool | undefined;
}

/**
 * Opens the encoder of a choice: `embedded`, a model folder in the layout of the Hugging Face hub, static vectors (a file of GloVe or word2vec, a folder of Model2Vec),
 * the address of an endpoint.
 * @throws IsoscopeError `encoder` that names the file that is missing, damaged or unusable and the way on; `usage` for a layer, pooling, variant or prompt that it does not have;
 * AbortError
 */
export async function openEncoder(
  choice: EncoderChoice,
  runtime: Runtime,
  options: OpenEncoderOptions = {},
): Promise<Encoder> {
  if (isEndpointAddress(choice.encoder)) {
    return openEndpointEncoder(choice, { signal: options.signal, threads: runtime.threads });
  }
  const staticEncoder = choice.encoder === 'embedded' ? null : await openStaticEncoder(choice, runtime, options);
  if (staticEncoder) return staticEncoder;
  const borrowed = await (options.models ?? createModelPool(runtime)).borrow(choice);
  try {
    return await createModelEncoder(choice, borrowed, runtime, options);
  } catch (error) {
    await borrowed.release();
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
  const graph = readOnnxGraph(folder.graph.bytes, `${folder.path}/${folder.graphFile}`);
  const facts = await readModelFacts(folder, graph);
  const plan = await planEncoder(choice, facts, runtime);
  const session = await openSession(folder, facts, plan, runtime);
  try {
    return { folder, graph, plan, parts: collectParts(folder, graph, plan, session) };
  } catch (error) {
    await session.release();
    throw error;
  }
}

/** From the bytes that were checked, with the inner tensors that are wanted among its outputs. */
function openSession(
  { graph: { bytes } }: ModelFolder,
  { folder, graph, graphPath }: ModelFacts,
  { recipe }: EncoderPlan,
  runtime: Runtime,
): Promise<ModelSession> {
  return runtime.open(exposeTensors(bytes, graph, outputsOf(recipe)), {
    name: graphPath,
    ...(graph.externalFiles.length > 0 && { weightsFolder: weightsFolder(folder) }),
  });
}

/** The encoder of an opened folder, which takes over its session. @throws IsoscopeError `encoder` when the graph does not run */
export async function assemble({ folder, graph, plan, parts }: OpenedFolder, runtime: Runtime): Promise<Encoder> {
  const notes = [...plan.notes, ...modelNotes({ folder, graph })];
  // Not through `folder`: a function that lives as long as the encoder would keep the bytes of the graph alive.
  const named = { id: folder.id, graph: { sha256: folder.graph.sha256 } };
  const { identity, offer, settings } = plan;
  return createOnnxEncoder(parts, identity, { notes, offer }, (dimension) =>
    summarizeEncoder(named, settings, runtime, dimension),
  );
}
