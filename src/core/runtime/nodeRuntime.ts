import type * as Ort from 'onnxruntime-node';
import path from 'node:path';
import { failureMessage, IsoscopeError } from '../protocol/errors';
import type { ModelSession, OpenOptions, Runtime, Tensor } from './runtime';
import { describeTensor, fromOrtTensor, toOrtTensor } from './ortTensors';
import { physicalCores } from './threads';

type OrtModule = typeof Ort;

export interface NodeRuntimeOptions {
  /** threads of one run; default: the physical cores */
  readonly threads?: number;
}

/**
 * ONNX Runtime's native library. It is loaded here and not when Isoscope starts: it takes 20 MB and does not exist for every platform.
 * @throws IsoscopeError `engine` where the native library cannot be loaded, `usage` when `threads` is not a whole number ≥ 1
 */
export async function openNodeRuntime(options: NodeRuntimeOptions = {}): Promise<Runtime> {
  const threads = checkThreads(options.threads ?? physicalCores());
  const ort = await loadOrt();
  return {
    backend: 'cpu',
    threads,
    open: (model, openOptions = {}) => openSession(ort, model, { threads, ...openOptions }),
  };
}

function checkThreads(threads: number): number {
  if (Number.isInteger(threads) && threads >= 1) return threads;
  throw new IsoscopeError('usage', `Threads must be a whole number from 1, not ${String(threads)}.`);
}

async function loadOrt(): Promise<OrtModule> {
  try {
    const ort = await import('onnxruntime-node');
    // What it would print on standard error arrives as an exception, too.
    ort.env.logLevel = 'fatal';
    return ort;
  } catch (error) {
    throw new IsoscopeError(
      'engine',
      `ONNX Runtime has no native library that loads on ${process.platform}-${process.arch} (${firstLine(error)}); ` +
        'Isoscope runs on Linux x64 and arm64 with glibc 2.28 or newer, on macOS arm64 and on Windows x64 and arm64.',
      { cause: error },
    );
  }
}

async function openSession(ort: OrtModule, model: Uint8Array | string, options: OpenOptions): Promise<ModelSession> {
  const name = options.name ?? (typeof model === 'string' ? path.basename(model) : 'the model');
  const settings = sessionSettings(checkThreads(options.threads ?? 1), options.weightsFolder);
  try {
    const session =
      typeof model === 'string'
        ? await ort.InferenceSession.create(model, settings)
        : await ort.InferenceSession.create(model, settings);
    return new NodeModelSession(ort, session, name);
  } catch (error) {
    if (isOutOfMemory(error)) throw outOfMemory(name, error);
    throw new IsoscopeError('encoder', `${name} cannot be loaded as an ONNX model: ${firstLine(error)}`, {
      cause: error,
    });
  }
}

function sessionSettings(threads: number, weightsFolder: string | undefined): Ort.InferenceSession.SessionOptions {
  return {
    executionProviders: ['cpu'],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    logSeverityLevel: 4,
    // Waiting threads sleep instead of spinning. Measured with the embedded encoder, 2 threads on 2 cores: no difference on an idle machine, and on a busy one
    // a batch takes 0.3 s instead of 1.1 s, because a spinning thread takes the core from the one it waits for.
    extra: {
      session: {
        intra_op: { allow_spinning: '0' },
        // Without it ONNX Runtime looks for external weights of a model in memory in the working directory only.
        ...(weightsFolder !== undefined && { model_external_initializers_file_folder_path: weightsFolder }),
      },
    },
  };
}

type Fetches = NonNullable<Parameters<ModelSession['run']>[1]>;

/** Runs take turns by construction (each blocks the thread); `release` waits for those already asked for. */
class NodeModelSession implements ModelSession {
  readonly inputs;
  readonly outputs;
  private released: Promise<void> | undefined;
  private readonly pending = new Set<Promise<unknown>>();
  private readonly ort: OrtModule;
  private readonly session: Ort.InferenceSession;
  private readonly name: string;

  constructor(ort: OrtModule, session: Ort.InferenceSession, name: string) {
    this.ort = ort;
    this.session = session;
    this.name = name;
    this.inputs = session.inputMetadata.map(describeTensor);
    this.outputs = session.outputMetadata.map(describeTensor);
  }

  async run(feeds: Readonly<Record<string, Tensor>>, fetches?: Fetches): Promise<Record<string, Tensor>> {
    if (this.released) throw new IsoscopeError('engine', `${this.name} is closed already and cannot run.`);
    const running = this.runOpen(feeds, fetches);
    this.pending.add(running);
    try {
      return await running;
    } finally {
      this.pending.delete(running);
    }
  }

  private toNative(tensors: Readonly<Record<string, Tensor>>): Record<string, Ort.Tensor> {
    return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, toOrtTensor(this.ort, tensor)]));
  }

  release(): Promise<void> {
    this.released ??= Promise.allSettled(this.pending).then(() => this.session.release());
    return this.released;
  }

  private async runOpen(feeds: Readonly<Record<string, Tensor>>, fetches: Fetches | undefined) {
    try {
      const native = this.toNative(feeds);
      if (fetches !== undefined && !isNames(fetches)) {
        // Results that it makes of them are copies, and garbage at once.
        await this.session.run(native, this.toNative(fetches));
        return { ...fetches };
      }
      const results = fetches ? await this.session.run(native, fetches) : await this.session.run(native);
      const tensors: Record<string, Tensor> = {};
      for (const [output, tensor] of Object.entries(results)) tensors[output] = fromOrtTensor(output, tensor);
      return tensors;
    } catch (error) {
      if (error instanceof IsoscopeError) throw error;
      if (isOutOfMemory(error)) throw outOfMemory(this.name, error);
      throw new IsoscopeError('engine', `${this.name} failed while running: ${firstLine(error)}`, { cause: error });
    }
  }
}

function isNames(fetches: Fetches): fetches is readonly string[] {
  return Array.isArray(fetches);
}

function isOutOfMemory(error: unknown): boolean {
  return /bad_alloc|failed to allocate memory|allocation failed|out of memory/i.test(failureMessage(error));
}

function outOfMemory(name: string, cause: unknown): IsoscopeError {
  return new IsoscopeError('out-of-memory', `There is not enough memory to run ${name}.`, { cause });
}

/** ONNX Runtime's messages run over several lines; the first one names the fault. */
function firstLine(error: unknown): string {
  return failureMessage(error).trim().split('\n', 1)[0] ?? '';
}
