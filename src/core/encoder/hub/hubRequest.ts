import { setTimeout as pause } from 'node:timers/promises';
import { failureMessage, IsoscopeError } from '../../protocol/errors';

/** How to reach a hub, and how patiently. */
export interface HubAccess {
  /** address without a slash at the end */
  readonly endpoint: string;
  /** attempts in a row without a new byte before giving up */
  readonly attempts?: number;
  /** pause before the second attempt; doubles with each further one */
  readonly retryDelayMs?: number;
  /** longest silence of the hub */
  readonly stallTimeoutMs?: number;
}

/** An answer with status 200, 206 or 416, its body not read yet. */
export interface HubResponse {
  readonly status: number;
  readonly headers: Headers;
  /** of the hub's own answer, before it sent us on to where its files lie: there an ETag may mean anything */
  readonly ownHeaders: Headers;
  /** Pieces of the body; silence longer than `stallTimeoutMs` is an error. Reading must be finished or broken off. */
  readonly pieces: AsyncIterable<Uint8Array>;
  /** Ends the connection without reading on. */
  discard(): void;
}

/** What may be better at the next attempt: a cut connection, a busy hub. */
export class TransientProblem extends IsoscopeError {
  readonly retryAfterMs: number | undefined;

  constructor(message: string, options: ErrorOptions & { readonly retryAfterMs?: number | undefined } = {}) {
    super('encoder', message, options);
    this.retryAfterMs = options.retryAfterMs;
  }
}

const MAX_REDIRECTS = 8;
const MAX_PAUSE_MS = 60_000;

/**
 * Repeats work that fails for a passing reason, with growing pauses; a hub that says how long to wait (Retry-After) is obeyed.
 * @param hasAdvanced whether the last attempt got anywhere: then the count begins anew
 * @throws the last problem; AbortError
 */
export async function withRetries<Result>(
  work: () => Promise<Result>,
  { attempts = 5, retryDelayMs = 1_000 }: HubAccess,
  signal?: AbortSignal,
  hasAdvanced: () => boolean = () => false,
): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      if (hasAdvanced()) attempt = 1;
      if (!(error instanceof TransientProblem) || attempt >= attempts) throw error;
      const pauseMs = Math.min(error.retryAfterMs ?? retryDelayMs * 2 ** (attempt - 1), MAX_PAUSE_MS);
      await pause(pauseMs, undefined, signal && { signal });
    }
  }
}

/**
 * Asks a hub for something. Redirects are followed, but never from https to http.
 * @param what is asked for, as errors call it, e.g. "org/name@main"
 * @throws TransientProblem; IsoscopeError `encoder` in one sentence; AbortError
 */
export async function requestHub(
  url: string,
  what: string,
  access: HubAccess,
  options: { readonly headers?: Readonly<Record<string, string>>; readonly signal?: AbortSignal | undefined } = {},
): Promise<HubResponse> {
  const watch = watchSilence(access, options.signal);
  try {
    let ownHeaders: Headers | undefined;
    let address = url;
    for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
      const response = await fetchOnce(address, access, options.headers ?? {}, watch.signal);
      watch.hear();
      ownHeaders ??= response.headers;
      const target = response.status >= 300 && response.status < 400 ? response.headers.get('location') : null;
      if (target === null) return await answerOf(response, ownHeaders, watch, what, access);
      await response.body?.cancel();
      address = redirected(address, target, access);
    }
    throw new IsoscopeError('encoder', `The hub ${access.endpoint} sends requests for ${what} round in circles.`);
  } catch (error) {
    watch.end();
    options.signal?.throwIfAborted();
    throw error;
  }
}

/** A JSON answer of bounded size. */
export async function requestJson(
  url: string,
  what: string,
  access: HubAccess,
  signal?: AbortSignal,
): Promise<{ readonly value: unknown; readonly headers: Headers }> {
  return withRetries(
    async () => {
      const response = await requestHub(url, what, access, { headers: { accept: 'application/json' }, signal });
      const text = Buffer.concat(await gather(response, access)).toString('utf8');
      try {
        return { value: JSON.parse(text) as unknown, headers: response.headers };
      } catch (cause) {
        throw notAHub(access, { cause });
      }
    },
    access,
    signal,
  );
}

export function notAHub({ endpoint }: HubAccess, options?: ErrorOptions): IsoscopeError {
  return new IsoscopeError(
    'encoder',
    `${endpoint} does not answer as a model hub does: check the setting isoscope.hub.endpoint.`,
    options,
  );
}

const MAX_JSON_BYTES = 32 * 2 ** 20;

async function gather({ pieces }: HubResponse, access: HubAccess): Promise<Uint8Array[]> {
  const all: Uint8Array[] = [];
  let length = 0;
  for await (const piece of pieces) {
    length += piece.length;
    if (length > MAX_JSON_BYTES) throw notAHub(access);
    all.push(piece);
  }
  return all;
}

