import { IsoscopeError } from '../../protocol/errors';
import { parseJson, statusFailure } from './answerText';
import { displayAddress } from './endpointAddress';
import { EndpointFailure, networkFailure } from './endpointFailure';

/** How an endpoint is reached. */
export interface EndpointAccess {
  /** sent as a bearer token, and nowhere else */
  readonly key: string | undefined;
  /** of one request, its answer included */
  readonly requestTimeoutMs: number;
  /** milliseconds since 1970, for dates that a server names */
  readonly now: () => number;
}

export interface EndpointRequest {
  /** sent as JSON by POST; without it, GET */
  readonly body?: unknown;
  /** largest answer that is read */
  readonly limitBytes: number;
  readonly signal?: AbortSignal | undefined;
}

const MAX_REDIRECTS = 3;

/**
 * Asks an endpoint, and gives its JSON. Redirects are followed within the same server only: the key and the sentences go nowhere else.
 * @throws EndpointFailure in one sentence; AbortError when the signal says so
 */
export async function askEndpoint(url: URL, access: EndpointAccess, request: EndpointRequest): Promise<unknown> {
  const timeout = AbortSignal.timeout(access.requestTimeoutMs);
  const signal = request.signal ? AbortSignal.any([request.signal, timeout]) : timeout;
  try {
    const response = await send(url, access, request, signal);
    const text = await readText(response, url, request.limitBytes);
    if (!response.ok) throw statusFailure(response, text, url, access.key, access.now());
    return parseJson(text, response, url);
  } catch (error) {
    request.signal?.throwIfAborted();
    if (error instanceof IsoscopeError) throw error;
    if (timeout.aborted) {
      const seconds = Math.ceil(access.requestTimeoutMs / 1000);
      throw new EndpointFailure(`The endpoint ${displayAddress(url)} did not answer within ${seconds} s: try again.`, {
        canRetry: true,
      });
    }
    throw networkFailure(error, displayAddress(url));
  }
}

/** @throws IsoscopeError `usage`: the name of a header's error would show the key */
export function requireSendableKey(key: string | undefined): void {
  if (key !== undefined && !/^[\x21-\x7e]+$/.test(key)) {
    throw new IsoscopeError(
      'usage',
      'The key of the endpoint holds characters that no key has, such as a line end: give it anew.',
    );
  }
}

async function send(
  url: URL,
  { key }: EndpointAccess,
  { body }: EndpointRequest,
  signal: AbortSignal,
): Promise<Response> {
  let target = url;
  for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
    const response = await fetch(target, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        accept: 'application/json',
        'user-agent': 'isoscope',
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(key !== undefined && { authorization: `Bearer ${key}` }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      redirect: 'manual',
      signal,
    });
    const isRedirect = response.type === 'opaqueredirect' || (response.status >= 300 && response.status < 400);
    if (!isRedirect) return response;
    await response.body?.cancel();
    target = redirected(target, response);
  }
  throw new EndpointFailure(
    `The endpoint ${displayAddress(url)} sends its requests round in circles: check the address.`,
  );
}

/** @throws EndpointFailure unless the same server takes the same request at another path */
function redirected(from: URL, response: Response): URL {
  const location = response.headers.get('location') ?? '';
  const to = URL.canParse(location, from.href) ? new URL(location, from) : null;
  // Other redirects turn a POST into a GET.
  if (to !== null && to.origin === from.origin && (response.status === 307 || response.status === 308)) return to;
  const where = to === null ? 'nowhere' : displayAddress(to);
  throw new EndpointFailure(
    `The endpoint ${displayAddress(from)} sends on to ${where}, where neither key nor sentences follow: give the final address.`,
    { status: response.status },
  );
}

async function readText(response: Response, url: URL, limitBytes: number): Promise<string> {
  const pieces: Uint8Array[] = [];
  let byteLength = 0;
  for await (const piece of response.body ?? []) {
    pieces.push(piece as Uint8Array);
    byteLength += (piece as Uint8Array).length;
    if (byteLength > limitBytes) {
      throw new EndpointFailure(
        `The endpoint ${displayAddress(url)} answers with more than ${Math.ceil(limitBytes / 1e6)} MB, which vectors do not need: check the address.`,
      );
    }
  }
  return Buffer.concat(pieces).toString('utf8');
}
