import type * as vscode from 'vscode';
import { verdictOf } from '../../core/analysis/verdict';
import type { EngineClient } from '../../core/engine/client';
import type {
  AnalysisProgress,
  AnalysisResult,
  EncoderChoice,
  EngineRequests,
  SimilarityReading,
} from '../../core/protocol/engineProtocol';
import { failureMessage, failureReason } from '../../core/protocol/errors';
import type { RequestOptions } from '../../core/protocol/rpc';
import { UMAP_NEIGHBOURS } from '../../core/protocol/umap';
import type { Preview } from '../../core/protocol/views';
import type { L10n } from '../l10n';
import { applyFit, type RunFit } from './fitChoice';
import { LineLedger, type TextEdit } from './lineLedger';
import { analysedOf, type Analysed, type AnalysisQuestion, type RunState } from './runState';
import { suggestTransform } from './suggestTransform';

/** What a run needs from outside. */
export interface RunServices {
  readonly engine: Pick<EngineClient, 'request' | 'processId'>;
  readonly log: { info(line: string): void; debug(line: string): void; error(line: string): void };
  readonly l10n: L10n;
  readonly onChange: (run: AnalysisRun, change: RunChange) => void;
  /** of the vectors of each encoder that was used, by its choice as JSON; shared by all runs */
  readonly dimensions: Map<string, number>;
  /** the user chose another layer or pooling, and it was read */
  readonly onReading?: (run: AnalysisRun, encoder: EncoderChoice) => void;
}

/** Questions about one analysis that the engine answers without changing it. */
export type LabQuestion = 'export' | 'dimensions' | 'dimension' | 'dimensionCurve' | 'neighbourDiff' | 'findings';

/** Which of an encoder's vectors are looked at. */
export interface Reading {
  /** "last" or a block number */
  readonly layer: string | number;
  readonly pooling: string;
}

/** `state`: everything may have changed; `progress` and `lines`: only that. */
export type RunChange = 'state' | 'progress' | 'lines';

/** The text that a question was read from, and which of its lines. */
export interface RunSource {
  readonly text: string;
  /** `null` = the whole document */
  readonly scope: ReadonlySet<number> | null;
}

let nextAnalysis = 1;

/**
 * The analyses of one document: at most one is under way, a newer one voids the older. Methods that start work never reject: how it
 * ended is the state. Runs without VS Code.
 */
export class AnalysisRun {
  readonly uri: vscode.Uri;
  /** the same as text, to find things by */
  readonly key: string;
  readonly title: string;
  /** what the transform is fitted on from the next analysis on */
  fit: RunFit = { on: 'self' };
  readonly #services: RunServices;
  #state: RunState = { kind: 'idle' };
  #job: Job | null = null;
  /** lines of the text that was asked about last, whatever came of it */
  #attempted: LineLedger | null = null;
  /** transform that the user chose in the page; outlives re-analyses */
  #chosenTransform: string | null = null;

  constructor(uri: vscode.Uri, title: string, services: RunServices) {
    this.uri = uri;
    this.key = uri.toString();
    this.title = title;
    this.#services = services;
  }

  get state(): RunState {
    return this.#state;
  }

