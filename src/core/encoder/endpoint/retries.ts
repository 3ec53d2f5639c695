import { setTimeout as sleep } from 'node:timers/promises';
import { EndpointFailure } from './endpointFailure';

/** How patient a client is. */
export interface Patience {
  /** attempts at one portion of sentences */
  readonly attempts: number;
  /** pause before the second attempt; doubles with each further one */
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
  /** of one portion with all its attempts; a server that asks for a longer wait is not waited for */
  readonly overallMs: number;
  /** uniform in [0, 1): spreads the attempts of several clients */
  readonly random: () => number;
  /** milliseconds of a clock that never goes back */
  readonly clock: () => number;
}

/** Until when a server wants to be left alone: one for all requests to it. */
export interface Gate {
  openAtMs: number;
}

/**
 * Repeats a request that fails for a passing reason: exponential back-off with jitter, and what the server asks for (Retry-After) if that is longer.
 * @param onRetry called before each further attempt
 * @throws the last failure; AbortError
 */
export async function withRetries<Result>(
  work: () => Promise<Result>,
  gate: Gate,
  patience: Patience,
  signal: AbortSignal | undefined,
  onRetry: () => void = () => undefined,
): Promise<Result> {
  const { attempts, firstPauseMs, longestPauseMs, overallMs, random, clock } = patience;
  const end = clock() + overallMs;
  for (let attempt = 1; ; attempt++) {
    await waitUntil(gate, clock, signal);
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof EndpointFailure) || !error.canRetry) throw error;
      const backOff = Math.min(longestPauseMs, firstPauseMs * 2 ** (attempt - 1)) * (0.5 + random() / 2);
      const pause = Math.max(backOff, error.retryAfterMs ?? 0);
      if (attempt >= attempts || clock() + pause > end) throw givenUp(error, attempt, overallMs);
      // Who is told to wait waits for all: the others would only be told the same.
      if (error.retryAfterMs !== null || error.status === 429) gate.openAtMs = Math.max(gate.openAtMs, clock() + pause);
      else await sleep(pause, undefined, signal && { signal });
      onRetry();
    }
  }
}

async function waitUntil(gate: Gate, clock: () => number, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  // It may be moved while it is waited for.
  for (let left = gate.openAtMs - clock(); left > 0; left = gate.openAtMs - clock()) {
    await sleep(left, undefined, signal && { signal });
  }
}

function givenUp(error: EndpointFailure, attempts: number, overallMs: number): EndpointFailure {
  const { retryAfterMs, status, cause } = error;
  const facts = { ...(status !== null && { status }), cause: cause ?? error };
  if (retryAfterMs !== null && retryAfterMs > overallMs) {
    const minutes = Math.ceil(retryAfterMs / 60_000);
    return new EndpointFailure(
      `${error.message.replace(/\.$/, '')}; it asks to wait ${minutes} minute${minutes === 1 ? '' : 's'}: try again then.`,
      facts,
    );
  }
  return attempts === 1
    ? error
    : new EndpointFailure(`${error.message.replace(/\.$/, '')} (${attempts} attempts).`, facts);
}
