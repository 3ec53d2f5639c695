/** Runs long jobs one after another: two at once would only share the cores and double the memory. */
export interface JobQueue {
  /**
   * Runs `job` when those before it are done. A newer job of the same key aborts an older one, waiting or running.
   * @param signal of the caller; rejects with its reason, also while waiting
   */
  run<Result>(key: string, signal: AbortSignal, job: (signal: AbortSignal) => Promise<Result>): Promise<Result>;
  /** Aborts the job of a key, if there is one. */
  abort(key: string): void;
}

export function createJobQueue(): JobQueue {
  let last: Promise<unknown> = Promise.resolve();
  const current = new Map<string, AbortController>();
  return {
    async run(key, signal, job) {
      current.get(key)?.abort();
      const controller = new AbortController();
      current.set(key, controller);
      const either = AbortSignal.any([signal, controller.signal]);
      const result = last.then(() => {
        either.throwIfAborted();
        return job(either);
      });
      last = result.catch(() => undefined);
      try {
        return await result;
      } finally {
        if (current.get(key) === controller) current.delete(key);
      }
    },
    abort: (key) => current.get(key)?.abort(),
  };
}
