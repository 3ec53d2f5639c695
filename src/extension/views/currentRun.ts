import * as vscode from 'vscode';
import type { AnalysisRun } from '../runs/analysisRun';
import type { AnalysisRuns } from '../runs/analysisRuns';
import type { Panels } from './panels';

/**
 * The run that the side bar and the commands without a document speak of: that of the active editor or panel, where it has one; else
 * the one that was current last.
 */
export class CurrentRun implements vscode.Disposable {
  readonly #runs: AnalysisRuns;
  readonly #panels: Panels;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #watches: vscode.Disposable;
  #run: AnalysisRun | undefined;
  readonly onDidChange = this.#changed.event;

  constructor(runs: AnalysisRuns, panels: Panels) {
    this.#runs = runs;
    this.#panels = panels;
    this.#watches = vscode.Disposable.from(
      vscode.window.onDidChangeActiveTextEditor(() => this.#update(this.activeRun)),
      panels.onDidChange(() => this.#update(this.activeRun)),
      runs.onDidChange(({ run, change }) => {
        if (change === 'removed') this.#update(run === this.#run ? this.#runs.all.at(-1) : this.#run);
        // What was just started, or refused before it started, is what the user thinks of.
        else if (change === 'state' && (run.state.kind === 'running' || run.state.kind === 'failed')) this.#update(run);
      }),
    );
  }

  get run(): AnalysisRun | undefined {
    return this.#run;
  }

  /** The run of what has the focus now, and of nothing else. */
  get activeRun(): AnalysisRun | undefined {
    const key = this.#panels.activeKey ?? vscode.window.activeTextEditor?.document.uri.toString();
    return key === undefined ? undefined : this.#runs.find(vscode.Uri.parse(key, true));
  }

  dispose(): void {
    this.#watches.dispose();
    this.#changed.dispose();
  }

  #update(run: AnalysisRun | undefined): void {
    const next = run ?? (this.#run !== undefined && this.#runs.all.includes(this.#run) ? this.#run : undefined);
    if (next === this.#run) return;
    this.#run = next;
    this.#changed.fire();
  }
}
