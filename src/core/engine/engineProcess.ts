import { fork, type ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { EngineToHost, HostToEngine } from '../protocol/engineProtocol';
import { IsoscopeError } from '../protocol/errors';
import { openPeer, type Peer } from '../protocol/rpc';
import { describeExit, readKernelKillCount } from './engineExit';
import { ipcPort } from './ipcPort';

export interface EngineProcessOptions {
  /** absolute path of dist/engine.js */
  readonly enginePath: string;
  /** threads of the numeric work; `undefined` = physical cores */
  readonly threads?: number | undefined;
  /** where vectors are kept for the next session; `undefined` = nowhere */
  readonly cacheFolder?: string | undefined;
  /** bytes of all vectors kept there; `undefined` = 1 GB */
  readonly cacheLimitBytes?: number | undefined;
  /** the Node or Electron that runs it; default: the one that runs us */
  readonly execPath?: string | undefined;
  /** flags for it, e.g. a heap limit */
  readonly execArgv?: readonly string[] | undefined;
  /** how long it may take to say that it is ready */
  readonly startTimeoutMs: number;
  /** one line, without line feed */
  readonly log: (line: string) => void;
}

/** One run of the engine, from fork to exit. Never restarted: the client makes another. */
export interface EngineProcess {
  readonly processId: number | undefined;
  readonly peer: Peer<HostToEngine>;
  /** resolves when it can answer; @throws IsoscopeError when it ends before, or takes too long */
  readonly ready: Promise<void>;
  /** resolves, once, with what ended it */
  readonly ended: Promise<IsoscopeError>;
  /** Ends it at once; what is pending rejects with `error`. */
  kill(error: IsoscopeError): void;
}

const STDERR_TAIL_LENGTH = 8192;

/** Forks the engine. Does not wait. */
export function startEngineProcess(options: EngineProcessOptions): EngineProcess {
  const { log } = options;
  const kernelKillsBefore = readKernelKillCount();
  const child = fork(options.enginePath, engineArguments(options), {
    ...(options.execPath !== undefined && { execPath: options.execPath }),
    // Not ours: `--inspect` and loaders of the host would be inherited.
    execArgv: [...(options.execArgv ?? [])],
    env: engineEnvironment(),
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });

  let stderrTail = '';
  forwardLines(child.stdout, log);
  forwardLines(child.stderr, log);
  child.stderr?.on('data', (chunk: string) => (stderrTail = (stderrTail + chunk).slice(-STDERR_TAIL_LENGTH)));

  let reportReady!: () => void;
  let reportEnd!: (error: IsoscopeError) => void;
  const isReady = new Promise<void>((resolve) => (reportReady = resolve));
  const ended = new Promise<IsoscopeError>((resolve) => (reportEnd = resolve));

  const peer = openPeer<HostToEngine, EngineToHost>(
    ipcPort(child, (error) => log(`a message to the engine was lost: ${error.message}`)),
    {
      requests: {},
      notifications: { ready: () => reportReady() },
      onProblem: (error) => log(`engine connection: ${String(error)}`),
    },
  );

  let hasEnded = false;
  const end = (error: IsoscopeError): void => {
    if (hasEnded) return;
    hasEnded = true;
    clearTimeout(startTimer);
    peer.dispose(error);
    reportEnd(error);
  };
  const kill = (error: IsoscopeError): void => {
    end(error);
    child.kill('SIGKILL');
  };
  const startTimer = setTimeout(() => {
    const seconds = Math.round(options.startTimeoutMs / 1000);
    kill(new IsoscopeError('engine', `The engine did not start within ${seconds} s: see the log, then try again.`));
  }, options.startTimeoutMs);

  child.on('error', (error) => {
    // Either it could not be spawned, or it is beyond reach: it cannot serve any more.
    kill(new IsoscopeError('engine', `The engine could not be started: ${error.message}.`, { cause: error }));
  });
  // `close` comes after `exit`, when the last words on standard error have been read.
  child.on('close', (code, signal) => {
    const kernelKills = readKernelKillCount();
    const hasKernelKilled = kernelKillsBefore !== null && kernelKills !== null && kernelKills > kernelKillsBefore;
    end(describeExit({ code, signal, stderrTail, hasKernelKilled }));
  });

  return {
    processId: child.pid,
    peer,
    ready: Promise.race([
      isReady.then(() => clearTimeout(startTimer)),
      ended.then((error) => {
        throw error;
      }),
    ]),
    ended,
    kill,
  };
}

function engineArguments({ threads, cacheFolder, cacheLimitBytes }: EngineProcessOptions): string[] {
  return [
    ...(threads === undefined ? [] : [`--threads=${threads}`]),
    ...(cacheFolder === undefined ? [] : [`--cache-folder=${cacheFolder}`]),
    ...(cacheLimitBytes === undefined ? [] : [`--cache-limit=${cacheLimitBytes}`]),
  ];
}

function engineEnvironment(): NodeJS.ProcessEnv {
  // The host's own flags, e.g. a debugger's preload, are not for the engine.
  return { ...process.env, ELECTRON_RUN_AS_NODE: '1', NODE_OPTIONS: '' };
}

function forwardLines(stream: ChildProcess['stdout'] | Readable, log: (line: string) => void): void {
  let rest = '';
  stream?.setEncoding('utf8');
  stream?.on('data', (chunk: string) => {
    const lines = (rest + chunk).split(/\r?\n/);
    rest = lines.pop() ?? '';
    for (const line of lines) log(line);
  });
  stream?.on('end', () => {
    if (rest !== '') log(rest);
  });
}
