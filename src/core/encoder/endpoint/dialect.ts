import { isObject } from './answerFields';

/** What is asked of an endpoint besides the sentences. */
export interface EmbeddingOptions {
  /** `null` where the API needs none and none is given */
  readonly model: string | null;
  readonly dimensions: number | undefined;
  /** name of a prompt that the server puts before each sentence */
  readonly promptName: string | undefined;
  /** `false` asks for vectors as they are, where the API can */
  readonly normalize: boolean | undefined;
}

/** How one API asks for vectors and gives them. */
export interface Dialect {
  /** sentences per request, and characters: what the usual limits of such servers allow */
  readonly batchSize: number;
  readonly batchCharacters: number;
  /** requests at a time */
  readonly concurrency: number;
  /** of one request: a server may have to load the model first */
  readonly requestTimeoutMs: number;
  readonly body: (sentences: readonly string[], options: EmbeddingOptions) => unknown;
  /**
   * The vectors of an answer, in the order of the sentences; their numbers and lengths are checked elsewhere.
   * @throws AnswerProblem
   */
  readonly read: (answer: unknown, count: number) => readonly ArrayLike<unknown>[];
}

/** What is wrong with an answer: the rest of a sentence that begins with the name of the endpoint. */
export class AnswerProblem extends Error {}

/** OpenAI's API, which many servers speak: items come with an index, as numbers or as base64 of float32. */
export const openaiDialect: Dialect = {
  batchSize: 128,
  batchCharacters: 200_000,
  concurrency: 4,
  requestTimeoutMs: 120_000,
  body: (input, { model, dimensions }) => ({
    input,
    model,
    encoding_format: 'float',
    ...(dimensions !== undefined && { dimensions }),
  }),
  read: (answer, count) => {
    const items = listAt(answer, 'data');
    requireCount(items, count);
    const vectors = items.map((item) => readOpenaiVector(fieldOf(item, 'embedding')));
    const indices = items.map((item) => fieldOf(item, 'index'));
    // Some servers leave the index out: then the order is the one that was asked.
    if (indices.every((index) => index === undefined || index === null)) return vectors;
    const ordered = new Array<ArrayLike<unknown>>(count);
    indices.forEach((index, i) => {
      const isPlace = typeof index === 'number' && Number.isInteger(index) && index >= 0 && index < count;
      if (!isPlace || index in ordered)
        throw new AnswerProblem(`numbers its vectors wrongly (index ${JSON.stringify(index)})`);
      ordered[index] = vectors[i];
    });
    return ordered;
  },
};

/** Ollama's /api/embed. It runs one model at a time, and may have to load it. */
export const ollamaDialect: Dialect = {
  batchSize: 64,
  batchCharacters: 100_000,
  concurrency: 2,
  requestTimeoutMs: 300_000,
  body: (input, { model, dimensions }) => ({
    input,
    model,
    truncate: true,
    ...(dimensions !== undefined && { dimensions }),
  }),
  read: (answer, count) => {
    const vectors = listAt(answer, 'embeddings');
    requireCount(vectors, count);
    return vectors.map(requireArray);
  },
};

/** Text-embeddings-inference's /embed: 32 sentences at a time unless its server was told otherwise. */
export const teiDialect: Dialect = {
  batchSize: 32,
  batchCharacters: 200_000,
  concurrency: 4,
  requestTimeoutMs: 120_000,
  body: (inputs, { dimensions, promptName, normalize }) => ({
    inputs,
    truncate: true,
    ...(normalize !== undefined && { normalize }),
    ...(promptName !== undefined && { prompt_name: promptName }),
    ...(dimensions !== undefined && { dimensions }),
  }),
  read: (answer, count) => {
    if (!Array.isArray(answer)) throw new AnswerProblem('gives no list of vectors');
    requireCount(answer, count);
    return answer.map(requireArray);
  },
};

export const dialects = { openai: openaiDialect, ollama: ollamaDialect, tei: teiDialect } as const;

function readOpenaiVector(value: unknown): ArrayLike<unknown> {
  if (typeof value !== 'string') return requireArray(value);
  const bytes = Buffer.from(value, 'base64');
  if (bytes.length % 4 !== 0 || bytes.length === 0)
    throw new AnswerProblem('gives base64 that is no list of float32 numbers');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float32Array.from({ length: bytes.length / 4 }, (_, i) => view.getFloat32(4 * i, true));
}

function requireArray(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value as readonly unknown[];
  throw new AnswerProblem('gives something else than a list of numbers for a sentence');
}

function requireCount(items: readonly unknown[], count: number): void {
  if (items.length !== count) throw new AnswerProblem(`gives ${items.length} vectors for ${count} sentences`);
}

function listAt(answer: unknown, key: string): readonly unknown[] {
  const list = fieldOf(answer, key);
  if (Array.isArray(list)) return list as readonly unknown[];
  throw new AnswerProblem(`gives an answer without "${key}"`);
}

function fieldOf(value: unknown, key: string): unknown {
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}
