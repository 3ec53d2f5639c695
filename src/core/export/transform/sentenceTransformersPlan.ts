import { existsSync } from 'node:fs';
import path from 'node:path';
import { isJsonObject, type JsonObject, textAt } from '../../encoder/jsonObject';
import { readJsonValue, readOptionalJson } from '../../encoder/modelFiles';
import type { OpenedFolder } from '../../encoder/openEncoder';
import { type TokenPooling, tokenPoolings } from '../../encoder/pooling';
import type { HeadModule } from '../../encoder/sentenceModules';
import { readGraphOutputs } from '../../encoder/vectorRecipe';
import type { EncoderChoice } from '../../protocol/engineProtocol';
import { IsoscopeError } from '../../protocol/errors';
import type { Transform } from '../../transform/transform';
import { encodeSafetensors } from './safetensors';
import { type AffineStep, foldedBias, stepsOf } from './steps';

/** What a sentence-transformers folder with a transform consists of beside the model's own files. */
export interface FolderPlan {
  /** files that are new or replaced, by their path in the folder */
  readonly files: ReadonlyMap<string, readonly (string | Uint8Array)[]>;
  /** modules that were added, in order */
  readonly added: readonly HeadModule[];
  /** kinds of all modules, in order, for people */
  readonly order: readonly string[];
}

interface Module {
  readonly kind: string;
  readonly path: string;
  readonly type: string;
}

type Files = Map<string, readonly (string | Uint8Array)[]>;

const POOLING_FLAGS: Readonly<Record<TokenPooling, string>> = {
  cls: 'pooling_mode_cls_token',
  max: 'pooling_mode_max_tokens',
  mean: 'pooling_mode_mean_tokens',
  'mean-sqrt-len': 'pooling_mode_mean_sqrt_len_tokens',
  'weighted-mean': 'pooling_mode_weightedmean_tokens',
  'last-token': 'pooling_mode_lasttoken',
};

/** @throws IsoscopeError `usage` where sentence-transformers has no module for what the encoder does */
export async function planFolder(
  transform: Transform,
  choice: EncoderChoice,
  opened: OpenedFolder,
  dimension: number,
): Promise<FolderPlan> {
  const pooling = requirePooling(opened);
  const { folder, plan } = opened;
  const files: Files = new Map();
  const listed = await readModules(opened);
  const isNewStyle = listed.some(({ type }) => type.includes('.base.modules.'));
  const typeOf = (kind: 'Dense' | 'Normalize') =>
    `sentence_transformers.${isNewStyle ? `base.modules.${kind.toLowerCase()}` : 'models'}.${kind}`;
  const modules = encoderModules(listed, opened, pooling, dimension, files);
  const add = (kind: 'Dense' | 'Normalize') => {
    const module = { kind, path: freePlace(folder.path, modules, kind), type: typeOf(kind) };
    modules.push(module);
    return module.path;
  };
  if (plan.settings.isNormalized && modules.at(-1)?.kind !== 'Normalize') add('Normalize');
  const added: HeadModule[] = [];
  for (const step of stepsOf(transform)) {
    if (step.kind === 'unit-length') {
      add('Normalize');
      added.push({ kind: 'unit-length' });
      continue;
    }
    const place = add('Dense');
    for (const [file, parts] of denseFiles(step, transform.spec)) files.set(`${place}/${file}`, parts);
    added.push({ kind: 'dense', folder: place });
  }
  files.set('modules.json', [
    `${JSON.stringify(
      modules.map(({ path: place, type }, idx) => ({ idx, name: String(idx), path: place, type })),
      null,
      2,
    )}\n`,
  ]);
  await planSettings(choice, opened, files);
  return { files, added, order: modules.map(({ kind }) => kind) };
}

/** The pooling, of the last layer's tokens: all that sentence-transformers knows. */
function requirePooling({ folder, graph, plan }: OpenedFolder): TokenPooling {
  const { recipe, settings } = plan;
  const { lastLayer } = readGraphOutputs(graph.outputs, folder.graphFile);
  const isLastLayer = recipe.kind === 'tokens' && recipe.outputs.length === 1 && recipe.outputs[0] === lastLayer;
  const pooling = tokenPoolings.find((known) => known === settings.pooling);
  if (isLastLayer && pooling !== undefined) return pooling;
  const why =
    settings.pooling === 'graph'
      ? `the graph ${folder.graphFile} pools its tokens itself`
      : `sentence-transformers pools the tokens of the last layer, not ${settings.layer === 'last' ? settings.pooling : `layer ${settings.layer}`}`;
  throw new IsoscopeError(
    'usage',
    `There is no sentence-transformers folder for this encoder, because ${why}: use --to onnx --merge.`,
  );
}

