import * as vscode from 'vscode';
import { assertNever, failureMessage } from '../../core/protocol/errors';
import { openPeer, type Peer, type RpcPort } from '../../core/protocol/rpc';
import type { HostToPage, PageToHost } from '../../core/protocol/webviewProtocol';
import { listRows } from '../editor/listRows';
import { revealRow } from '../editor/revealRow';
import { editorOf, rowsOfSelections } from '../editor/selectedRows';
import { showFailure } from '../messages';
import type { AnalysisRun } from '../runs/analysisRun';
import { chooseFit } from '../runs/chooseFit';
import type { AnalysisRuns, RunEvent } from '../runs/analysisRuns';
import { pageStateOf } from './pageState';
import { savePlot } from './savePlot';
import { takeWayOn } from './takeWayOn';

/** What the pages need of the rest. */
export interface PageServices {
  readonly extensionUri: vscode.Uri;
  readonly runs: AnalysisRuns;
  readonly log: vscode.LogOutputChannel;
  /** Something in a page went wrong. */
  readonly reportProblem: (message: string) => void;
  readonly openPanel: (uri: vscode.Uri) => void;
}

/** One page and the run that it shows at the moment. */
export interface PageBinding {
  readonly webview: vscode.Webview;
  readonly run: () => AnalysisRun | undefined;
  /** where the page stands in the editor area */
  readonly column: () => vscode.ViewColumn | undefined;
}

const MAX_DESCRIBED_ROWS = 500;
const MAX_DESCRIBED_LENGTH = 400;
/** Edits come by the keystroke. */
const STALE_DELAY_MS = 100;
/** Line numbers in tables may follow more slowly: they come with the whole report. */
const MOVED_DELAY_MS = 1_000;

/**
 * Talks with one page. Whatever a hidden page missed does not matter: it says `ready` when it is there again and gets everything anew.
 */
export class PageConnection implements vscode.Disposable {
  readonly #binding: PageBinding;
  readonly #services: PageServices;
  readonly #peer: Peer<HostToPage>;
  readonly #watches: vscode.Disposable;
  #staleTimer: NodeJS.Timeout | undefined;
  #movedTimer: NodeJS.Timeout | undefined;
  /** lines of the rows as the page knows them */
  #sentLines: Uint32Array = new Uint32Array(0);

