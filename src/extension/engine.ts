import type * as vscode from 'vscode';
import { createEngineClient, type EngineClient } from '../core/engine/client';
import type { EngineRequests } from '../core/protocol/engineProtocol';
import type { RequestOptions } from '../core/protocol/rpc';
import { onSettingsChange, readSettings } from './settings';

/** Owns the engine process: started at the first request, with the settings of that moment, killed with the window. */
export class Engine implements vscode.Disposable {
  readonly #enginePath: string;
  readonly #log: vscode.LogOutputChannel;
  readonly #watch: vscode.Disposable;
  #client: EngineClient | null = null;
  #isOutdated = false;
  #openRequests = 0;

  constructor(enginePath: string, log: vscode.LogOutputChannel) {
    this.#enginePath = enginePath;
    this.#log = log;
    this.#watch = onSettingsChange(['threads', 'engine.idleMinutes'], () => (this.#isOutdated = true));
  }

  get processId(): number | undefined {
    return this.#client?.processId;
  }

  /** As `EngineClient.request`. */
  async request<Name extends keyof EngineRequests>(
    name: Name,
    params: EngineRequests[Name]['params'],
    options?: RequestOptions<EngineRequests[Name]['progress']>,
  ): Promise<EngineRequests[Name]['result']> {
    const client = this.#currentClient();
    this.#openRequests++;
    try {
      return await client.request(name, params, options);
    } finally {
      this.#openRequests--;
    }
  }

  dispose(): void {
    this.#watch.dispose();
    this.#client?.dispose();
  }

  /** New settings need a new process; a job that runs under the old ones is left to end first. */
  #currentClient(): EngineClient {
    if (this.#isOutdated && this.#openRequests === 0) {
      this.#client?.dispose();
      this.#client = null;
      this.#isOutdated = false;
    }
    if (this.#client === null) {
      const { threads, idleTimeoutMs } = readSettings();
      this.#client = createEngineClient({
        enginePath: this.#enginePath,
        threads,
        idleTimeoutMs,
        log: (line) => this.#log.info(line),
      });
    }
    return this.#client;
  }
}
