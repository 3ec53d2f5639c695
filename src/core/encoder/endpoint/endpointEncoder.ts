import { createHash } from 'node:crypto';
import type { EncoderChoice, EndpointApi } from '../../protocol/engineProtocol';
import { IsoscopeError } from '../../protocol/errors';
import type { EncoderSummary } from '../../protocol/snapshot';
import type { EncodedSentences, EncodeOptions, Encoder } from '../encoder';
import { apiName } from './apiName';
import { type Dialect, dialects, type EmbeddingOptions } from './dialect';
import { displayAddress, embeddingUrls, parseAddress } from './endpointAddress';
import { chooseApi, chooseModel, readPrefix, refuseOtherChoices } from './endpointChoices';
import { askAllVectors, askVectors, type Effort, type EndpointClient } from './endpointClient';
import { EndpointFailure } from './endpointFailure';
import { endpointNotes, rateNote } from './endpointNotes';
import { requireSendableKey } from './endpointRequest';
import type { Patience } from './retries';
import { readTeiFacts, type TeiFacts } from './serverFacts';

export interface EndpointOptions {
  readonly signal?: AbortSignal | undefined;
  /** for the summary */
  readonly threads?: number;
  readonly patience?: Partial<Patience>;
  /** default: what the API's servers may need */
  readonly requestTimeoutMs?: number;
  /** milliseconds since 1970 */
  readonly now?: () => number;
}

/** Failing minutes are bridged, hours are not. */
const PATIENCE: Patience = {
  attempts: 8,
  firstPauseMs: 500,
  longestPauseMs: 30_000,
  overallMs: 10 * 60_000,
  random: Math.random,
  clock: () => performance.now(),
};
/** While an encoder is opened somebody waits for it, and a wrong address is the likeliest problem. */
const OPENING_ATTEMPTS = 3;
/** Of a server that says more is allowed. */
const LARGEST_BATCH = 512;
/** Learns the dimension, and that the model is there. */
const PROBE = 'How many numbers does this sentence have?';
/** Vectors of a model that normalises them differ from length 1 by rounding only, of float16 at most. */
const UNIT_LENGTH_TOLERANCE = 2e-3;

/**
 * An encoder behind an address: OpenAI's API and those that speak it, Ollama, text-embeddings-inference. One request learns the dimension.
 * @param choice its `endpoint` says which API, model and key; without an API it is found out
 * @throws IsoscopeError `usage` for choices that an endpoint does not have, `encoder` for one that cannot be used; AbortError
 */
export async function openEndpointEncoder(choice: EncoderChoice, options: EndpointOptions = {}): Promise<Encoder> {
  const { signal } = options;
  const address = parseAddress(choice.encoder);
  const key = nonEmpty(choice.endpoint?.key?.trim());
  requireSendableKey(key);
  refuseOtherChoices(choice);
  const { api, notes: apiNotes } = await chooseApi(choice, key, signal);
  const model = await chooseModel(choice.encoder, api, choice.endpoint, key, signal);
  const { dimensions } = choice.endpoint ?? {};
  const { text, promptName } = readPrefix(choice.prefix, api);
  const embedding: EmbeddingOptions = {
    model,
    dimensions,
    promptName,
    normalize: choice.normalize === 'no' && api === 'tei' ? false : undefined,
  };
  const effort: Effort = { requests: 0, retries: 0 };
  const opened = await openClient(address, api, embedding, { ...options, key, prefix: text, effort });
  const { client, probe, facts } = opened;
  if (dimensions !== undefined && probe.length !== dimensions) {
    throw new IsoscopeError(
      'encoder',
      `The endpoint ${displayAddress(client.url)} gives ${probe.length} numbers where ${dimensions} were asked for: its model cannot shorten vectors, so leave the dimensions out.`,
    );
  }
  const isNormalizedHere = choice.normalize === 'yes';
  const name = model ?? facts?.model ?? null;
  const identity = identify([
    'endpoint',
    api,
    client.url.href,
    name,
    facts?.revision ?? null,
    dimensions ?? null,
    choice.prefix ?? '',
    isNormalizedHere,
    embedding.normalize ?? null,
  ]);
  const summary: EncoderSummary = {
    id: name === null ? displayAddress(client.url) : `${name} at ${client.url.host}`,
    sha256: identity,
    dimension: probe.length,
    layer: null,
    pooling: facts?.pooling ?? null,
    normalized: isNormalizedHere || Math.abs(lengthOf(probe) - 1) < UNIT_LENGTH_TOLERANCE,
    maxTokens: facts?.maxTokens ?? null,
    backend: 'endpoint',
    threads: options.threads ?? 1,
  };
  const notes = [...apiNotes, ...endpointNotes(summary, client, api, key !== undefined)];
  const settings = { prefix: text, isNormalized: isNormalizedHere, dimension: probe.length };
  return {
    summary,
    identity,
    notes,
    offer: null,
    isRemembered: true,
    encode: (sentences, encodeOptions = {}) => encodeSentences(client, settings, sentences, encodeOptions),
    dispose: () => Promise.resolve(),
  };
}

