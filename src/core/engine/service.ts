import { setImmediate } from 'node:timers/promises';
import type { Analysis, AnalysisOptions } from '../analysis/analysis';
import { analyzeSentences, retransform } from '../analysis/analyze';
import { measureDimensionCurve } from '../analysis/dimensionCurve';
import { inspectDimension, tabulateDimensions } from '../analysis/dimensionTable';
import { diffNeighbours } from '../analysis/neighbourDiff';
import { previewTransform } from '../analysis/preview';
import type { Services } from '../analysis/services';
import { neighboursOf, readSimilarity } from '../analysis/similarity';
import { readPercentiles, readThresholds } from '../analysis/similarityFloor';
import type { Space } from '../analysis/space';
import { umapOfAnalysis } from '../analysis/umapOfAnalysis';
import { exportAnalysis } from '../export/exportAnalysis';
import { findLines } from '../findings/findLines';
import type {
  AnalysisProgress,
  EngineRequests,
  EngineToHost,
  HostToEngine,
  StepProgress,
} from '../protocol/engineProtocol';
import { failureMessage, IsoscopeError } from '../protocol/errors';
import type { Findings } from '../protocol/findings';
import type { DimensionCurve } from '../protocol/lab';
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

interface AsideOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: StepProgress) => void;
}

/** Progress more often than this is more than anybody sees. */
const PROGRESS_INTERVAL_MS = 40;

/** Answers the host's requests: the chain of `core/analysis`, and nothing of its own. Says `ready` first. */
export function serveEngine(port: RpcPort, options: EngineServiceOptions): Peer<EngineToHost> {
  const store = createAnalysisStore(options.analysisLimitBytes ?? 2 ** 30);
  const jobs = createJobQueue();
  // Apart: a transform does not wait for a layout of a minute.
  const layouts = createJobQueue();
  const previews = new Map<string, AbortController>();
  // Of the raw space, which other transforms leave as it is.
  const findings = new WeakMap<Space, Findings>();
  const curves = new WeakMap<Space, DimensionCurve>();
  /** aborted when an analysis is forgotten */
  const lifetimes = new Map<string, AbortController>();
  let asideCount = 0;
  let opening: Promise<Services> | undefined;
  const services = (): Promise<Services> => {
    opening ??= options.openServices().catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    return opening;
  };

  /** A long look at an analysis that is there: one job at a time, but none takes the place of another. */
  function aside<Result>(
    analysisId: string,
    context: RequestContext<StepProgress>,
    job: (analysis: Analysis, options: AsideOptions) => Promise<Result>,
  ): Promise<Result> {
    const lifetime = lifetimes.get(analysisId) ?? new AbortController();
    lifetimes.set(analysisId, lifetime);
    const signal = AbortSignal.any([context.signal, lifetime.signal]);
    return jobs.run(`${analysisId}, aside ${String(asideCount++)}`, signal, (either) =>
      job(store.get(analysisId), { signal: either, onProgress: context.reportProgress }),
    );
  }

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

    findings: ({ analysisId }, context) =>
      aside(analysisId, context, async (analysis, options) => {
        const known = findings.get(analysis.raw) ?? (await findLines(analysis, options));
        findings.set(analysis.raw, known);
        return known;
      }),

    percentile: ({ analysisId, cosines }) => readPercentiles(store.get(analysisId), cosines),

    threshold: ({ analysisId, percentiles }) => readThresholds(store.get(analysisId), percentiles),

    dimensions: ({ analysisId }) => tabulateDimensions(store.get(analysisId)),

    dimension: ({ analysisId, space, dimension, rows }) =>
      inspectDimension(store.get(analysisId), space, dimension, rows),

    dimensionCurve: ({ analysisId }, context) =>
      aside(analysisId, context, async (analysis, options) => {
        const known = curves.get(analysis.raw) ?? (await measureDimensionCurve(analysis, options));
        curves.set(analysis.raw, known);
        return known;
      }),

    neighbourDiff: ({ analysisId, row, k }) => diffNeighbours(store.get(analysisId), row, k),

    umap: ({ analysisId, ...question }, context) =>
      layouts.run(`${analysisId}|${question.side}`, context.signal, (signal) =>
        umapOfAnalysis(store.get(analysisId), question, { signal, onShare: reportShare(context) }),
      ),

    describeEncoder: async ({ encoder: choice }, { signal }) => {
      const { summary, offer } = await (await services()).openEncoder(choice, { signal });
      return { id: summary.id, dimension: summary.dimension, offer };
    },

    export: async ({ analysisId, target, out, lines }, { signal }) => {
      const { runtime } = await services();
      return exportAnalysis(store.get(analysisId), target, out, lines, runtime, signal);
    },

    forget: ({ analysisId }) => {
      jobs.abort(analysisId);
      for (const side of ['raw', 'transformed']) layouts.abort(`${analysisId}|${side}`);
      previews.get(analysisId)?.abort();
      lifetimes.get(analysisId)?.abort();
      lifetimes.delete(analysisId);
      store.delete(analysisId);
      return null;
    },

    cacheStatus: async () => (await services()).cache?.status() ?? null,

    clearCache: async () => {
      const { cache, memory } = await services();
      memory.clear();
      await cache?.clear();
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

/** Progress as whole percents, each once. */
function reportShare({ reportProgress }: RequestContext<StepProgress>): (share: number) => void {
  let shown = -1;
  return (share) => {
    const percent = Math.floor(100 * share);
    if (percent <= shown) return;
    shown = percent;
    reportProgress({ done: percent, total: 100 });
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
