import type { EndpointApi } from '../../protocol/engineProtocol';
import { IsoscopeError } from '../../protocol/errors';
import { apiName } from './apiName';
import { type Dialect, dialects, type EmbeddingOptions } from './dialect';
import { displayAddress, embeddingUrls } from './endpointAddress';
import { askVectors, type Effort, type EndpointClient } from './endpointClient';
import { EndpointFailure } from './endpointFailure';
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
interface OpeningOptions extends EndpointOptions {
  readonly key: string | undefined;
  readonly prefix: string;
  readonly effort: Effort;
}

/**
 * A client for the first of the API's paths that gives a vector, and that vector.
 * @throws IsoscopeError `encoder`; AbortError
 */
export async function openClient(
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
