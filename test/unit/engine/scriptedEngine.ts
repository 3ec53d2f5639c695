/**
 * An engine whose jobs are scripts: what the client must survive, at the moment a test wants it.
 * `analyze` runs its `source`, e.g. "spin:2000"; the answer's `encodedCount` is the process id.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { ipcPort } from '../../../src/core/engine/ipcPort';
import { exitWithParent } from '../../../src/core/engine/parentWatch';
import type { AnalysisResult, EngineToHost, HostToEngine } from '../../../src/core/protocol/engineProtocol';
import { openPeer } from '../../../src/core/protocol/rpc';

const startScript = process.env['SCRIPTED_ENGINE_START'] ?? '';
if (startScript === 'crash') {
  console.error('Error: cannot open shared object file');
  process.exit(7);
}
exitWithParent();

async function run(script: string, signal: AbortSignal, reportProgress: (done: number) => void): Promise<void> {
  const [verb, amount] = script.split(':') as [string, string | undefined];
  const number = Number(amount);
  switch (verb) {
    case 'answer':
      return;
    case 'sleep':
      await sleep(number, undefined, { signal });
      return;
    case 'batches':
      for (let i = 0; i < number; i++) {
        signal.throwIfAborted();
        await sleep(20);
        reportProgress(i + 1);
      }
      return;
    case 'spin':
      reportProgress(0);
      await sleep(10);
      for (const end = performance.now() + number; performance.now() < end;);
      return;
    case 'exit':
      return process.exit(number);
    case 'throw':
      setImmediate(() => {
        throw new TypeError('engine bug');
      });
      await sleep(10_000);
      return;
    case 'heap': {
      const held: object[] = [];
      while (!signal.aborted) held.push(Array.from({ length: 1000 }, (_, x) => ({ x })));
      return;
    }
    case 'print':
      process.stdout.write('to stdout\n');
      process.stderr.write('to ');
      await sleep(20);
      process.stderr.write('stderr\nlast words');
      return;
    default:
      throw new Error(`no such script: ${script}`);
  }
}

const notScripted = (): Promise<never> => Promise.reject(new Error('not scripted'));

const peer = openPeer<EngineToHost, HostToEngine>(
  ipcPort(process, () => undefined),
  {
    requests: {
      analyze: async ({ source, sentences }, { signal, reportProgress }) => {
        await run(source, signal, (done) => reportProgress({ stage: 'encoding', done, total: sentences.length }));
        const rows = Uint32Array.from({ length: 40_000 }, (_, i) => i);
        const answer = {
          encodedCount: process.pid,
          truncatedRows: rows.subarray(3, 5),
          rows,
          marker: sentences.length,
        };
        return answer as unknown as AnalysisResult;
      },
      transform: notScripted,
      preview: notScripted,
      similarity: notScripted,
      neighbours: notScripted,
      findings: notScripted,
      percentile: notScripted,
      threshold: notScripted,
      dimensions: notScripted,
      dimension: notScripted,
      dimensionCurve: notScripted,
      neighbourDiff: notScripted,
      umap: notScripted,
      describeEncoder: notScripted,
      export: notScripted,
      cacheStatus: notScripted,
      clearCache: notScripted,
      forget: () => null,
      status: () => ({ processId: process.pid, backend: 'none', threads: 0, residentBytes: 0, analyses: [] }),
    },
    notifications: {},
  },
);
if (startScript !== 'silent') peer.notify('ready', null);
