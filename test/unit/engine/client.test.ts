import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createEngineClient, type EngineClient, type EngineClientOptions } from '../../../src/core/engine/client';
import type { AnalyzeParams } from '../../../src/core/protocol/engineProtocol';
import { IsoscopeError } from '../../../src/core/protocol/errors';
import { bundleForNode } from './bundle';

let enginePath = '';
let parentPath = '';
beforeAll(async () => {
  enginePath = await bundleForNode('test/unit/engine/scriptedEngine.ts', 'scriptedEngine');
  parentPath = await bundleForNode('test/unit/engine/scriptedParent.ts', 'scriptedParent');
});

const clients: EngineClient[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) client.dispose();
  delete process.env['SCRIPTED_ENGINE_START'];
});

function open(options: Partial<EngineClientOptions> = {}) {
  const log: string[] = [];
  const client = createEngineClient({ enginePath, log: (line) => log.push(line), restartDelayMs: 20, ...options });
  clients.push(client);
  return { client, log };
}

const script = (source: string): AnalyzeParams => ({
  analysisId: source,
  source,
  sentences: ['one', 'two'],
  encoder: { encoder: 'embedded' },
  transform: 'none',
  seed: 0,
});
const failure = (promise: Promise<unknown>): Promise<IsoscopeError> =>
  promise.then(
    () => expect.fail('it did not fail'),
    (error: unknown) => error as IsoscopeError,
  );
const isAlive = (processId: number): boolean => {
  try {
    process.kill(processId, 0);
    return true;
  } catch {
    return false;
  }
};
async function waitUntil(condition: () => boolean, withinMs: number): Promise<number> {
  const start = performance.now();
  while (!condition()) {
    if (performance.now() - start > withinMs) expect.fail(`not within ${withinMs} ms`);
    await sleep(10);
  }
  return performance.now() - start;
}

describe('life of the process', () => {
  it('starts at the first request, serves many from one process, reports progress', async () => {
    const { client } = open();
    expect(client.processId).toBeUndefined();
    const done: number[] = [];
    const [first, second] = await Promise.all([
      client.request('analyze', script('batches:3'), { onProgress: (progress) => done.push(progress.done) }),
      client.request('analyze', script('answer')),
    ]);
    expect(done).toEqual([1, 2, 3]);
    expect(first.encodedCount).toBe(second.encodedCount);
    expect(first.encodedCount).toBe(client.processId);
  });

  it('gives each received array memory of its own, so that it can be posted on without the rest', async () => {
    const result = await open().client.request('analyze', script('answer'));
    expect([...result.truncatedRows]).toEqual([3, 4]);
    expect(result.truncatedRows.buffer.byteLength).toBe(8);
  });

  it('stops when idle, and starts again at the next request', async () => {
    const { client } = open({ idleTimeoutMs: 150 });
    const first = await client.request('status', null);
    await sleep(50);
    // A job longer than the idle time does not count as idle.
    expect((await client.request('analyze', script('sleep:300'))).encodedCount).toBe(first.processId);
    await waitUntil(() => !isAlive(first.processId), 5000);
    expect(client.processId).toBeUndefined();
    expect((await client.request('status', null)).processId).not.toBe(first.processId);
  });

  it('puts what the engine prints into the log, line by line', async () => {
    const { client, log } = open();
    await client.request('analyze', script('print'));
    client.dispose();
    await waitUntil(() => log.includes('last words'), 5000);
    expect(log).toContain('to stdout');
    expect(log).toContain('to stderr');
  });

  it('rejects what is pending and what comes after dispose', async () => {
    const { client } = open();
    const { processId } = await client.request('status', null);
    const pending = failure(client.request('analyze', script('sleep:5000')));
    await sleep(30);
    client.dispose();
    expect((await pending).reason).toBe('cancelled');
    expect((await failure(client.request('status', null))).message).toBe('The engine was closed.');
    await waitUntil(() => !isAlive(processId), 5000);
  });

  it('rejects a request that waits for the start when disposed', async () => {
    const { client } = open();
    const pending = failure(client.request('status', null));
    client.dispose();
    expect((await pending).reason).toBe('cancelled');
  });
});

