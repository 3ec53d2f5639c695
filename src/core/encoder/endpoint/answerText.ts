import { isObject } from './answerFields';
import { displayAddress } from './endpointAddress';
import { EndpointFailure } from './endpointFailure';

/** Words of a server that a message repeats at most. */
const QUOTED_CHARACTERS = 200;

/** @throws EndpointFailure that says what the answer is instead */
export function parseJson(text: string, response: Response, url: URL): unknown {
  const address = displayAddress(url);
  try {
    return JSON.parse(text);
  } catch (cause) {
    if (isWebPage(text, response)) {
      throw new EndpointFailure(
        `The endpoint ${address} answers with a web page: check the address, and whether a proxy asks for a login.`,
      );
    }
    if (/[[,:]\s*-?(NaN|Infinity)\b/.test(text)) {
      throw new EndpointFailure(
        `The endpoint ${address} gives numbers that are not finite: its model is damaged or overflows.`,
        { cause },
      );
    }
    throw new EndpointFailure(
      text.trim() === ''
        ? `The endpoint ${address} gives an empty answer.`
        : `The endpoint ${address} gives an answer that is no whole JSON.`,
      // Half an answer: the other half may come the next time.
      { canRetry: true, cause },
    );
  }
}

function isWebPage(text: string, response: Response): boolean {
  return /^\s*<(!doctype|html|head|body)/i.test(text) || /text\/html/i.test(response.headers.get('content-type') ?? '');
}

/**
 * What an answer with an error's status means.
 * @param key is not repeated, whoever repeats it
 * @param now milliseconds since 1970
 */
export function statusFailure(
  response: Response,
  text: string,
  url: URL,
  key: string | undefined,
  now: number,
): EndpointFailure {
  const { status, headers } = response;
  const address = displayAddress(url);
  const said = isWebPage(text, response) ? '' : quote(text, key);
  const words = said === '' ? '' : `: ${said}`;
  const retryAfterMs = readRetryAfter(headers.get('retry-after'), now);
  if (status === 401 || status === 403) {
    const problem =
      key === undefined
        ? 'asks for a key (on the command line: the environment variable ISOSCOPE_API_KEY)'
        : 'does not accept the key';
    return new EndpointFailure(`The endpoint ${address} ${problem} (${status})${words}`.replace(/\.*$/, '.'), {
      status,
    });
  }
  // An empty account is refused with the code of a hurry, and no waiting helps.
  const isExhausted = /insufficient_quota|billing/i.test(text);
  const canRetry =
    !isExhausted && (status === 408 || status === 425 || status === 429 || (status >= 500 && status !== 501));
  const problem = isExhausted && status === 429 ? 'has no quota left (429)' : problemOf(status);
  return new EndpointFailure(`The endpoint ${address} ${problem}${words}`.replace(/\.*$/, '.'), {
    status,
    canRetry,
    retryAfterMs,
  });
}

function problemOf(status: number): string {
  if (status === 404) return 'has no such path or model (404)';
  if (status === 429) return 'asks for fewer requests (429)';
  return status >= 500 ? `has a problem of its own (${status})` : `refuses the request (${status})`;
}

/** The server's own words on one line, without the key that some repeat. */
function quote(text: string, key: string | undefined): string {
  let said = text;
  try {
    const value: unknown = JSON.parse(text);
    const isEmpty = isObject(value) && Object.keys(value).length === 0;
    said = isEmpty ? '' : (messageOf(value) ?? text);
  } catch {
    // Plain text.
  }
  if (key !== undefined) said = said.replaceAll(key, '•••');
  // eslint-disable-next-line no-control-regex -- control characters do not belong into a message
  const line = said.replace(/[\x00-\x1f\x7f]+/g, ' ').trim();
  return line.length > QUOTED_CHARACTERS ? `${line.slice(0, QUOTED_CHARACTERS)}…` : line;
}

/** Where servers put their message: {error: {message}}, {error: "…"}, {message}, {detail}. */
function messageOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return undefined;
  const { error, message, detail } = value as { error?: unknown; message?: unknown; detail?: unknown };
  return (
    messageOf(error) ??
    (typeof message === 'string' ? message : undefined) ??
    (typeof detail === 'string' ? detail : undefined)
  );
}

/** Seconds or a date (RFC 9110, 10.2.3), as milliseconds from now. */
export function readRetryAfter(value: string | null, now: number): number | null {
  if (value === null) return null;
  const ms = /^\s*\d+(\.\d+)?\s*$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now;
  return Number.isFinite(ms) ? Math.max(0, ms) : null;
}