async function fetchOnce(
  address: string,
  { endpoint }: HubAccess,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Response> {
  try {
    // Unpacked bytes would not be the ones that a range counts.
    const init: RequestInit = {
      redirect: 'manual',
      headers: { 'user-agent': 'isoscope', 'accept-encoding': 'identity', ...headers },
      signal,
    };
    return await fetch(address, init);
  } catch (error) {
    if (error instanceof TransientProblem) throw error;
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    throw new TransientProblem(
      `The hub ${endpoint} cannot be reached (${failureMessage(cause)}): check the network and the setting isoscope.hub.endpoint.`,
      { cause: error },
    );
  }
}

function redirected(from: string, target: string, { endpoint }: HubAccess): string {
  let url: URL | undefined;
  try {
    url = new URL(target, from);
  } catch {
    // Told below.
  }
  const isDowngrade = from.startsWith('https:') && url?.protocol !== 'https:';
  if (url === undefined || !/^https?:$/.test(url.protocol) || isDowngrade) {
    throw new IsoscopeError(
      'encoder',
      `The hub ${endpoint} sends on to an address that is not safe: nothing is loaded.`,
    );
  }
  return url.href;
}

async function answerOf(
  response: Response,
  ownHeaders: Headers,
  watch: SilenceWatch,
  what: string,
  access: HubAccess,
): Promise<HubResponse> {
  const { status, headers, body } = response;
  if (status !== 200 && status !== 206 && status !== 416) {
    await body?.cancel();
    throw problemOf(status, ownHeaders, what, access);
  }
  return {
    status,
    headers,
    ownHeaders,
    pieces: piecesOf(body, watch, access),
    discard: () => {
      watch.end();
      void body?.cancel().catch(() => undefined);
    },
  };
}

async function* piecesOf(
  body: Response['body'],
  watch: SilenceWatch,
  { endpoint }: HubAccess,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const piece of body ?? []) {
      watch.hear();
      yield piece as Uint8Array;
    }
  } catch (error) {
    if (error instanceof IsoscopeError || (error instanceof Error && error.name === 'AbortError')) throw error;
    throw new TransientProblem(`The connection to the hub ${endpoint} was cut (${failureMessage(error)}): try again.`, {
      cause: error,
    });
  } finally {
    watch.end();
  }
}

interface SilenceWatch {
  readonly signal: AbortSignal;
  hear(): void;
  end(): void;
}

/** Ends a request when nothing was heard for too long. */
function watchSilence({ endpoint, stallTimeoutMs = 60_000 }: HubAccess, outer?: AbortSignal): SilenceWatch {
  const controller = new AbortController();
  const giveUp = (): void => {
    const seconds = Math.ceil(stallTimeoutMs / 1000);
    controller.abort(new TransientProblem(`The hub ${endpoint} has been silent for ${seconds} s: try again later.`));
  };
  let timer = setTimeout(giveUp, stallTimeoutMs);
  return {
    signal: outer === undefined ? controller.signal : AbortSignal.any([outer, controller.signal]),
    hear: () => {
      clearTimeout(timer);
      timer = setTimeout(giveUp, stallTimeoutMs);
    },
    end: () => clearTimeout(timer),
  };
}

/** One sentence for what a hub refuses. The codes are the Hugging Face hub's, which hides private models behind a 401. */
function problemOf(status: number, headers: Headers, what: string, { endpoint }: HubAccess): IsoscopeError {
  const code = headers.get('x-error-code') ?? '';
  const byHand = 'download it with your account (e.g. "hf download") and choose the folder';
  if (code === 'GatedRepo') {
    return new IsoscopeError(
      'encoder',
      `${what} is open only to those who accepted its terms on ${endpoint}: ${byHand}.`,
    );
  }
  if (code === 'RevisionNotFound') {
    return new IsoscopeError('encoder', `${what} is not on ${endpoint}: the model has no such branch, tag or commit.`);
  }
  if (status === 401 || status === 403) {
    return new IsoscopeError(
      'encoder',
      `${endpoint} does not give ${what} to everybody (${status}): check its name; if it needs an account, ${byHand}.`,
    );
  }
  if (status === 404) {
    return new IsoscopeError('encoder', `${what} is not on ${endpoint} (404): check the name and the revision.`);
  }
  if (status === 429) {
    return new TransientProblem(`The hub ${endpoint} asks for fewer requests (429): try again in a few minutes.`, {
      retryAfterMs: retryAfterMs(headers),
    });
  }
  if (status >= 500 || status === 408) {
    return new TransientProblem(
      `The hub ${endpoint} has a problem of its own (${status}): try again later; what was loaded is kept.`,
      { retryAfterMs: retryAfterMs(headers) },
    );
  }
  return new IsoscopeError('encoder', `The hub ${endpoint} answers ${status} when asked for ${what}.`);
}

/** Seconds or a date (RFC 9110, 10.2.3). */
function retryAfterMs(headers: Headers): number | undefined {
  const value = headers.get('retry-after');
  if (value === null) return undefined;
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}
