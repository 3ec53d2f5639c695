import type { EngineRequests } from '../protocol/engineProtocol';
import { IsoscopeError } from '../protocol/errors';
import type { RequestOptions } from '../protocol/rpc';
import { startEngineProcess, type EngineProcess } from './engineProcess';

export interface EngineClientOptions {
  /** absolute path of dist/engine.js */
  readonly enginePath: string;
  /** threads of the numeric work; default: physical cores */
  readonly threads?: number | undefined;
  /** where vectors are kept for the next session; default: nowhere */
  readonly cacheFolder?: string | undefined;
  /** bytes of all vectors kept there; default 1 GB */
  readonly cacheLimitBytes?: number | undefined;
  /** the Node or Electron that runs the engine; default: the one that runs us */
  readonly execPath?: string | undefined;
  /** flags for it, e.g. a heap limit */
  readonly execArgv?: readonly string[] | undefined;
  /** what the engine prints and what happens to it, line by line */
  readonly log: (line: string) => void;
  /** stops the engine after so long without a request. Its analyses are then lost (reason `lost`) */
  readonly idleTimeoutMs?: number;
  /** how long the engine may take to start */
  readonly startTimeoutMs?: number;
  /** how long a cancelled job may go on before the process is killed */
  readonly cancelGraceMs?: number;
  /** pause before a start after two failures in a row; doubles up to 10 s until a request succeeds */
  readonly restartDelayMs?: number;
}

/** The engine seen from the extension host and from tests: a process that is there when needed. */
export interface EngineClient {
  /**
   * Asks the engine, starting it first when it does not run. Settles always.
   * @throws IsoscopeError: the engine's own reasons; `engine` or `out-of-memory` when the process ended; `lost` when the
   * analysis went with an earlier process: analyse again; `cancelled` at once when `signal` aborts
   */
  request<Name extends keyof EngineRequests>(
    name: Name,
    params: EngineRequests[Name]['params'],
    options?: RequestOptions<EngineRequests[Name]['progress']>,
  ): Promise<EngineRequests[Name]['result']>;
  /** of the running engine */
  readonly processId: number | undefined;
  /** Kills the engine; what is pending and what comes later rejects. */
  dispose(): void;
}

const MAX_RESTART_DELAY_MS = 10_000;

type TimeOption = 'idleTimeoutMs' | 'startTimeoutMs' | 'cancelGraceMs' | 'restartDelayMs';

/** Jobs long enough to be worth a kill. A hover or a slider that is cancelled in passing must not cost the analyses. */
const LONG_JOBS: ReadonlySet<string> = new Set<keyof EngineRequests>(['analyze', 'transform']);

/** Makes a client. Nothing is started before the first request. */
export function createEngineClient(options: EngineClientOptions): EngineClient {
  return new ForkedEngineClient(options);
}

class ForkedEngineClient implements EngineClient {
  readonly #options: EngineClientOptions & Required<Pick<EngineClientOptions, TimeOption>>;
  #engine: EngineProcess | undefined;
  /** failures since the last answer; the pause before the next start grows with them */
  #failures = 0;
  #failedAt = 0;
  /** requests that the engine has not answered, cancelled ones included */
  #openRequests = 0;
  /** long jobs that somebody waits for */
  #wantedJobs = 0;
  #idleTimer: NodeJS.Timeout | undefined;
  #isDisposed = false;

