import path from 'node:path';
import { createVectorCache, type VectorCache } from '../encoder/cache/vectorCache';
import { createModelPool } from '../encoder/layers/modelPool';
import { openEncoder, type OpenEncoderOptions } from '../encoder/openEncoder';
import type { Encoder } from '../encoder/encoder';
import { createVectorMemory, type VectorMemory } from '../encoder/vectorMemory';
import { openProducts } from '../linalg/onnxProducts';
import type { Products } from '../linalg/products';
import { warmUpEigenSolver } from '../linalg/symmetricEigenSolver';
import type { EncoderChoice } from '../protocol/engineProtocol';
import { failureReason } from '../protocol/errors';
import { openNodeRuntime } from '../runtime/nodeRuntime';
import type { Runtime } from '../runtime/runtime';

/** What every analysis of a process shares. */
export interface Services {
  readonly runtime: Runtime;
  readonly products: Products;
  /** Opens an encoder, or hands out the open one of the same choice. Owned by the services: do not dispose it. @throws AbortError when the signal says so */
  readonly openEncoder: (choice: EncoderChoice, options?: OpenOptions) => Promise<Encoder>;
  /** vectors of sentences seen before */
  readonly memory: VectorMemory;
  /** the same on disk, from earlier sessions and other processes; `null` without a folder for it */
  readonly cache: VectorCache | null;
  /** for `created` of a snapshot */
  readonly now: () => Date;
  dispose(): Promise<void>;
}

type OpenOptions = Pick<OpenEncoderOptions, 'signal' | 'onProgress'>;

export interface ServicesOptions {
  /** default: physical cores */
  readonly threads?: number | undefined;
  /** of vectors remembered between analyses: 256 MB are 170,000 sentences at d = 384 */
  readonly vectorMemoryBytes?: number;
  /** where vectors are kept for the next session; default: nowhere */
  readonly cacheFolder?: string | undefined;
  /** of all vectors in it; default 1 GB: 650,000 sentences at d = 384 */
  readonly cacheLimitBytes?: number | undefined;
  /** receives a line when something does not work that the result does not depend on */
  readonly log?: (line: string) => void;
  readonly now?: () => Date;
}

/** Models are large and users compare two of them at a time. */
const OPEN_ENCODERS = 2;

/** @throws IsoscopeError `engine` when ONNX Runtime cannot be loaded */
export async function openServices(options: ServicesOptions = {}): Promise<Services> {
  const runtime = await openNodeRuntime(options.threads === undefined ? {} : { threads: options.threads });
  const products = await openProducts(runtime);
  // Before the first analysis waits for it: its first decompositions are three times slower.
  warmUpEigenSolver();
  const cache =
    options.cacheFolder === undefined
      ? null
      : createVectorCache({
          folder: options.cacheFolder,
          limitBytes: options.cacheLimitBytes ?? 2 ** 30,
          log: options.log ?? (() => undefined),
        });
  const models = createModelPool(runtime);
  const encoders = keepNewest(OPEN_ENCODERS, (choice, opening) =>
    openEncoder(choice, runtime, {
      ...opening,
      ...(options.cacheFolder !== undefined && { cacheFolder: path.join(options.cacheFolder, 'word-vectors') }),
      models,
      ...(cache && { dimensionOf: (identity) => cache.dimensionOf(identity) }),
    }),
  );
  return {
    runtime,
    products,
    openEncoder: (choice, opening) => encoders.open(choice, opening),
    memory: createVectorMemory(options.vectorMemoryBytes ?? 256 * 2 ** 20),
    cache,
    now: options.now ?? (() => new Date()),
    dispose: encoders.dispose,
  };
}

/** Keeps the encoders used last open. One that could not be opened is tried anew: its folder may have been mended. */
function keepNewest(limit: number, open: (choice: EncoderChoice, options: OpenOptions) => Promise<Encoder>) {
  const kept = new Map<string, Promise<Encoder>>();
  const close = async (opening: Promise<Encoder>): Promise<void> => {
    const encoder = await opening.catch(() => null);
    await encoder?.dispose();
  };
  const openKept = async (choice: EncoderChoice, options: OpenOptions = {}): Promise<Encoder> => {
    const key = keyOf(choice);
    const opening = kept.get(key) ?? open(choice, options);
    // Taken out and put in again: a Map's first key is the one least recently used.
    kept.delete(key);
    kept.set(key, opening);
    try {
      const encoder = await opening;
      for (const [oldest, unused] of [...kept].slice(0, -limit)) {
        kept.delete(oldest);
        void close(unused);
      }
      return encoder;
    } catch (error) {
      if (kept.get(key) === opening) kept.delete(key);
      // Another one who waited for the same encoder gave up: that is not this one's wish.
      if (failureReason(error) === 'cancelled' && options.signal?.aborted !== true) return openKept(choice, options);
      throw error;
    }
  };
  return {
    open: openKept,
    dispose: async (): Promise<void> => {
      const all = [...kept.values()];
      kept.clear();
      await Promise.all(all.map(close));
    },
  };
}

/** Equal for equal choices, whatever the order of their keys. */
function keyOf({ encoder, variant, layer, pooling, prefix, normalize, endpoint }: EncoderChoice): string {
  const { api, model, dimensions, key } = endpoint ?? {};
  return JSON.stringify([encoder, variant, layer, pooling, prefix, normalize, api, model, dimensions, key]);
}
