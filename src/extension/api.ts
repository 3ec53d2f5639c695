import type * as vscode from 'vscode';
import type { AnalysisProgress, EncoderChoice, EngineRequests } from '../core/protocol/engineProtocol';
import type { FitChoice, Report } from '../core/protocol/webviewProtocol';
import { applyEncoder, type CommandServices } from './commands';
import { clearCache } from './encoder/clearCache';
import type { RecentEncoder } from './encoder/encoderChoices';
import type { Engine } from './engine';
import type { HostPauses } from './hostPauses';
import type { AnalysisRun, LabQuestion, Reading } from './runs/analysisRun';
import { chooseFit } from './runs/chooseFit';
import type { Failure, RunState } from './runs/runState';
import { reportOf } from './views/pageState';

/** What `activate` returns: a window into the extension for its integration tests. Not meant for other extensions; it may change. */
export interface IsoscopeApi {
  /** state of a document's run; `idle` also for a document that was never analysed */
  stateOf(uri: vscode.Uri): RunState['kind'];
  /** why the last run failed; `null` when it did not */
  failureOf(uri: vscode.Uri): Failure | null;
  /** how far a run is that is under way; `null` before the engine said anything, and at other times */
  progressOf(uri: vscode.Uri): AnalysisProgress | null;
  /** resolves when nothing is under way for a document */
  whenIdle(uri: vscode.Uri): Promise<void>;
  /** what the panel draws, as it would be sent now; `null` before the first result */
  lastReport(uri: vscode.Uri): Report | null;
  /** sentences that the last analysis had to encode */
  encodedCount(uri: vscode.Uri): number | null;
  /** as "Choose Encoder" does once it has been answered: `undefined` = what the settings name */
  chooseEncoder(uri: vscode.Uri, choice: EncoderChoice | undefined): Promise<void>;
  /** what a document is read with now */
  encoderOf(uri: vscode.Uri): EncoderChoice;
  recentEncoders(): readonly RecentEncoder[];
  /** keeps the key of an endpoint, as its step of "Choose Encoder" does */
  setKey(address: string, key: string): Promise<void>;
  /** as "Clear Cache" does after it was confirmed; bytes that were freed */
  clearCache(): Promise<number>;
  /** as the panel does when another layer or pooling is chosen */
  chooseReading(uri: vscode.Uri, reading: Reading): Promise<void>;
  /** as the panel does when something else is chosen to fit the transform on */
  chooseFit(uri: vscode.Uri, on: FitChoice): Promise<void>;
  /** as the panel and the side bar ask: findings, dimensions, neighbours, exports */
  readonly ask: <Name extends LabQuestion>(
    uri: vscode.Uri,
    ...question: Parameters<typeof AnalysisRun.prototype.ask<Name>>
  ) => Promise<EngineRequests[Name]['result'] | null>;
  /** folder of imported and downloaded encoders */
  readonly encoderStore: string;
  /** of the running engine */
  enginePid(): number | undefined;
  isPanelVisible(uri: vscode.Uri): boolean;
  /** errors and CSP violations that the pages reported */
  pageProblems(): readonly string[];
  /** longest pause of the extension host while the last analysis ran, in milliseconds */
  longestPauseMs(): number;
}

interface ApiParts extends CommandServices {
  readonly engine: Engine;
  readonly pauses: HostPauses;
  readonly pageProblems: readonly string[];
}

export function createApi(parts: ApiParts): IsoscopeApi {
  const { runs, engine, panels, pauses, pageProblems, encoders, cacheFolder } = parts;
  return {
    stateOf: (uri) => runs.find(uri)?.state.kind ?? 'idle',
    failureOf: (uri) => {
      const state = runs.find(uri)?.state;
      return state?.kind === 'failed' ? state.failure : null;
    },
    progressOf: (uri) => {
      const state = runs.find(uri)?.state;
      return state?.kind === 'running' ? state.progress : null;
    },
    whenIdle: async (uri) => runs.find(uri)?.whenIdle(),
    lastReport: (uri) => {
      const run = runs.find(uri);
      return run?.analysed == null ? null : reportOf(run.title, run.analysed, null);
    },
    encodedCount: (uri) => runs.find(uri)?.analysed?.encodedCount ?? null,
    chooseEncoder: (uri, choice) => applyEncoder(uri, choice, parts),
    encoderOf: (uri) => encoders.choices.encoderOf(uri),
    recentEncoders: () => encoders.choices.recent,
    setKey: (address, key) => encoders.keys.set(address, key),
    clearCache: () => clearCache(cacheFolder, engine),
    chooseReading: async (uri, reading) => runs.find(uri)?.chooseReading(reading),
    chooseFit: async (uri, on) => {
      const run = runs.find(uri);
      if (run !== undefined) await chooseFit(run, on, runs);
    },
    ask: async (uri, ...question) => (await runs.find(uri)?.ask(...question)) ?? null,
    encoderStore: encoders.store,
    enginePid: () => engine.processId,
    isPanelVisible: (uri) => panels.isVisible(uri.toString()),
    pageProblems: () => pageProblems,
    longestPauseMs: () => pauses.longestMs,
  };
}
