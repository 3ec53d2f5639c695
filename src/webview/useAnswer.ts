import { useEffect, useRef, useState } from 'preact/hooks';
import { failureMessage, failureReason } from '../core/protocol/errors';

/** What the host answered to a question that a part of the page asks by itself. */
export interface Answer<Value> {
  /** the last answer, also while a newer question is under way; `null` before the first */
  readonly value: Value | null;
  readonly isPending: boolean;
  readonly error: string | null;
}

/**
 * Asks when `key` has rested for a while, and again with every new key; an answer to an older question is dropped and its work cancelled.
 * @param ask `null` asks nothing and forgets the last answer
 */
export function useAnswer<Value>(
  ask: ((signal: AbortSignal) => Promise<Value | null>) | null,
  key: string,
  restMs = 0,
): Answer<Value> {
  const [answer, setAnswer] = useState<Answer<Value>>({ value: null, isPending: false, error: null });
  const latest = useRef(ask);
  latest.current = ask;
  const isAsking = ask !== null;
  useEffect(() => {
    if (!isAsking) {
      setAnswer({ value: null, isPending: false, error: null });
      return undefined;
    }
    const controller = new AbortController();
    const timer = setTimeout(() => {
      setAnswer(({ value }) => ({ value, isPending: true, error: null }));
      latest.current!(controller.signal).then(
        (value) => {
          if (!controller.signal.aborted) setAnswer({ value, isPending: false, error: null });
        },
        (error: unknown) => {
          if (controller.signal.aborted) return;
          const isCancelled = failureReason(error) === 'cancelled';
          setAnswer({ value: null, isPending: false, error: isCancelled ? null : failureMessage(error) });
        },
      );
    }, restMs);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [key, isAsking, restMs]);
  return answer;
}
