import path from 'node:path';
import * as vscode from 'vscode';
import type { EncoderChoices } from '../encoder/encoderChoices';
import { rowsOfLines } from '../encoder/readyRows';
import type { Engine } from '../engine';
import { readSettings } from '../settings';
import { AnalysisRun, type RunChange } from './analysisRun';
import { openDocument } from './openDocument';
import { readCorpus } from './readCorpus';

export interface RunEvent {
  readonly run: AnalysisRun;
  readonly change: RunChange | 'removed';
}

/** The runs of this window, one per document that was analysed, and the documents' edits on their way to them. */
export class AnalysisRuns implements vscode.Disposable {
  readonly #runs = new Map<string, AnalysisRun>();
  readonly #dimensions = new Map<string, number>();
  readonly #engine: Engine;
  readonly #encoders: EncoderChoices;
  readonly #log: vscode.LogOutputChannel;
  readonly #changed = new vscode.EventEmitter<RunEvent>();
  readonly #watches: vscode.Disposable;
  readonly onDidChange = this.#changed.event;

  constructor(engine: Engine, encoders: EncoderChoices, log: vscode.LogOutputChannel) {
    this.#engine = engine;
    this.#encoders = encoders;
    this.#log = log;
    this.#watches = vscode.Disposable.from(
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (contentChanges.length === 0) return;
        this.find(document.uri)?.applyEdits(
          contentChanges.map(({ range: { start, end }, text }) => ({
            startLine: start.line,
            startCharacter: start.character,
            endLine: end.line,
            endCharacter: end.character,
            text,
          })),
        );
      }),
      // Closed, changed on disk, opened again: the edits in between were never told.
      vscode.workspace.onDidOpenTextDocument((document) => this.find(document.uri)?.syncText(document.getText())),
    );
  }

  get all(): readonly AnalysisRun[] {
    return [...this.#runs.values()];
  }

  find(uri: vscode.Uri): AnalysisRun | undefined {
    return this.#runs.get(uri.toString());
  }

  /** The run of a document, made when there is none; nothing is started. */
  ensure(uri: vscode.Uri): AnalysisRun {
    const key = uri.toString();
    const known = this.#runs.get(key);
    if (known !== undefined) return known;
    const run = new AnalysisRun(uri, path.posix.basename(uri.path), {
      engine: this.#engine,
      log: this.#log,
      dimensions: this.#dimensions,
      l10n: vscode.l10n,
      onReading: ({ uri: read }, encoder) => void this.#encoders.choose(read, encoder),
      onChange: (changed, change) => this.#changed.fire({ run: changed, change }),
    });
    this.#runs.set(key, run);
    return run;
  }

  /**
   * Analyses a document as it stands in the editor, saved or not. Never rejects: how it ended is the run's state.
   * @param scope lines to analyse; `null` = all
   */
  async analyze(document: vscode.TextDocument, scope: ReadonlySet<number> | null): Promise<void> {
    const run = this.ensure(document.uri);
    const { transform, seed, maxLines } = readSettings(document.uri);
    const text = document.getText();
    const isInScope = scope === null ? null : (line: number): boolean => scope.has(line);
    try {
      const corpus = readCorpus(text, { title: run.title, isInScope, maxLines, l10n: vscode.l10n });
      const source = vscode.workspace.asRelativePath(document.uri);
      const encoder = this.#encoders.encoderOf(document.uri);
      // A file of ready vectors has a row for every sentence of the document, also where only some are looked at.
      const isPart = scope !== null || run.fit.on === 'half';
      const numbers = encoder.vectors !== undefined && isPart ? rowsOfLines(text, corpus.lines) : {};
      await run.analyze({ source, encoder, transform, seed, ...corpus, ...numbers }, { text, scope });
    } catch (error) {
      run.refuse(error, { text, scope });
    }
  }

  /** Analyses again what the last analysis was about, with the lines as they are now. */
  async reanalyze(uri: vscode.Uri): Promise<void> {
    const run = this.ensure(uri);
    let document: vscode.TextDocument;
    try {
      document = await openDocument(uri);
    } catch (error) {
      run.refuse(error);
      return;
    }
    await this.analyze(document, this.#scopeOf(run, document));
  }

  /** Drops a run with all that the engine holds of it. */
  remove(uri: vscode.Uri): void {
    const run = this.find(uri);
    if (run === undefined) return;
    this.#runs.delete(run.key);
    run.dispose();
    this.#changed.fire({ run, change: 'removed' });
  }

  dispose(): void {
    this.#watches.dispose();
    for (const run of this.all) run.dispose();
    this.#runs.clear();
    this.#changed.dispose();
  }

  #scopeOf(run: AnalysisRun, document: vscode.TextDocument): ReadonlySet<number> | null {
    const { ledger } = run;
    if (ledger === null || ledger.isWhole) return null;
    const lines = new Set<number>();
    for (let line = 0; line < document.lineCount; line++) if (ledger.isInScope(line)) lines.add(line);
    return lines;
  }
}
