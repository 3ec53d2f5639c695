import type { EndpointApi } from '../../protocol/engineProtocol';
import { isObject, stringAt } from './answerFields';
import { embeddingUrls, parseAddress, siblingUrl } from './endpointAddress';
import { askEndpoint, type EndpointAccess } from './endpointRequest';

/** What a server of text-embeddings-inference says of itself. */
export interface TeiFacts {
  readonly model: string | null;
  /** revision of the model, as the hub names it */
  readonly revision: string | null;
  readonly pooling: string | null;
  readonly maxTokens: number | null;
  readonly batchSize: number | null;
}

/** A server tells about itself at once or not at all: vectors do not depend on it. */
const FACTS_TIMEOUT_MS = 10_000;
const FACTS_BYTES = 4 * 2 ** 20;

/** @returns nothing but nulls when the server does not tell */
export async function readTeiFacts(embeddings: URL, access: EndpointAccess, signal?: AbortSignal): Promise<TeiFacts> {
  const info = await askQuietly(siblingUrl(embeddings, 'info'), access, signal);
  const type = isObject(info) && isObject(info['model_type']) ? info['model_type'] : {};
  const embedding = isObject(type['embedding']) ? type['embedding'] : {};
  return {
    model: stringAt(info, 'model_id'),
    revision: stringAt(info, 'model_sha'),
    pooling: stringAt(embedding, 'pooling'),
    maxTokens: countAt(info, 'max_input_length'),
    batchSize: countAt(info, 'max_client_batch_size'),
  };
}

/**
 * The models that a server offers, as a user may choose from them.
 * @param address as the user gives it
 * @returns empty when it does not tell
 * @throws IsoscopeError `usage` for an address that is none; AbortError
 */
export async function listEndpointModels(
  address: string,
  api: EndpointApi,
  key: string | undefined,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const access = { key, requestTimeoutMs: FACTS_TIMEOUT_MS, now: Date.now };
  for (const url of embeddingUrls(parseAddress(address), api)) {
    const names = await modelNames(url, api, access, signal);
    if (names.length > 0) return names;
  }
  return [];
}

async function modelNames(
  embeddings: URL,
  api: EndpointApi,
  access: EndpointAccess,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  switch (api) {
    case 'tei': {
      const { model } = await readTeiFacts(embeddings, access, signal);
      return model === null ? [] : [model];
    }
    case 'ollama':
      return namesIn(await askQuietly(siblingUrl(embeddings, 'tags'), access, signal), 'models', 'name');
    case 'openai':
      return namesIn(await askQuietly(siblingUrl(embeddings, 'models'), access, signal), 'data', 'id');
  }
}

/**
 * Finds out how a server is spoken to, from the path of its address, else by asking what only one kind answers.
 * @returns the API and what it was told by, as half a sentence; `null` when nothing tells
 * @throws IsoscopeError `usage` for an address that is none; AbortError
 */
export async function detectEndpointApi(
  address: string,
  key: string | undefined,
  signal?: AbortSignal,
): Promise<{ readonly api: EndpointApi; readonly reason: string } | null> {
  const url = parseAddress(address);
  const path = url.pathname.replace(/\/+$/, '');
  const byPath = apiOfPath(path);
  if (byPath !== null) return { api: byPath, reason: `its path is ${path}` };
  const access = { key, requestTimeoutMs: FACTS_TIMEOUT_MS, now: Date.now };
  const { model } = await readTeiFacts(embeddingUrls(url, 'tei')[0], access, signal);
  if (model !== null) return { api: 'tei', reason: 'it answers at /info' };
  const version = await askQuietly(siblingUrl(embeddingUrls(url, 'ollama')[0], 'version'), access, signal);
  if (stringAt(version, 'version') !== null) return { api: 'ollama', reason: 'it answers at /api/version' };
  for (const embeddings of embeddingUrls(url, 'openai')) {
    const models = siblingUrl(embeddings, 'models');
    const answer = await askQuietly(models, access, signal);
    if (isObject(answer) && Array.isArray(answer['data']))
      return { api: 'openai', reason: `it answers at ${models.pathname}` };
  }
  return null;
}

/** The API that has such a path. */
export function apiOfPath(path: string): EndpointApi | null {
  if (/\/api(\/embed|\/embeddings)?$/.test(path)) return 'ollama';
  if (path.endsWith('/embed')) return 'tei';
  if (path.endsWith('/embeddings') || /\/v\d+\w*$/.test(path)) return 'openai';
  return null;
}

/** `null` for whatever goes wrong: whoever asks can do without. */
async function askQuietly(url: URL, access: EndpointAccess, signal?: AbortSignal): Promise<unknown> {
  try {
    const quick = { ...access, requestTimeoutMs: Math.min(FACTS_TIMEOUT_MS, access.requestTimeoutMs) };
    return await askEndpoint(url, quick, { limitBytes: FACTS_BYTES, signal });
  } catch {
    signal?.throwIfAborted();
    return null;
  }
}

function namesIn(answer: unknown, list: string, field: string): readonly string[] {
  const items = isObject(answer) ? answer[list] : undefined;
  if (!Array.isArray(items)) return [];
  return (items as readonly unknown[]).flatMap((item) => stringAt(item, field) ?? []);
}

function countAt(value: unknown, key: string): number | null {
  const count = isObject(value) ? value[key] : undefined;
  return typeof count === 'number' && Number.isSafeInteger(count) && count > 0 ? count : null;
}
