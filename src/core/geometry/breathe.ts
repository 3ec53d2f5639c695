import { setImmediate } from 'node:timers/promises';

/**
 * Lets pending messages in between two tiles of synchronous work: an abort arrives as a message, so a loop that never returns to the event loop
 * can never see it.
 * @throws the signal's reason when it is aborted
 */
export async function breathe(signal?: AbortSignal): Promise<void> {
  await setImmediate();
  signal?.throwIfAborted();
}