interface EncodeSettings {
  readonly prefix: string;
  readonly isNormalized: boolean;
  readonly dimension: number;
}

async function encodeSentences(
  client: EndpointClient,
  { prefix, isNormalized, dimension }: EncodeSettings,
  sentences: readonly string[],
  { signal, onProgress, onBatch }: EncodeOptions,
): Promise<EncodedSentences> {
  signal?.throwIfAborted();
  const rowsOf = new Map<string, number[]>();
  sentences.forEach((sentence, row) => {
    const rows = rowsOf.get(sentence);
    if (rows) rows.push(row);
    else rowsOf.set(sentence, [row]);
  });
  const distinct = [...rowsOf.keys()];
  const groups = [...rowsOf.values()];
  const data = new Float32Array(sentences.length * dimension);
  const effort: Effort = { requests: 0, retries: 0 };
  const start = client.patience.clock();
  let done = 0;
  onProgress?.(done, distinct.length);
  const prefixed = distinct.map((sentence) => prefix + sentence);
  await askAllVectors(client, prefixed, dimension, effort, signal, async (numbers, vectors) => {
    numbers.forEach((number, i) => {
      if (isNormalized) normalize(vectors[i]);
      for (const row of groups[number]) data.set(vectors[i], row * dimension);
    });
    await onBatch?.({
      rows: numbers.map((number) => groups[number][0]),
      vectors,
      isTruncated: numbers.map(() => false),
    });
    done += numbers.length;
    onProgress?.(done, distinct.length);
  });
  const seconds = (client.patience.clock() - start) / 1000;
  return {
    vectors: { data, rows: sentences.length, columns: dimension },
    truncatedRows: new Uint32Array(0),
    notes: distinct.length === 0 ? [] : [rateNote(distinct.length, seconds, effort)],
  };
}

interface OpeningOptions extends EndpointOptions {
  readonly key: string | undefined;
  readonly prefix: string;
  readonly effort: Effort;
}

/** The first of the paths that gives a vector. */
async function openClient(
  address: URL,
  api: EndpointApi,
  embedding: EmbeddingOptions,
  options: OpeningOptions,
): Promise<{ client: EndpointClient; probe: Float32Array; facts: TeiFacts | null }> {
  const { signal, key, prefix, effort } = options;
  const dialect: Dialect = dialects[api];
  const patience = { ...PATIENCE, ...options.patience };
  const access = {
    key,
    requestTimeoutMs: options.requestTimeoutMs ?? dialect.requestTimeoutMs,
    now: options.now ?? Date.now,
  };
  const opening = { ...patience, attempts: Math.min(patience.attempts, OPENING_ATTEMPTS) };
  let absence: IsoscopeError | undefined;
  for (const url of embeddingUrls(address, api)) {
    const client = { url, dialect, options: embedding, access, patience, gate: { openAtMs: 0 } };
    try {
      const [probe] = await askVectors({ ...client, patience: opening }, [prefix + PROBE], null, effort, signal);
      const facts = api === 'tei' ? await readTeiFacts(url, access, signal) : null;
      const batchSize = Math.min(facts?.batchSize ?? dialect.batchSize, LARGEST_BATCH);
      return { client: { ...client, dialect: { ...dialect, batchSize } }, probe, facts };
    } catch (error) {
      if (!(error instanceof EndpointFailure) || (error.status !== 404 && error.status !== 405)) throw error;
      absence ??= explainAbsence(error, api, url);
      // A server that knows the path and not the model says so.
      if (saysModel(error)) throw explainAbsence(error, api, url);
    }
  }
  throw absence ?? new Error('an API has a path');
}

function explainAbsence(error: EndpointFailure, api: EndpointApi, url: URL): IsoscopeError {
  const said = error.message.split(/\(40[45]\)/)[1] ?? '';
  if (api === 'ollama' && !saysModel(error)) {
    return new IsoscopeError(
      'encoder',
      `The endpoint ${displayAddress(url)} is not there: an Ollama before 0.3 has /api/embeddings only, so update it; or the address is not Ollama's.`,
      { cause: error },
    );
  }
  return new IsoscopeError(
    'encoder',
    `The endpoint ${displayAddress(url)} has no such path or model${said.replace(/\.$/, '')}: check the address and the model, and that it speaks as ${apiName(api)}.`,
    { cause: error },
  );
}

function saysModel(error: EndpointFailure): boolean {
  return /model/i.test(error.message.split('(404)')[1] ?? '');
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

function identify(parts: readonly (string | number | boolean | null)[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

function lengthOf(vector: Float32Array): number {
  return Math.sqrt(vector.reduce((sum, number) => sum + number * number, 0));
}

/** In place; a vector of length 0 stays. */
function normalize(vector: Float32Array): void {
  const length = lengthOf(vector);
  if (length > 0) for (let i = 0; i < vector.length; i++) vector[i] /= length;
}