  get analysed(): Analysed | null {
    return analysedOf(this.#state);
  }

  /** The lines that "again" is about: of what is shown; of what failed, so that a retry asks the same. */
  get ledger(): LineLedger | null {
    const shown = this.analysed?.ledger ?? null;
    return this.#state.kind === 'failed' ? (this.#attempted ?? shown) : (shown ?? this.#attempted);
  }

  /** Resolves when nothing is under way, also not what was started while waiting. */
  async whenIdle(): Promise<void> {
    while (this.#job !== null) await this.#job.settled;
  }

  /** Encodes, measures and projects anew. The engine remembers vectors: only new or changed sentences are encoded. */
  analyze(whole: AnalysisQuestion, source: RunSource): Promise<void> {
    const question = applyFit(whole, this.fit, this.#services.l10n);
    const ledger = new LineLedger(source.text, question.sentences, question.lines, source.scope);
    this.#attempted = ledger;
    return this.#start((signal) => this.#analyze(question, ledger, signal));
  }

  /** What there is to read cannot be analysed: fails before any work. */
  refuse(error: unknown, source: RunSource | null = null): void {
    this.#attempted = source === null ? null : new LineLedger(source.text, [], [], source.scope);
    this.#job?.controller.abort();
    this.#job = null;
    this.#fail(error);
  }

  /** Puts another transform on the vectors of the last analysis. Does nothing when there is none. */
  async chooseTransform(spec: string): Promise<void> {
    const { analysed } = this;
    if (analysed === null) return;
    this.#chosenTransform = spec;
    await this.#start(async (signal) => {
      try {
        const result = await this.#request('transform', { analysisId: analysed.analysisId, spec }, signal);
        return { ...analysed, result, verdict: verdictOf(result.snapshot) };
      } catch (error) {
        if (failureReason(error) !== 'lost') throw error;
        return await this.#analyze(analysed.question, analysed.ledger, signal);
      }
    });
  }

  /**
   * Reads the sentences at another layer or pooling of the same encoder. Does nothing when there is nothing to read again. The choice is told to `onReading`,
   * so that the document keeps it.
   * @throws what the engine says when it cannot be read that way; what was shown is shown again
   */
  async chooseReading({ layer, pooling }: Reading): Promise<void> {
    const { analysed } = this;
    if (analysed === null) return;
    const { encoder } = analysed.question;
    const question = { ...analysed.question, encoder: { ...encoder, layer, pooling }, explore: true };
    const failures: Error[] = [];
    await this.#start(async (signal) => {
      try {
        return await this.#analyze(question, analysed.ledger, signal, analysed.result.snapshot.transform.spec);
      } catch (error) {
        if (failureReason(error) === 'cancelled' || !(error instanceof Error)) throw error;
        // What is shown stays true: the page tells the failure beside the choice.
        failures.push(error);
        return analysed;
      }
    });
    if (failures[0] !== undefined) throw failures[0];
    if (this.analysed?.question === question) this.#services.onReading?.(this, question.encoder);
  }

  /** A view at another transform, from moments alone; `null` when there is nothing to preview. */
  preview(spec: string): Promise<Preview | null> {
    return this.#ask((analysisId) => this.#services.engine.request('preview', { analysisId, spec }));
  }

  /** Cosines of all pairs of rows; `null` when there is nothing to compare. */
  readSimilarity(rows: readonly number[], signal?: AbortSignal): Promise<SimilarityReading | null> {
    return this.#ask((analysisId) => this.#services.engine.request('similarity', { analysisId, rows }, { signal }));
  }

  /** A question of the lab about the analysis that is shown; `null` when there is nothing to ask. */
  ask<Name extends LabQuestion>(
    name: Name,
    params: Omit<EngineRequests[Name]['params'], 'analysisId'>,
    options: RequestOptions<EngineRequests[Name]['progress']> = {},
  ): Promise<EngineRequests[Name]['result'] | null> {
    return this.#ask((analysisId) => {
      const whole = { ...params, analysisId } as EngineRequests[Name]['params'];
      return this.#services.engine.request(name, whole, options);
    });
  }

  /** UMAP of one side; `null` when another transform is shown than the page speaks of. */
  umap(
    side: 'raw' | 'transformed',
    spec: string,
    options: RequestOptions<EngineRequests['umap']['progress']> = {},
  ): Promise<EngineRequests['umap']['result'] | null> {
    const { analysed } = this;
    const shown = side === 'raw' ? 'none' : analysed?.result.snapshot.transform.spec;
    if (analysed === null || spec !== shown) return Promise.resolve(null);
    const { seed } = analysed.question;
    return this.#ask((analysisId) =>
      this.#services.engine.request('umap', { analysisId, side, seed, neighbours: UMAP_NEIGHBOURS }, options),
    );
  }

  /** Ends what is under way: back to what was there before. */
  cancel(): void {
    this.#job?.controller.abort();
  }

  /** The document was edited. */
  applyEdits(edits: readonly TextEdit[]): void {
    this.#changeLedgers((ledger) => {
      for (const edit of edits) ledger.apply(edit);
    });
  }

  /** The document was opened again, perhaps with another text. */
  syncText(text: string): void {
    this.#changeLedgers((ledger) => ledger.replaceAll(text));
  }

  /** Stops, and frees what the engine holds. */
  dispose(): void {
    this.#job?.controller.abort();
    this.#job = null;
    if (this.analysed !== null) this.#forget(this.analysed.analysisId);
  }

  #start(work: (signal: AbortSignal) => Promise<Analysed>): Promise<void> {
    this.#job?.controller.abort();
    const controller = new AbortController();
    // A newer job may have taken over when this one ends: then its outcome is nobody's business any more.
    const isCurrent = (): boolean => this.#job === job;
    const end = (conclude: () => void): void => {
      if (!isCurrent()) return;
      this.#job = null;
      conclude();
    };
    // In the next turn, so that `job` is there when the work asks whether it is current.
    const settled = Promise.resolve()
      .then(() => work(controller.signal))
      .then(
        (analysed) => end(() => this.#setState({ kind: 'shown', analysed })),
        (error: unknown) => end(() => this.#fail(error)),
      );
    const job: Job = { controller, settled };
    this.#job = job;
    this.#setState({ kind: 'running', progress: null, analysed: this.analysed });
    return settled;
  }

  /** @param transform default: the page's choice, else the question's */
  async #analyze(
    question: AnalysisQuestion,
    ledger: LineLedger,
    signal: AbortSignal,
    transform = this.#chosenTransform ?? question.transform,
  ): Promise<Analysed> {
    const { lines, ...asked } = question;
    const { sentences, encoder, fitOn } = asked;
    const { dimensions } = this.#services;
    const analysisId = String(nextAnalysis++);
    const replaced = this.analysed;
    const dimension = dimensions.get(JSON.stringify(encoder));
    const fittedCount = fitOn?.sentences.length ?? sentences.length;
    const suggest = (columns: number): string => suggestTransform(fittedCount, columns);
    const wanted = transform !== 'auto' ? transform : dimension === undefined ? 'none' : suggest(dimension);
    try {
      const params = { ...asked, analysisId, transform: wanted };
      const first = await this.#request('analyze', params, signal);
      signal.throwIfAborted();
      const { encodedCount, snapshot } = first;
      dimensions.set(JSON.stringify(encoder), snapshot.encoder.dimension);
      const analysed: Analysed = {
        analysisId,
        question,
        result: first,
        encodedCount,
        verdict: verdictOf(snapshot),
        ledger,
        fit: this.fit.on,
      };
      if (replaced !== null) this.#forget(replaced.analysisId);
      if (transform !== 'auto' || dimension !== undefined) return analysed;
      // The first time that this encoder is used, only now is its dimension known. The untransformed space is worth seeing meanwhile.
      this.#setState({ kind: 'running', progress: null, analysed });
      const spec = suggest(snapshot.encoder.dimension);
      const result = await this.#request('transform', { analysisId, spec }, signal);
      return { ...analysed, result, verdict: verdictOf(result.snapshot) };
    } catch (error) {
      if (this.analysed?.analysisId !== analysisId) this.#forget(analysisId);
      throw error;
    }
  }

  #request<Name extends 'analyze' | 'transform'>(
    name: Name,
    params: EngineRequests[Name]['params'],
    signal: AbortSignal,
  ): Promise<AnalysisResult> {
    const onProgress = (progress: AnalysisProgress): void => {
      if (this.#state.kind !== 'running' || signal.aborted) return;
      this.#state = { ...this.#state, progress };
      this.#services.onChange(this, 'progress');
    };
    return this.#services.engine.request(name, params, { signal, onProgress });
  }

  /** A small question about the analysis that is shown. When the engine has lost it (it stops when idle), it is made again meanwhile. */
  async #ask<Answer>(question: (analysisId: string) => Promise<Answer>): Promise<Answer | null> {
    const { analysed } = this;
    if (analysed === null || this.#state.kind === 'failed') return null;
    try {
      const answer = await question(analysed.analysisId);
      return this.analysed?.analysisId === analysed.analysisId ? answer : null;
    } catch (error) {
      const reason = failureReason(error);
      if (reason === 'lost' && this.#job === null && this.analysed === analysed) {
        const { spec } = analysed.result.snapshot.transform;
        void this.#start((signal) => this.#analyze(analysed.question, analysed.ledger, signal, spec));
      }
      if (reason === 'lost' || reason === 'cancelled') return null;
      throw error;
    }
  }

  #fail(error: unknown): void {
    const { analysed } = this;
    const reason = failureReason(error);
    if (reason === 'cancelled') {
      this.#services.log.info(`${this.title}: cancelled`);
      this.#setState(analysed === null ? { kind: 'idle' } : { kind: 'shown', analysed });
      return;
    }
    const message = failureMessage(error);
    this.#services.log.error(`${this.title}: ${message} (${reason})`);
    if (error instanceof Error && error.stack !== undefined) this.#services.log.debug(error.stack);
    this.#setState({ kind: 'failed', failure: { reason, message }, analysed });
  }

  #setState(state: RunState): void {
    this.#state = state;
    this.#services.onChange(this, 'state');
  }

  #changeLedgers(change: (ledger: LineLedger) => void): void {
    // A text that is being analysed is edited meanwhile like the one that is shown.
    for (const ledger of new Set([this.analysed?.ledger ?? null, this.#attempted])) {
      if (ledger !== null) change(ledger);
    }
    if (this.analysed !== null) this.#services.onChange(this, 'lines');
  }

  #forget(analysisId: string): void {
    const { engine, log } = this.#services;
    // An engine that does not run holds nothing, and asking would start it.
    if (engine.processId === undefined) return;
    engine.request('forget', { analysisId }).catch((error: unknown) => log.debug(failureMessage(error)));
  }
}

interface Job {
  readonly controller: AbortController;
  readonly settled: Promise<void>;
}