describe('cancelling', () => {
  it('rejects at once and leaves a process alive that stops between batches', async () => {
    const { client } = open({ cancelGraceMs: 200 });
    const { processId } = await client.request('status', null);
    const controller = new AbortController();
    const pending = failure(client.request('analyze', script('batches:1000'), { signal: controller.signal }));
    await sleep(60);
    const start = performance.now();
    controller.abort();
    expect((await pending).reason).toBe('cancelled');
    // At once, but for the load of the machine: the job itself would take 20 s.
    expect(performance.now() - start).toBeLessThan(500);
    await sleep(400);
    expect((await client.request('status', null)).processId).toBe(processId);
  });

  it('kills a process that is stuck, and serves the next request from a new one', async () => {
    const { client, log } = open({ cancelGraceMs: 200 });
    const { processId } = await client.request('status', null);
    const controller = new AbortController();
    const pending = failure(client.request('analyze', script('spin:60000'), { signal: controller.signal }));
    await sleep(60);
    controller.abort();
    expect((await pending).reason).toBe('cancelled');
    const elapsed = await waitUntil(() => !isAlive(processId), 5000);
    expect(elapsed).toBeGreaterThan(100);
    expect((await client.request('status', null)).processId).not.toBe(processId);
    expect(log.join('\n')).toMatch(/ended: The engine was stopped to end a cancelled job/);
  });

  it('asks again for another job after such a kill', async () => {
    const { client } = open({ cancelGraceMs: 200 });
    const { processId } = await client.request('status', null);
    const controller = new AbortController();
    const stuck = failure(client.request('analyze', script('spin:60000'), { signal: controller.signal }));
    await sleep(60);
    const innocent = client.request('status', null);
    controller.abort();
    expect((await stuck).reason).toBe('cancelled');
    expect((await innocent).processId).not.toBe(processId);
  });

  it('does not kill a job that is wanted for the sake of one that is not', async () => {
    const { client } = open({ cancelGraceMs: 100 });
    const { processId } = await client.request('status', null);
    const wanted = client.request('analyze', script('spin:600'));
    await sleep(30);
    const controller = new AbortController();
    const unwanted = failure(client.request('analyze', script('batches:1000'), { signal: controller.signal }));
    controller.abort();
    expect((await unwanted).reason).toBe('cancelled');
    expect((await wanted).encodedCount).toBe(processId);
    await sleep(300);
    expect(client.processId).toBe(processId);
  });

  it('never kills for a hover that is cancelled in passing', async () => {
    const { client } = open({ cancelGraceMs: 100 });
    const { processId } = await client.request('status', null);
    const job = client.request('analyze', script('spin:500'));
    const controller = new AbortController();
    const hover = failure(
      client.request('similarity', { analysisId: 'a', rows: [0, 1] }, { signal: controller.signal }),
    );
    controller.abort();
    expect((await hover).reason).toBe('cancelled');
    expect((await job).encodedCount).toBe(processId);
  });

  it('rejects at once while the engine is still starting', async () => {
    process.env['SCRIPTED_ENGINE_START'] = 'silent';
    const { client } = open();
    const pending = failure(client.request('status', null, { signal: AbortSignal.timeout(50) }));
    expect((await pending).reason).toBe('cancelled');
  });
});

