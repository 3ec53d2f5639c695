import { createHash } from 'node:crypto';
import path from 'node:path';
import { IsoscopeError } from '../protocol/errors';
import type { HeadLayer } from './dense';
import type { FolderFacts } from './encoderPlan';
import type { ModelFolder } from './modelFolder';
import { describeFileDisguise, hashFile } from './modelFiles';
import type { OnnxGraph } from './onnx/onnxGraph';

/** The settings that decide a vector, beside the model's files. */
export interface DecisiveSettings {
  readonly layer: string | number;
  readonly pooling: string;
  readonly isNormalized: boolean;
  readonly prefix: string;
  readonly maxTokens: number;
  readonly head: readonly HeadLayer[];
  readonly backend: string;
}

/** Raised whenever this program makes other vectors of the same files and settings: vectors on disk outlive it. */
const ENCODING_VERSION = 1;

/** sha256 of all that decides a vector: files and settings. */
export function identifyEncoder(
  folder: FolderFacts,
  weightHashes: readonly string[],
  settings: DecisiveSettings,
): string {
  const { sha256, lowersText, truncationSide, padToken } = folder.tokenizer;
  const { model_type: modelType, pad_token_id: padId } = folder.config;
  const decisive = {
    version: ENCODING_VERSION,
    ...settings,
    head: settings.head.map((layer) => layer.sha256),
    graph: [folder.graph.sha256, ...weightHashes],
    tokenizer: [sha256, lowersText, truncationSide, padToken, padId, modelType],
    poolsPrompt: folder.modules.poolsPrompt,
  };
  return createHash('sha256').update(JSON.stringify(decisive)).digest('hex');
}

/** sha256 of the files of weights beside a graph. @throws IsoscopeError `encoder` when one is missing, or lies elsewhere */
export function hashWeights(folder: FolderFacts, graph: OnnxGraph): Promise<string[]> {
  const place = weightsFolder(folder);
  return Promise.all(
    graph.externalFiles.map(async (file) => {
      const location = path.resolve(place, file);
      if (!location.startsWith(place + path.sep)) {
        throw new IsoscopeError(
          'encoder',
          `${folder.graphFile} wants weights from outside its folder (${file}), which is refused.`,
        );
      }
      const relative = path.posix.join(path.posix.dirname(folder.graphFile), file);
      const disguise = await describeFileDisguise(location).catch(() => undefined);
      if (disguise !== undefined) {
        throw new IsoscopeError(
          'encoder',
          `${location}, which holds weights of ${folder.graphFile}, is ${disguise}: ${folder.wayOn(relative)}.`,
        );
      }
      try {
        return await hashFile(location);
      } catch (cause) {
        throw new IsoscopeError(
          'encoder',
          `${location}, which holds weights of ${folder.graphFile}, is missing: ${folder.wayOn(relative)}.`,
          { cause },
        );
      }
    }),
  );
}

/** Where weights lie that are not in the graph's file itself. */
export function weightsFolder(folder: Pick<ModelFolder, 'path' | 'graphFile'>): string {
  return path.dirname(path.resolve(folder.path, folder.graphFile));
}
