import { failureMessage, IsoscopeError } from '../../protocol/errors';
import { AnswerProblem, type Dialect, type EmbeddingOptions } from './dialect';
import { displayAddress } from './endpointAddress';
import { EndpointFailure } from './endpointFailure';
import { askEndpoint, type EndpointAccess } from './endpointRequest';
import { type Gate, type Patience, withRetries } from './retries';

/** An endpoint that answers, with what is asked of it. */
export interface EndpointClient {
  readonly url: URL;
  readonly dialect: Dialect;
  readonly options: EmbeddingOptions;
  readonly access: EndpointAccess;
  readonly patience: Patience;
  readonly gate: Gate;
}

/** What it took. */
export interface Effort {
  requests: number;
  retries: number;
}

/** Vectors of one portion. A number in JSON takes some 22 characters; the rest is room for what servers put around them. */
const BYTES_PER_NUMBER = 40;
const ROOM_BYTES = 2 ** 20;
/** Where the dimension is not known yet. */
const LARGEST_DIMENSION = 65_536;

/**
 * Vectors of some sentences, in one request that is repeated where that may help.
 * @param dimension of the vectors; `null` = whatever comes
 * @throws EndpointFailure for a request that fails or an answer that is not what was asked for; AbortError
 */
export async function askVectors(
  client: EndpointClient,
  sentences: readonly string[],
  dimension: number | null,
  effort: Effort,
  signal: AbortSignal | undefined,
): Promise<readonly Float32Array[]> {
  const { url, dialect, options, access, patience, gate } = client;
  const limitBytes = ROOM_BYTES + sentences.length * (dimension ?? LARGEST_DIMENSION) * BYTES_PER_NUMBER;
  const answer = await withRetries(
    () => {
      effort.requests++;
      return askEndpoint(url, access, { body: dialect.body(sentences, options), limitBytes, signal });
    },
    gate,
    patience,
    signal,
    () => effort.retries++,
  );
  try {
    return dialect.read(answer, sentences.length).map((vector, i) => checkVector(vector, dimension, i));
  } catch (error) {
    if (!(error instanceof AnswerProblem)) throw error;
    throw new EndpointFailure(`The endpoint ${displayAddress(url)} ${error.message}.`);
  }
}

function checkVector(vector: ArrayLike<unknown>, dimension: number | null, at: number): Float32Array {
  if (vector.length === 0) throw new AnswerProblem(`gives an empty vector (number ${at + 1} of its answer)`);
  if (dimension !== null && vector.length !== dimension) {
    throw new AnswerProblem(`gives a vector of ${vector.length} numbers, where others have ${dimension}`);
  }
  const numbers = new Float32Array(vector.length);
  for (let i = 0; i < vector.length; i++) {
    const number = vector[i];
    // Beyond float32 is as good as infinite here.
    if (typeof number !== 'number' || !Number.isFinite(Math.fround(number))) {
      throw new AnswerProblem(
        `gives ${typeof number === 'number' ? number : JSON.stringify(number)} for a number (vector ${at + 1} of its answer, number ${i + 1})`,
      );
    }
    numbers[i] = number;
  }
  return numbers;
}

/** A portion of the sentences: their numbers, and the vectors in the same order. */
export type PortionListener = (rows: readonly number[], vectors: readonly Float32Array[]) => void | Promise<void>;

/**
 * Vectors of many sentences: in portions, some at a time, in smaller ones where the server asks for that.
 * @throws IsoscopeError `encoder` naming the sentence that the server refuses by itself; as `askVectors`; AbortError
 */
export async function askAllVectors(
  client: EndpointClient,
  sentences: readonly string[],
  dimension: number,
  effort: Effort,
  signal: AbortSignal | undefined,
  onPortion: PortionListener,
): Promise<void> {
  const stop = new AbortController();
  const either = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  const portions = createPortions(sentences, client.dialect);
  const solve = async (rows: readonly number[]): Promise<void> => {
    let vectors: readonly Float32Array[];
    try {
      vectors = await askVectors(
        client,
        rows.map((row) => sentences[row]),
        dimension,
        effort,
        either,
      );
    } catch (error) {
      if (!(error instanceof EndpointFailure) || !error.isAboutContent) throw error;
      if (rows.length === 1) throw refusedSentence(error, sentences[rows[0]]);
      const half = Math.ceil(rows.length / 2);
      if (error.status === 413) portions.shrink(half);
      await solve(rows.slice(0, half));
      await solve(rows.slice(half));
      return;
    }
    await onPortion(rows, vectors);
  };
  const failures: unknown[] = [];
  const work = async (): Promise<void> => {
    try {
      for (let rows = portions.take(); rows.length > 0; rows = portions.take()) await solve(rows);
    } catch (error) {
      failures.push(error);
      // The first failure ends all: what others wait for would be thrown away.
      stop.abort();
    }
  };
  await Promise.all(Array.from({ length: client.dialect.concurrency }, work));
  signal?.throwIfAborted();
  if (failures.length > 0) throw failures[0];
}

/** Hands out sentences in order, as many at a time as sentences and characters allow. */
function createPortions(sentences: readonly string[], { batchSize, batchCharacters }: Dialect) {
  let limit = batchSize;
  let next = 0;
  return {
    shrink: (size: number): void => {
      limit = Math.min(limit, Math.max(1, size));
    },
    take: (): readonly number[] => {
      const rows: number[] = [];
      let characters = 0;
      while (next < sentences.length && rows.length < limit) {
        characters += sentences[next].length;
        if (rows.length > 0 && characters > batchCharacters) break;
        rows.push(next++);
      }
      return rows;
    },
  };
}

/** By its text, not its number: some rows may have been known already. */
function refusedSentence(error: EndpointFailure, sentence: string): IsoscopeError {
  const shown = JSON.stringify(sentence.length > 40 ? `${sentence.slice(0, 40)}…` : sentence);
  return new IsoscopeError(
    'encoder',
    `The sentence ${shown} (${sentence.length} characters) is refused; shorten or remove it. ${failureMessage(error)}`,
    { cause: error },
  );
}
