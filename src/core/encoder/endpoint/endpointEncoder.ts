import { createHash } from 'node:crypto';
import type { EncoderChoice } from '../../protocol/engineProtocol';
import { IsoscopeError } from '../../protocol/errors';
import type { EncoderSummary } from '../../protocol/snapshot';
import type { EncodedSentences, EncodeOptions, Encoder } from '../encoder';
import type { EmbeddingOptions } from './dialect';
import { displayAddress, parseAddress } from './endpointAddress';
import { chooseApi, chooseModel, readPrefix, refuseOtherChoices } from './endpointChoices';
import { askAllVectors, type Effort, type EndpointClient } from './endpointClient';
import { endpointNotes, rateNote } from './endpointNotes';
import { requireSendableKey } from './endpointRequest';
import { type EndpointOptions, openClient } from './openClient';

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
