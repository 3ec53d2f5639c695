import { npyParts } from '../corpus/npy';
import { createVectorCache } from '../encoder/cache/vectorCache';
import type { Encoder } from '../encoder/encoder';
import { createModelPool } from '../encoder/layers/modelPool';
import { openEncoder } from '../encoder/openEncoder';
import { encodeRemembering, type VectorStore } from '../encoder/rememberVectors';
import { createVectorMemory } from '../encoder/vectorMemory';
import { storedZip, type ZipFile } from '../export/transform/storedZip';
import { IsoscopeError } from '../protocol/errors';
import type { Runtime } from '../runtime/runtime';
import { encodeLayersInto, layersOf } from './allLayers';
import type { EncodeArguments } from './arguments';
import type { CommandIo } from './commandIo';
import { writeResult } from './outputs';

/** What a zip archive can hold without its 64-bit extension. */
const MOST_BYTES = 2 ** 32 - 2 ** 20;

/** `isoscope encode --layer all`: layer_0 … layer_L of a .npz, each one float32 row per sentence. */
export async function encodeAllLayers(
  command: EncodeArguments,
  sentences: readonly string[],
  runtime: Runtime,
  io: CommandIo,
  tell: (encoder: Encoder, truncated: number) => void,
): Promise<void> {
  const models = createModelPool(runtime);
  const { signal, onProgress } = io;
  const onLoading = (done: number, total: number) => {
    onProgress({ stage: 'loading', done, total });
  };
  const last = await openEncoder({ ...command.encoder, layer: 'last' }, runtime, {
    models,
    signal,
    onProgress: onLoading,
  });
  try {
    checkSize(last, sentences.length);
    // Everything has to be in memory in the end: an archive begins with the lengths and checksums of its arrays.
    const store = { memory: createVectorMemory(Infinity), cache: openCache(command, io) };
    const layerCount = await encodeLayersInto(store, last, sentences, io);
    const files: ZipFile[] = [];
    for (let layer = 0; layer <= layerCount; layer++) {
      const encoder = await openEncoder({ ...command.encoder, layer }, runtime, { models });
      try {
        const { vectors, truncatedRows } = await encodeRemembering(encoder, sentences, store, { signal });
        files.push({ path: `layer_${layer}.npy`, parts: npyParts(vectors) });
        if (layer === layerCount) tell(encoder, truncatedRows.length);
      } finally {
        await encoder.dispose();
      }
    }
    store.memory.clear();
    await writeResult(command.out, storedZip(files), io);
  } finally {
    await last.dispose();
  }
}

/** @throws IsoscopeError `usage` before the work, for what the archive could not hold after it */
function checkSize(encoder: Encoder, count: number): void {
  const layers = layersOf(encoder).members.length;
  if (layers * count * encoder.summary.dimension * 4 <= MOST_BYTES) return;
  throw new IsoscopeError(
    'usage',
    `${layers} layers of ${count} sentences are more than the 4 GB that a .npz can hold here: encode them one by one, with --layer 0 and so on.`,
  );
}

/** The disk cache of --cache. */
export function openCache(
  { cacheFolder }: Pick<EncodeArguments, 'cacheFolder'>,
  { say }: Pick<CommandIo, 'say'>,
): VectorStore['cache'] {
  if (cacheFolder === undefined) return null;
  return createVectorCache({
    folder: cacheFolder,
    limitBytes: 2 ** 30,
    log: (line) => {
      say(`isoscope: ${line}`);
    },
  });
}
