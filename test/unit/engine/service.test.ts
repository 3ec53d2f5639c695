import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { Analysis } from '../../../src/core/analysis/analysis';
import type { Services } from '../../../src/core/analysis/services';
import { createAnalysisStore } from '../../../src/core/engine/analysisStore';
import { describeExit } from '../../../src/core/engine/engineExit';
import { createJobQueue } from '../../../src/core/engine/jobQueue';
import { serveEngine } from '../../../src/core/engine/service';
import type { EngineToHost, HostToEngine } from '../../../src/core/protocol/engineProtocol';
import { failureReason } from '../../../src/core/protocol/errors';
import { openPeer, type RpcPort } from '../../../src/core/protocol/rpc';

describe('the service', () => {
  const closers: (() => void)[] = [];
  afterEach(() => {
    for (const close of closers.splice(0)) close();
  });

  function serve(openServices: () => Promise<Services>) {
    const channel = new MessageChannel();
    closers.push(() => channel.port1.close());
    const portOf = (port: MessagePort): RpcPort => ({
      post: (message) => port.postMessage(message),
      onMessage: (listener) => {
        port.on('message', listener);
        return () => port.off('message', listener);
      },
    });
    let isReady = false;
    const client = openPeer<HostToEngine, EngineToHost>(portOf(channel.port1), {
      requests: {},
      notifications: { ready: () => (isReady = true) },
    });
    serveEngine(portOf(channel.port2), { openServices, onProblem: () => undefined });
    return { client, isReady: () => isReady };
  }

  it('is ready before anything is opened, and opens anew after a failure', async () => {
    const runtime = { backend: 'cpu', threads: 3 };
    const outcomes = [new Error('no native library'), { runtime } as Services];
    let opened = 0;
    const { client, isReady } = serve(() => {
      const outcome = outcomes[opened++];
      return outcome instanceof Error ? Promise.reject(outcome) : Promise.resolve(outcome);
    });
    await sleep(20);
    expect([isReady(), opened]).toEqual([true, 0]);
    await expect(client.request('status', null)).rejects.toThrow('no native library');
    expect(await client.request('status', null)).toMatchObject({ threads: 3, analyses: [] });
    await client.request('status', null);
    expect(opened).toBe(2);
  });

  it('says in plain words that memory ran out', async () => {
    const { client } = serve(() => Promise.reject(new RangeError('Array buffer allocation failed')));
    const error = await client.request('status', null).catch((caught: unknown) => caught);
    expect(failureReason(error)).toBe('out-of-memory');
    expect(String(error)).toMatch(/analyse fewer lines/);
  });
});

describe('the job queue', () => {
  it('runs one job at a time, in order', async () => {
    const queue = createJobQueue();
    const events: string[] = [];
    const job = (name: string) => async () => {
      events.push(`${name} starts`);
      await sleep(10);
      events.push(`${name} ends`);
      return name;
    };
    const { signal } = new AbortController();
    expect(await Promise.all(['a', 'b', 'c'].map((name) => queue.run(name, signal, job(name))))).toEqual([
      'a',
      'b',
      'c',
    ]);
    expect(events).toEqual(['a starts', 'a ends', 'b starts', 'b ends', 'c starts', 'c ends']);
  });

  it('lets a newer job of the same key take the place of an older one, and goes on after failures', async () => {
    const queue = createJobQueue();
    const { signal } = new AbortController();
    const wait = (stop: AbortSignal) => sleep(5000, 'late', { signal: stop });
    const [running, waiting] = [queue.run('x', signal, wait), queue.run('x', signal, wait)];
    const newest = queue.run('x', signal, () => Promise.resolve('newest'));
    const outcomes = await Promise.allSettled([running, waiting, newest]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
    await expect(queue.run('y', signal, () => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
    expect(await queue.run('y', signal, () => Promise.resolve(1))).toBe(1);
  });

  it('does not start a job that was cancelled while it waited', async () => {
    const queue = createJobQueue();
    const controller = new AbortController();
    const first = queue.run('a', new AbortController().signal, () => sleep(30));
    let hasStarted = false;
    const second = queue.run('b', controller.signal, () => Promise.resolve((hasStarted = true)));
    controller.abort();
    await expect(second).rejects.toThrow();
    await first;
    expect(hasStarted).toBe(false);
  });
});

describe('the analysis store', () => {
  const analysisOf = (bytes: number): Analysis =>
    ({
      raw: {
        matrix: { data: { byteLength: bytes } },
        moments: { scatter: { data: { byteLength: 0 } } },
        sortedCosines: { byteLength: 0 },
        neighbours: { rows: { byteLength: 0 }, cosines: { byteLength: 0 } },
      },
      transformed: null,
    }) as unknown as Analysis;

  it('lets those go that were used longest ago, and never the newest', () => {
    const store = createAnalysisStore(100);
    store.set('a', analysisOf(40));
    store.set('b', analysisOf(40));
    store.get('a');
    store.set('c', analysisOf(40));
    expect(store.ids()).toEqual(['a', 'c']);
    store.set('d', analysisOf(500));
    expect(store.ids()).toEqual(['d']);
    expect(() => store.get('a')).toThrow('does not hold this analysis');
    store.delete('d');
    expect(store.ids()).toEqual([]);
  });
});

describe('why the engine ended', () => {
  const exit = { code: null, signal: null, stderrTail: '', hasKernelKilled: false };
  it.each([
    [{ ...exit, code: 134, stderrTail: 'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory' }, 'out-of-memory', /ran out of memory/],
    [{ ...exit, signal: 'SIGABRT', stderrTail: "terminate called after throwing an instance of 'std::bad_alloc'" }, 'out-of-memory', /ran out of memory/],
    [{ ...exit, signal: 'SIGKILL', hasKernelKilled: true }, 'out-of-memory', /ran out of memory/],
    [{ ...exit, code: 137 }, 'engine', /killed from outside \(SIGKILL\)/],
    [{ ...exit, signal: 'SIGSEGV' }, 'engine', /\(signal SIGSEGV\)\./],
    [{ ...exit, code: 1, stderrTail: 'x.js:1\n\nTypeError: a is undefined\n    at f (x.js:1:1)\n\nNode.js v20.1.0\n' }, 'engine', /\(exit code 1: TypeError: a is undefined\)/],
    [{ ...exit, code: 0 }, 'engine', /\(exit code 0\)/],
  ] as const)('%o', (ended, reason, message) => {
    const error = describeExit(ended);
    expect(error.reason).toBe(reason);
    expect(error.message).toMatch(message);
  }); // prettier-ignore
});
