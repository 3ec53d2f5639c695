import * as vscode from 'vscode';
import { failureMessage, failureReason } from '../../core/protocol/errors';
import type { Findings } from '../../core/protocol/findings';
import type { Analysed } from '../runs/runState';
import type { AnalysisRun } from '../runs/analysisRun';
import type { AnalysisRuns } from '../runs/analysisRuns';

/** What is known of one run's findings. */
export type FindingsState =
  /** not asked for yet, or under way */
  | { readonly kind: 'pending' }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'shown'; readonly findings: Findings };

/** Findings of the analyses that somebody looks at: asked for once, kept while the vectors stay. */
export class FindingsOfRuns implements vscode.Disposable {
  readonly #log: vscode.LogOutputChannel;
  readonly #entries = new Map<AnalysisRun, Entry>();
  readonly #changed = new vscode.EventEmitter<AnalysisRun>();
  readonly #watch: vscode.Disposable;
  readonly onDidChange = this.#changed.event;

  constructor(runs: AnalysisRuns, log: vscode.LogOutputChannel) {
    this.#log = log;
    this.#watch = runs.onDidChange(({ run, change }) => {
      if (change === 'removed') this.#drop(run);
      else if (change === 'state') this.#changed.fire(run);
    });
  }

  /** What is known now; what is not known is asked for. `null` without an analysis. */
  of(run: AnalysisRun): FindingsState | null {
    const { analysed } = run;
    if (analysed === null) {
      this.#drop(run);
      return null;
    }
    const known = this.#entries.get(run);
    if (known?.analysisId === analysed.analysisId) return known.state;
    if (run.state.kind !== 'shown') return known?.state ?? { kind: 'pending' };
    return this.#ask(run, analysed);
  }

  dispose(): void {
    this.#watch.dispose();
    for (const { controller } of this.#entries.values()) controller.abort();
    this.#entries.clear();
    this.#changed.dispose();
  }

  #ask(run: AnalysisRun, { analysisId }: Analysed): FindingsState {
    this.#drop(run);
    const controller = new AbortController();
    const entry: Entry = { analysisId, controller, state: { kind: 'pending' } };
    this.#entries.set(run, entry);
    const settle = (state: FindingsState | null): void => {
      if (this.#entries.get(run) !== entry) return;
      // Nothing to ask any more: the next look asks again.
      if (state === null) this.#entries.delete(run);
      else entry.state = state;
      if (state !== null) this.#changed.fire(run);
    };
    run.ask('findings', {}, { signal: controller.signal }).then(
      (findings) => settle(findings && { kind: 'shown', findings }),
      (error: unknown) => {
        if (failureReason(error) === 'cancelled') {
          settle(null);
          return;
        }
        this.#log.error(`${run.title}: findings: ${failureMessage(error)}`);
        settle({ kind: 'failed', message: failureMessage(error) });
      },
    );
    return entry.state;
  }

  #drop(run: AnalysisRun): void {
    this.#entries.get(run)?.controller.abort();
    this.#entries.delete(run);
  }
}

interface Entry {
  readonly analysisId: string;
  readonly controller: AbortController;
  state: FindingsState;
}
