import { monitorEventLoopDelay, type IntervalHistogram } from 'node:perf_hooks';
import type * as vscode from 'vscode';
import type { AnalysisRun } from './runs/analysisRun';
import type { AnalysisRuns } from './runs/analysisRuns';

const RESOLUTION_MS = 10;

/**
 * Watches, while anything is analysed, how long the extension host is kept from its other work, and writes it to the log (level debug).
 * The host is shared: a pause may be another extension's.
 */
export class HostPauses implements vscode.Disposable {
  readonly #log: vscode.LogOutputChannel;
  readonly #watch: vscode.Disposable;
  readonly #running = new Set<AnalysisRun>();
  readonly #histogram: IntervalHistogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  #longestMs = 0;

  constructor(runs: AnalysisRuns, log: vscode.LogOutputChannel) {
    this.#log = log;
    this.#watch = runs.onDidChange(({ run, change }) => {
      if (change === 'state' && run.state.kind === 'running') this.#start(run);
      else if (change !== 'progress' && change !== 'lines') this.#end(run);
    });
  }

  /** Of the last time that something was analysed, up to now. */
  get longestMs(): number {
    return this.#running.size > 0 ? this.#measure() : this.#longestMs;
  }

  dispose(): void {
    this.#watch.dispose();
    this.#histogram.disable();
  }

  #start(run: AnalysisRun): void {
    if (this.#running.size === 0) {
      this.#histogram.reset();
      this.#histogram.enable();
    }
    this.#running.add(run);
  }

  #end(run: AnalysisRun): void {
    if (!this.#running.delete(run) || this.#running.size > 0) return;
    // The turn that told us of the end has not been measured yet: it holds the posting of the result.
    setTimeout(() => {
      if (this.#running.size > 0) return;
      this.#longestMs = this.#measure();
      this.#histogram.disable();
      this.#log.debug(`extension host: longest pause while analysing ${this.#longestMs.toFixed(0)} ms`);
    }, 2 * RESOLUTION_MS);
  }

  /** The histogram counts whole intervals, the wait included. */
  #measure(): number {
    return Math.max(0, this.#histogram.max / 1e6 - RESOLUTION_MS);
  }
}
