import { failureReason } from '../../core/protocol/errors';

export interface PreviewQueue {
  /** Asks for a setting. While an answer is awaited only the newest wish is kept. */
  want(spec: string): void;
  /** Forgets the wish and voids the answer that is under way: a settled result has come, or another one is chosen. */
  clear(): void;
}

export interface PreviewQueueOptions<Result> {
  readonly ask: (spec: string) => Promise<Result | null>;
  readonly onResult: (result: Result) => void;
  readonly onError: (error: unknown) => void;
}

/**
 * Previews for a slider that moves faster than they can be computed: one request at a time, then the newest wish. Answers come in the order of the
 * questions, so an older setting never replaces a newer one; each is shown as it comes, so that a slow one does not freeze the
 * picture until the slider rests.
 */
export function createPreviewQueue<Result>({ ask, onResult, onError }: PreviewQueueOptions<Result>): PreviewQueue {
  let wanted: string | null = null;
  let isAsking = false;
  let era = 0;

  async function run(): Promise<void> {
    isAsking = true;
    while (wanted !== null) {
      const spec: string = wanted;
      const asked = era;
      wanted = null;
      try {
        const result = await ask(spec);
        if (result !== null && asked === era) onResult(result);
      } catch (error) {
        if (asked === era && failureReason(error) !== 'cancelled') onError(error);
      }
    }
    isAsking = false;
  }

  return {
    want(spec) {
      wanted = spec;
      if (!isAsking) void run();
    },
    clear() {
      wanted = null;
      era++;
    },
  };
}
