import { IsoscopeError } from '../../protocol/errors';
import type { ModelSession, Runtime } from '../../runtime/runtime';
import { weightsFolder } from '../encoderIdentity';
import { openTokenizer } from '../encoderParts';
import { isBatchDependent, readModelFacts, type ModelFacts } from '../encoderPlan';
import type { ModelFolder } from '../modelFolder';
import { readModelFile } from '../modelFiles';
import { exposeTensors } from '../onnx/exposeTensors';
import { readOnnxGraph } from '../onnx/onnxGraph';
import type { Tokenizer } from '../tokenizer/tokenizer';

/** A model folder that encoders share: read once, its graph loaded when vectors are made and not before, once for all of its layers. */
export interface SharedModel {
  readonly facts: ModelFacts;
  tokenizer(maxTokens: number): Tokenizer;
  /**
   * Lends a session that gives these outputs.
   * @throws IsoscopeError `encoder` when the graph cannot be loaded, or its file is not the one that was read first
   */
  withSession<T>(outputs: readonly string[], use: (session: ModelSession) => Promise<T>): Promise<T>;
  /** Lets the bytes of the graph go, which are kept for the session that is usually opened next. */
  dropBytes(): void;
  dispose(): Promise<void>;
}

/** @throws IsoscopeError `encoder` */
export async function shareModel(folder: ModelFolder, runtime: Runtime): Promise<SharedModel> {
  const { graph: file, ...rest } = folder;
  const graph = readOnnxGraph(file.bytes, `${folder.path}/${folder.graphFile}`);
  const facts = await readModelFacts({ ...rest, graph: { sha256: file.sha256 } }, graph);
  return new LoadedModel(facts, file.bytes, runtime);
}

/** A session and those who are using it. */
interface Loan {
  readonly session: Promise<ModelSession>;
  users: number;
}

class LoadedModel implements SharedModel {
  readonly facts: ModelFacts;
  readonly #runtime: Runtime;
  #bytes: Uint8Array | undefined;
  #tokenizer: Tokenizer | undefined;
  /** as the graph is */
  #plain: Loan | undefined;
  /** with the outputs of all blocks among its own */
  #layers: Loan | undefined;

  constructor(facts: ModelFacts, bytes: Uint8Array, runtime: Runtime) {
    this.facts = facts;
    this.#bytes = bytes;
    this.#runtime = runtime;
  }

  tokenizer(maxTokens: number): Tokenizer {
    if (this.#tokenizer?.maxTokens !== maxTokens) this.#tokenizer = openTokenizer(this.facts.folder, maxTokens);
    return this.#tokenizer;
  }

  async withSession<T>(outputs: readonly string[], use: (session: ModelSession) => Promise<T>): Promise<T> {
    const loan = this.#choose(outputs);
    loan.users++;
    try {
      return await use(await loan.session);
    } finally {
      loan.users--;
      await this.#retirePlain();
    }
  }

  dropBytes(): void {
    this.#bytes = undefined;
  }

  async dispose(): Promise<void> {
    const loans = [this.#plain, this.#layers];
    this.#plain = undefined;
    this.#layers = undefined;
    for (const loan of loans) await release(loan);
  }

  #choose(outputs: readonly string[]): Loan {
    const own = new Set(this.facts.graph.outputs.map(({ name }) => name));
    const isPlain = outputs.every((name) => own.has(name));
    // More outputs leave the others as they are, bit for bit where it was measured; but ONNX Runtime may fuse less, and where activations are quantised the last bit moves vectors.
    if (isPlain && (!this.#layers || isBatchDependent(this.facts.graph))) {
      return (this.#plain ??= this.#load([], () => (this.#plain = undefined)));
    }
    return (this.#layers ??= this.#load(this.#blockOutputs(), () => (this.#layers = undefined)));
  }

  #blockOutputs(): string[] {
    const { blocks } = this.facts;
    return Array.from({ length: blocks.count + 1 }, (_, block) => blocks.outputOf(block));
  }

  #load(exposed: readonly string[], onFailure: () => void): Loan {
    const session = this.#open(exposed);
    // It is tried anew the next time: the file may have been mended.
    session.catch(onFailure);
    return { session, users: 0 };
  }

  async #open(exposed: readonly string[]): Promise<ModelSession> {
    const { folder, graph, graphPath } = this.facts;
    const bytes = this.#bytes ?? (await this.#readAgain());
    this.#bytes = undefined;
    return this.#runtime.open(exposeTensors(bytes, graph, exposed), {
      name: graphPath,
      ...(graph.externalFiles.length > 0 && { weightsFolder: weightsFolder(folder) }),
    });
  }

  async #readAgain(): Promise<Uint8Array> {
    const { folder, graphPath } = this.facts;
    const { bytes, sha256 } = await readModelFile(folder.path, folder.graphFile, folder.wayOn);
    if (sha256 === folder.graph.sha256) return bytes;
    throw new IsoscopeError('encoder', `${graphPath} has changed since it was opened: choose the encoder again.`);
  }

  /** The graph is not kept twice in memory where once is enough. */
  async #retirePlain(): Promise<void> {
    const plain = this.#plain;
    if (!plain || plain.users > 0 || !this.#layers || isBatchDependent(this.facts.graph)) return;
    this.#plain = undefined;
    await release(plain);
  }
}

async function release(loan: Loan | undefined): Promise<void> {
  const session = await loan?.session.catch(() => null);
  await session?.release();
}