describe('failing', () => {
  it.each([
    ['exit:3', 'engine', /stopped unexpectedly \(exit code 3/],
    ['throw', 'engine', /exit code 1: TypeError: engine bug/],
  ])('says why after %s, and the next request works', async (source, reason, message) => {
    const { client } = open();
    const error = await failure(client.request('analyze', script(source)));
    expect(error).toBeInstanceOf(IsoscopeError);
    expect(error.reason).toBe(reason);
    expect(error.message).toMatch(message);
    expect((await client.request('status', null)).backend).toBe('none');
  });

  it('survives kill -9 in the middle of a job', async () => {
    const { client } = open();
    const { processId } = await client.request('status', null);
    const pending = failure(client.request('analyze', script('spin:60000')));
    await sleep(50);
    process.kill(processId, 'SIGKILL');
    const error = await pending;
    expect(error.reason).toBe('engine');
    expect(error.message).toMatch(/killed from outside \(SIGKILL\)/);
    expect((await client.request('status', null)).processId).not.toBe(processId);
  });

  it('recognises that memory ran out', async () => {
    const { client, log } = open({ execArgv: ['--max-old-space-size=40'] });
    const error = await failure(client.request('analyze', script('heap')));
    expect(error.reason).toBe('out-of-memory');
    expect(error.message).toMatch(/ran out of memory/);
    expect(log.join('\n')).toMatch(/heap out of memory/);
    expect((await client.request('status', null)).backend).toBe('none');
  });

  it('gives up a start that takes too long', async () => {
    process.env['SCRIPTED_ENGINE_START'] = 'silent';
    const { client } = open({ startTimeoutMs: 1000 });
    const error = await failure(client.request('status', null));
    expect(error.message).toBe('The engine did not start within 1 s: see the log, then try again.');
    delete process.env['SCRIPTED_ENGINE_START'];
    expect((await client.request('status', null)).backend).toBe('none');
  });

  it('waits longer after each crash at the start, and starts anew once it has served', async () => {
    process.env['SCRIPTED_ENGINE_START'] = 'crash';
    const { client } = open({ restartDelayMs: 300 });
    const times: number[] = [];
    for (let i = 0; i < 4; i++) {
      const start = performance.now();
      const error = await failure(client.request('status', null));
      times.push(performance.now() - start);
      expect(error.message).toMatch(/exit code 7: Error: cannot open shared object file/);
    }
    // Pauses of 0, 0, 300 and 600 ms before the starts.
    expect(times[2]).toBeGreaterThan(290);
    expect(times[3]).toBeGreaterThan(590);
    delete process.env['SCRIPTED_ENGINE_START'];
    await client.request('status', null);
    await failure(client.request('analyze', script('exit:1')));
    const start = performance.now();
    await client.request('status', null);
    // Five failures in a row would have meant 2,400 ms.
    expect(performance.now() - start).toBeLessThan(2400);
  });

  it.each([{ enginePath: '/nowhere/engine.js' }, { execPath: '/nowhere/node' }])(
    'settles when the engine cannot be started at all: %o',
    async (options) => {
      const { client } = open(options);
      expect((await failure(client.request('status', null))).reason).toBe('engine');
    },
  );

  it('rejects parameters that cannot be sent and goes on', async () => {
    const { client } = open();
    const params = { ...script('answer'), sentences: [(() => 'x') as unknown as string] };
    expect((await failure(client.request('analyze', params))).message).toMatch(/"analyze" could not be sent/);
    expect((await client.request('status', null)).backend).toBe('none');
  });
});

describe('without its parent', () => {
  it.each(['sleep:60000', 'spin:60000'])(
    'an engine at "%s" is gone within 2 s of the parent’s SIGKILL',
    async (job) => {
      const parent = spawn(process.execPath, [parentPath, enginePath, job], { stdio: ['ignore', 'pipe', 'inherit'] });
      const engineId = await new Promise<number>((resolve) => {
        parent.stdout.on('data', (chunk: Buffer) => resolve(Number(chunk.toString())));
      });
      expect(isAlive(engineId)).toBe(true);
      await sleep(200);
      parent.kill('SIGKILL');
      // A zombie still answers kill(pid, 0) until init reaps it, which it does.
      await waitUntil(() => !isRunning(engineId), 2000);
    },
  );
});

/** Alive and not a zombie: in a container, nobody may reap the orphan. */
function isRunning(processId: number): boolean {
  try {
    const status = readFileSync(`/proc/${String(processId)}/stat`, 'utf8');
    return !status.includes(') Z ');
  } catch {
    return process.platform === 'linux' ? false : isAlive(processId);
  }
}