  constructor(options: EngineClientOptions) {
    this.#options = {
      idleTimeoutMs: 10 * 60_000,
      startTimeoutMs: 30_000,
      cancelGraceMs: 700,
      restartDelayMs: 250,
      ...options,
    };
  }

  get processId(): number | undefined {
    return this.#engine?.processId;
  }

  async request<Name extends keyof EngineRequests>(
    name: Name,
    params: EngineRequests[Name]['params'],
    options: RequestOptions<EngineRequests[Name]['progress']> = {},
  ): Promise<EngineRequests[Name]['result']> {
    const { signal } = options;
    for (let attempt = 0; ; attempt++) {
      if (isAborted(signal)) throw cancelledError();
      const engine = await unlessAborted(this.#runningEngine(), signal);
      try {
        return await this.#ask(engine, name, params, options);
      } catch (error) {
        // Killed to stop somebody else's cancelled job: this one was innocent, and every request can be asked again.
        if (error !== KILLED_TO_CANCEL || attempt > 0 || isAborted(signal)) throw error;
      }
    }
  }

  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    clearTimeout(this.#idleTimer);
    this.#engine?.kill(closedError());
    this.#engine = undefined;
  }

  async #ask<Name extends keyof EngineRequests>(
    engine: EngineProcess,
    name: Name,
    params: EngineRequests[Name]['params'],
    options: RequestOptions<EngineRequests[Name]['progress']>,
  ): Promise<EngineRequests[Name]['result']> {
    const isLong = LONG_JOBS.has(name);
    const { signal } = options;
    let isOpen = true;
    const close = (): void => {
      if (!isOpen) return;
      isOpen = false;
      this.#openRequests--;
      clearTimeout(graceTimer);
      this.#watchIdle();
    };
    let graceTimer: NodeJS.Timeout | undefined;
    const insist = (): void => {
      if (!isOpen || !isLong) return;
      graceTimer = setTimeout(() => {
        // While another job is wanted, this one is only waiting for its turn to notice.
        if (this.#wantedJobs > 0) insist();
        else this.#killToCancel(engine);
      }, this.#options.cancelGraceMs);
    };

    this.#openRequests++;
    if (isLong) this.#wantedJobs++;
    clearTimeout(this.#idleTimer);
    signal?.addEventListener('abort', insist, { once: true });
    void engine.ended.then(close);
    try {
      const result = await engine.peer.request(name, params, {
        ...options,
        onAcknowledged: () => {
          close();
          options.onAcknowledged?.();
        },
      });
      this.#failures = 0;
      return result;
    } finally {
      if (isLong) this.#wantedJobs--;
      if (!isAborted(signal)) {
        signal?.removeEventListener('abort', insist);
        close();
      }
    }
  }

  /** The engine, ready; started when there is none. */
  async #runningEngine(): Promise<EngineProcess> {
    for (;;) {
      if (this.#isDisposed) throw closedError();
      if (this.#engine !== undefined) {
        const engine = this.#engine;
        await engine.ready;
        // It may have ended between the promise's settling and this line.
        if (this.#engine === engine) return engine;
        continue;
      }
      const pauseMs = this.#pauseBeforeStart();
      if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
      // Another request may have started it during the pause.
      else this.#start();
    }
  }

  #pauseBeforeStart(): number {
    // One failure may be chance: only a second one in a row makes the next start wait.
    if (this.#failures < 2) return 0;
    const delayMs = Math.min(this.#options.restartDelayMs * 2 ** (this.#failures - 2), MAX_RESTART_DELAY_MS);
    return Math.max(0, this.#failedAt + delayMs - performance.now());
  }

  #start(): void {
    const { log } = this.#options;
    let engine: EngineProcess;
    try {
      engine = startEngineProcess(this.#options);
    } catch (error) {
      this.#countFailure();
      throw new IsoscopeError('engine', `The engine could not be started: ${String(error)}.`, { cause: error });
    }
    this.#engine = engine;
    log(`engine ${engine.processId ?? ''} started`);
    engine.ready.then(
      () => this.#watchIdle(),
      () => undefined, // whoever asked is told, and `ended` below counts it
    );
    void engine.ended.then((error) => {
      if (this.#engine === engine) this.#engine = undefined;
      if (error.reason === 'engine' || error.reason === 'out-of-memory') {
        if (error !== KILLED_TO_CANCEL) this.#countFailure();
      }
      log(`engine ${engine.processId ?? ''} ended: ${error.message}`);
    });
  }

  #countFailure(): void {
    this.#failures++;
    this.#failedAt = performance.now();
  }

  #killToCancel(engine: EngineProcess): void {
    if (this.#engine === engine) this.#engine = undefined;
    engine.kill(KILLED_TO_CANCEL);
  }

  #watchIdle(): void {
    clearTimeout(this.#idleTimer);
    if (this.#openRequests > 0 || this.#engine === undefined) return;
    this.#idleTimer = setTimeout(() => {
      const engine = this.#engine;
      this.#engine = undefined;
      engine?.kill(new IsoscopeError('cancelled', 'nothing was asked of it for a while'));
    }, this.#options.idleTimeoutMs);
    // A test or a command line that is otherwise done should not wait for this.
    this.#idleTimer.unref();
  }
}

const KILLED_TO_CANCEL = new IsoscopeError('engine', 'The engine was stopped to end a cancelled job.');

function closedError(): IsoscopeError {
  return new IsoscopeError('cancelled', 'The engine was closed.');
}

// A call, so that the compiler does not take the first look at `aborted` for the last.
function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}

function cancelledError(): IsoscopeError {
  return new IsoscopeError('cancelled', 'The work was cancelled.');
}

/** `promise`, or a rejection with `cancelled` as soon as the signal aborts. */
async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  let stop!: () => void;
  const aborted = new Promise<never>((_resolve, reject) => (stop = () => reject(cancelledError())));
  signal.addEventListener('abort', stop, { once: true });
  try {
    const result = await Promise.race([promise, aborted]);
    if (isAborted(signal)) throw cancelledError();
    return result;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