async function readModules({ folder }: OpenedFolder): Promise<readonly Module[]> {
  if (!folder.modules.isSentenceTransformer) return [];
  const { value } = await readJsonValue(folder.path, 'modules.json', folder.wayOn);
  return (Array.isArray(value) ? value.filter(isJsonObject) : []).map((entry) => {
    const type = textAt(entry, 'type') ?? '';
    return { kind: type.split('.').at(-1) ?? '', path: textAt(entry, 'path') ?? '', type };
  });
}

/** The modules up to the transform: the folder's own where its own pooling is used, else a transformer and the pooling that was chosen. */
function encoderModules(
  listed: readonly Module[],
  { folder, plan }: OpenedFolder,
  pooling: TokenPooling,
  dimension: number,
  files: Files,
): Module[] {
  const { modules } = folder;
  if (modules.pooling === pooling) {
    const isDropped = modules.isNormalized && !plan.settings.isNormalized;
    return isDropped
      ? listed.slice(
          0,
          listed.findLastIndex(({ kind }) => kind === 'Normalize'),
        )
      : [...listed];
  }
  const transformers = listed.filter(({ kind }) => kind === 'Transformer');
  const kept: Module[] =
    transformers.length > 0
      ? transformers
      : [{ kind: 'Transformer', path: '', type: 'sentence_transformers.models.Transformer' }];
  const place = freePlace(folder.path, kept, 'Pooling');
  const flags = Object.fromEntries(Object.entries(POOLING_FLAGS).map(([name, flag]) => [flag, name === pooling]));
  const config = { word_embedding_dimension: dimension, ...flags, include_prompt: modules.poolsPrompt };
  files.set(`${place}/config.json`, [`${JSON.stringify(config, null, 2)}\n`]);
  return [...kept, { kind: 'Pooling', path: place, type: 'sentence_transformers.models.Pooling' }];
}

/** "2_Dense", or the next number that is free. */
function freePlace(folder: string, modules: readonly Module[], kind: string): string {
  for (let number = modules.length; ; number++) {
    const place = `${number}_${kind}`;
    const isTaken = modules.some((module) => module.path === place) || existsSync(path.join(folder, place));
    if (!isTaken) return place;
  }
}

/** nn.Linear keeps its weights as [outputs, inputs]; the mean is multiplied out into the bias. */
function denseFiles(step: AffineStep, spec: string): [file: string, parts: readonly (string | Uint8Array)[]][] {
  const { inputs, outputs, matrix } = step;
  const weight = new Float32Array(outputs * inputs);
  for (let i = 0; i < inputs; i++) for (let j = 0; j < outputs; j++) weight[j * inputs + i] = matrix[i * outputs + j];
  const bias = Float32Array.from(foldedBias(step));
  if (!weight.every(Number.isFinite) || !bias.every(Number.isFinite)) {
    throw new IsoscopeError(
      'input',
      `"${spec}" holds numbers beyond what float32 can, and a Dense module is float32: fit it with eps or shrinkage, or use --to onnx.`,
    );
  }
  const config = {
    in_features: inputs,
    out_features: outputs,
    bias: true,
    activation_function: 'torch.nn.modules.linear.Identity',
  };
  const tensors = [
    { name: 'linear.bias', shape: [outputs], data: bias },
    { name: 'linear.weight', shape: [outputs, inputs], data: weight },
  ];
  return [
    ['config.json', [`${JSON.stringify(config, null, 2)}\n`]],
    ['model.safetensors', encodeSafetensors(tensors)],
  ];
}

/** Length limit and prompt, as far as the folder does not say them already. */
async function planSettings(choice: EncoderChoice, { folder, plan }: OpenedFolder, files: Files): Promise<void> {
  if (!existsSync(path.join(folder.path, 'sentence_bert_config.json'))) {
    const config = { max_seq_length: plan.settings.maxTokens, do_lower_case: false };
    files.set('sentence_bert_config.json', [`${JSON.stringify(config, null, 2)}\n`]);
  }
  if (choice.prefix === undefined) return;
  const file = 'config_sentence_transformers.json';
  const config: JsonObject = (await readOptionalJson(folder.path, file, folder.wayOn)) ?? {};
  const prompts = isJsonObject(config['prompts']) ? config['prompts'] : {};
  const prompt = promptOf(choice.prefix, plan.settings.prefix);
  const changed = {
    ...config,
    prompts: prompt === null ? prompts : { ...prompts, [prompt]: plan.settings.prefix },
    default_prompt_name: prompt,
  };
  files.set(file, [`${JSON.stringify(changed, null, 2)}\n`]);
}

/** Name of the prompt that is put before every sentence; `null` for none. */
function promptOf(choice: string, prefix: string): string | null {
  if (prefix === '') return null;
  return choice.startsWith('name:') ? choice.slice('name:'.length) : 'isoscope';
}
