import type * as vscode from 'vscode';
import { createEngineClient, type EngineClient } from '../core/engine/client';
import type { EncoderChoice, EngineRequests } from '../core/protocol/engineProtocol';
import type { RequestOptions } from '../core/protocol/rpc';
import { onSettingsChange, readSettings } from './settings';

export interface EngineOptions {
  /** absolute path of dist/engine.js */
  readonly enginePath: string;
  /** where vectors are kept, unless the settings say otherwise */
  readonly cacheFolder: string;
  /** puts the key of its endpoint to a choice: at the last moment, so that no run, state or log holds it */
  readonly unlock: (choice: EncoderChoice) => Promise<EncoderChoice>;
}

/** Owns the engine process: started at the first request, with the settings of that moment, killed with the window. */
export class Engine implements vscode.Disposable {
  readonly #options: EngineOptions;
  readonly #log: vscode.LogOutputChannel;
  readonly #watch: vscode.Disposable;
  #client: EngineClient | null = null;
  #isOutdated = false;
  #openRequests = 0;

  constructor(options: EngineOptions, log: vscode.LogOutputChannel) {
    this.#options = options;
    this.#log = log;
    this.#watch = onSettingsChange(
      ['threads', 'engine.idleMinutes', 'cache.enabled', 'cache.limitMegabytes'],
      () => (this.#isOutdated = true),
    );
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
      return await client.request(name, await this.#unlocked(params), options);
    } finally {
      this.#openRequests--;
    }
  }

  dispose(): void {
    this.#watch.dispose();
    this.#client?.dispose();
  }

  async #unlocked<Params>(params: Params): Promise<Params> {
    const { encoder } = (params ?? {}) as { readonly encoder?: EncoderChoice };
    return encoder === undefined ? params : { ...params, encoder: await this.#options.unlock(encoder) };
  }

  /** New settings need a new process; a job that runs under the old ones is left to end first. */
  #currentClient(): EngineClient {
    if (this.#isOutdated && this.#openRequests === 0) {
      this.#client?.dispose();
      this.#client = null;
      this.#isOutdated = false;
    }
    if (this.#client === null) {
      const { threads, idleTimeoutMs, cacheLimitBytes } = readSettings();
      const { enginePath, cacheFolder } = this.#options;
      this.#client = createEngineClient({
        enginePath,
        threads,
        ...(cacheLimitBytes !== null && { cacheFolder, cacheLimitBytes }),
        idleTimeoutMs,
        log: (line) => this.#log.info(line),
      });
    }
    return this.#client;
  }
}