  constructor(binding: PageBinding, services: PageServices) {
    this.#binding = binding;
    this.#services = services;
    this.#peer = openPeer<HostToPage, PageToHost>(webviewPort(binding.webview), {
      requests: {
        describe: ({ rows }) => this.#describe(rows),
        preview: async ({ spec }) => (await binding.run()?.preview(spec)) ?? null,
        transform: async ({ spec }) => {
          await binding.run()?.chooseTransform(spec);
          return null;
        },
        encode: async (reading) => {
          await binding.run()?.chooseReading(reading);
          return null;
        },
        fit: async ({ on }) => {
          const run = binding.run();
          if (run !== undefined) await chooseFit(run, on, services.runs);
          return null;
        },
        dimensions: (_, { signal }) => this.#ask((run) => run.ask('dimensions', {}, { signal })),
        dimension: (params, { signal }) => this.#ask((run) => run.ask('dimension', params, { signal })),
        dimensionCurve: (_, { signal, reportProgress }) =>
          this.#ask((run) => run.ask('dimensionCurve', {}, { signal, onProgress: reportProgress })),
        savePlot: async (image) => {
          const run = binding.run();
          if (run !== undefined) await savePlot(run, image);
          return null;
        },
        neighbourDiff: (params, { signal }) => this.#ask((run) => run.ask('neighbourDiff', params, { signal })),
        umap: ({ side, spec }, { signal, reportProgress }) =>
          this.#ask((run) => run.umap(side, spec, { signal, onProgress: reportProgress })),
      },
      notifications: {
        ready: () => this.sendAll(),
        reveal: ({ row, keepFocus }) =>
          this.#withRun((run) => revealRow(run, row, { keepFocus, pageColumn: binding.column() })),
        list: ({ rows }) => this.#withRun((run) => listRows(run, rows)),
        reanalyze: () => this.#withRun((run) => services.runs.reanalyze(run.uri)),
        cancel: () => binding.run()?.cancel(),
        action: ({ command }) => this.#withRun((run) => takeWayOn(command, run, services)),
        openPanel: () => this.#withRun((run) => services.openPanel(run.uri)),
        problem: ({ message }) => services.reportProblem(message),
      },
      onProblem: (error) => services.log.warn(`page: ${failureMessage(error)}`),
    });
    this.#watches = vscode.Disposable.from(
      services.runs.onDidChange((event) => this.#onRunEvent(event)),
      vscode.window.onDidChangeTextEditorSelection(({ textEditor }) => {
        if (textEditor.document.uri.toString() === binding.run()?.key) this.#sendHighlight();
      }),
    );
  }

  /** The state and what is selected. */
  sendAll(): void {
    this.#sendState();
    this.#sendHighlight();
  }

  dispose(): void {
    this.#clearTimers();
    this.#watches.dispose();
    this.#peer.dispose();
  }

  #onRunEvent({ run, change }: RunEvent): void {
    if (run !== this.#binding.run()) return;
    switch (change) {
      case 'state':
      case 'removed':
        this.#sendState();
        break;
      case 'progress':
        if (run.state.kind === 'running' && run.state.progress !== null) {
          this.#peer.notify('progress', run.state.progress);
        }
        break;
      case 'lines':
        clearTimeout(this.#staleTimer);
        this.#staleTimer = setTimeout(() => this.#sendStale(), STALE_DELAY_MS);
        break;
      default:
        assertNever(change);
    }
  }

  #sendState(): void {
    this.#clearTimers();
    this.#sentLines = this.#binding.run()?.analysed?.ledger.lines ?? this.#sentLines;
    this.#peer.notify('state', pageStateOf(this.#binding.run(), vscode.l10n));
  }

  #sendStale(): void {
    const ledger = this.#binding.run()?.analysed?.ledger;
    if (ledger === undefined) return;
    this.#peer.notify('stale', { staleRows: ledger.staleRows, isStale: ledger.isStale });
    this.#sendHighlight();
    clearTimeout(this.#movedTimer);
    if (!isEqual(ledger.lines, this.#sentLines)) {
      this.#movedTimer = setTimeout(() => this.#sendState(), MOVED_DELAY_MS);
    }
  }

  #clearTimers(): void {
    clearTimeout(this.#staleTimer);
    clearTimeout(this.#movedTimer);
  }

  #sendHighlight(): void {
    const run = this.#binding.run();
    const ledger = run?.analysed?.ledger;
    const editor = run === undefined ? undefined : editorOf(run.key);
    if (ledger === undefined || editor === undefined) return;
    this.#peer.notify('highlight', { rows: Uint32Array.from(rowsOfSelections(editor, ledger)) });
  }

  #describe(rows: readonly number[]): readonly string[] {
    const sentences = this.#binding.run()?.analysed?.question.sentences ?? [];
    return rows.slice(0, MAX_DESCRIBED_ROWS).map((row) => cut(sentences[row] ?? ''));
  }

  async #ask<Answer>(question: (run: AnalysisRun) => Promise<Answer | null>): Promise<Answer | null> {
    const run = this.#binding.run();
    return run === undefined ? null : question(run);
  }

  #withRun(work: (run: AnalysisRun) => Promise<void> | void): void {
    const run = this.#binding.run();
    if (run === undefined) return;
    Promise.resolve(work(run)).catch((error: unknown) => {
      this.#services.log.error(failureMessage(error));
      showFailure(failureMessage(error));
    });
  }
}

/** At most so many UTF-16 units, without half a surrogate pair at the end. */
function cut(sentence: string): string {
  if (sentence.length <= MAX_DESCRIBED_LENGTH) return sentence;
  return `${sentence.slice(0, MAX_DESCRIBED_LENGTH - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

function isEqual(a: Uint32Array, b: Uint32Array): boolean {
  return a.length === b.length && a.every((line, row) => line === b[row]);
}

function webviewPort(webview: vscode.Webview): RpcPort {
  return {
    post: (message) => void webview.postMessage(message),
    onMessage: (listener) => {
      const subscription = webview.onDidReceiveMessage(listener);
      return () => void subscription.dispose();
    },
  };
}
