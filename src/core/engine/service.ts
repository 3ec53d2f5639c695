import { setImmediate } from 'node:timers/promises';
import type { AnalysisOptions } from '../analysis/analysis';
import { analyzeSentences, retransform } from '../analysis/analyze';
import { previewTransform } from '../analysis/preview';
import type { Services } from '../analysis/services';
import { neighboursOf, readSimilarity } from '../analysis/similarity';
import type { AnalysisProgress, EngineRequests, EngineToHost, HostToEngine } from '../protocol/engineProtocol';
import { failureMessage, IsoscopeError } from '../protocol/errors';
import { openPeer, type Peer, type RequestContext, type RequestHandlers, type RpcPort } from '../protocol/rpc';
import { createAnalysisStore } from './analysisStore';
import { MEMORY_WORDS } from './engineExit';
import { createJobQueue } from './jobQueue';

export interface EngineServiceOptions {
  /** called at the first request that needs them, and again when that failed */
  readonly openServices: () => Promise<Services>;
  /** of all analyses together */
  readonly analysisLimitBytes?: number;
  readonly onProblem: (error: unknown) => void;
}

/** Progress more often than this is more than anybody sees. */
const PROGRESS_INTERVAL_MS = 40;

/** Answers the host's requests: the chain of `core/analysis`, and nothing of its own. Says `ready` first. */
export function serveEngine(port: RpcPort, options: EngineServiceOptions): Peer<EngineToHost> {
  const store = createAnalysisStore(options.analysisLimitBytes ?? 2 ** 30);
  const jobs = createJobQueue();
  const previews = new Map<string, AbortController>();
  let opening: Promise<Services> | undefined;
  const services = (): Promise<Services> => {
    opening ??= options.openServices().catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    return opening;
  };

  const requests: RequestHandlers<EngineRequests> = {
    analyze: (params, context) =>
      jobs.run(params.analysisId, context.signal, async (signal) => {
        const analysis = await analyzeSentences(params, await services(), watched(context, signal));
        signal.throwIfAborted();
        store.set(params.analysisId, analysis);
        return analysis.result;
      }),

    transform: ({ analysisId, spec }, context) =>
      jobs.run(analysisId, context.signal, async (signal) => {
        const analysis = await retransform(store.get(analysisId), spec, watched(context, signal));
        signal.throwIfAborted();
        store.set(analysisId, analysis);
        return analysis.result;
      }),

    preview: async ({ analysisId, spec }, { signal }) => {
      previews.get(analysisId)?.abort(new IsoscopeError('cancelled', 'A newer preview took its place.'));
      const controller = new AbortController();
      previews.set(analysisId, controller);
      try {
        // What a slider has sent meanwhile is read first: only the newest of it is worth computing.
        await setImmediate();
        return await previewTransform(store.get(analysisId), spec, AbortSignal.any([signal, controller.signal]));
      } finally {
        if (previews.get(analysisId) === controller) previews.delete(analysisId);
      }
    },

    similarity: ({ analysisId, rows }) => readSimilarity(store.get(analysisId), rows),

    neighbours: ({ analysisId, row, k }) => neighboursOf(store.get(analysisId), row, k),

    findings: () => Promise.reject(notYet()),
    percentile: () => Promise.reject(notYet()),
    threshold: () => Promise.reject(notYet()),
    dimensions: () => Promise.reject(notYet()),
    dimension: () => Promise.reject(notYet()),
    dimensionCurve: () => Promise.reject(notYet()),
    neighbourDiff: () => Promise.reject(notYet()),

    forget: ({ analysisId }) => {
      jobs.abort(analysisId);
      previews.get(analysisId)?.abort();
      store.delete(analysisId);
      return null;
    },

    status: async () => {
      const { runtime } = await services();
      return {
        processId: process.pid,
        backend: runtime.backend,
        threads: runtime.threads,
        residentBytes: process.memoryUsage.rss(),
        analyses: store.ids(),
      };
    },
  };

  const peer = openPeer<EngineToHost, HostToEngine>(port, {
    requests: withMemoryErrors(requests),
    notifications: {},
    onProblem: options.onProblem,
  });
  peer.notify('ready', null);
  return peer;
}

function notYet(): IsoscopeError {
  return new IsoscopeError('engine', 'The engine cannot answer this yet.');
}

function watched(context: RequestContext<AnalysisProgress>, signal: AbortSignal): AnalysisOptions {
  let shownStage = '';
  let shownAt = -Infinity;
  return {
    signal,
    onProgress: (progress) => {
      const now = performance.now();
      const isPassing = progress.stage === shownStage && progress.done < progress.total;
      if (isPassing && now - shownAt < PROGRESS_INTERVAL_MS) return;
      shownStage = progress.stage;
      shownAt = now;
      context.reportProgress(progress);
    },
  };
}

/** A failed allocation is an ordinary exception here, but its message means nothing to a user. */
function withMemoryErrors<Handlers extends RequestHandlers<EngineRequests>>(handlers: Handlers): Handlers {
  const wrapped = Object.entries(handlers).map(([name, handler]) => [
    name,
    async (params: never, context: never): Promise<unknown> => {
      try {
        return await (handler as (params: never, context: never) => unknown)(params, context);
      } catch (error) {
        if (error instanceof IsoscopeError || !MEMORY_WORDS.test(failureMessage(error))) throw error;
        throw new IsoscopeError(
          'out-of-memory',
          'There is not enough memory for this: analyse fewer lines, or close other programs.',
          { cause: error },
        );
      }
    },
  ]);
  return Object.fromEntries(wrapped) as Handlers;
}
