import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createEngineClient, type EngineClient } from '../../../src/core/engine/client';
import type { AnalyzeParams } from '../../../src/core/protocol/engineProtocol';
import { modelFolder } from '../../golden/encoder/referenceFolder';
import { bundleForNode } from './bundle';

const cacheFolder = mkdtempSync(path.join(tmpdir(), 'isoscope-engine-cache-'));
const clients: EngineClient[] = [];
let enginePath: string;
beforeAll(async () => {
  enginePath = await bundleForNode('src/core/engine/main.ts', 'engineWithCache');
});
afterEach(() => {
  for (const client of clients.splice(0)) client.dispose();
});
afterAll(() => rmSync(cacheFolder, { recursive: true, force: true }));

/** An engine process: what a window starts. */
function startWindow(cacheLimitBytes = 2 ** 28): EngineClient {
  const client = createEngineClient({ enginePath, threads: 1, cacheFolder, cacheLimitBytes, log: () => undefined });
  clients.push(client);
  return client;
}

function question(sentences: readonly string[]): AnalyzeParams {
  const encoder = { encoder: modelFolder('bert')! };
  return { analysisId: 'a', source: 'lines.txt', sentences, encoder, transform: 'none', seed: 0 };
}

const lines = (count: number, subject: string) =>
  Array.from({ length: count }, (_, i) => `line ${i} is about ${subject}`);

describe('the engine’s cache', () => {
  it('outlives the engine, tells its size, and is cleared for all windows', async () => {
    const [one, other] = [startWindow(), startWindow()];
    expect((await one.request('analyze', question(lines(40, 'rain')))).encodedCount).toBe(40);
    expect((await other.request('analyze', question(lines(41, 'rain')))).encodedCount).toBe(1);
    const status = await one.request('cacheStatus', null);
    expect(status).toMatchObject({ folder: cacheFolder, entryCount: 41, limitBytes: 2 ** 28 });
    expect(status!.byteLength).toBeGreaterThan(41 * 4 * 32);
    one.dispose();
    const later = startWindow();
    expect((await later.request('analyze', question(lines(41, 'rain')))).encodedCount).toBe(0);
    await later.request('clearCache', null);
    expect(await later.request('cacheStatus', null)).toMatchObject({ byteLength: 0, entryCount: 0 });
    expect((await later.request('analyze', question(lines(5, 'rain')))).encodedCount).toBe(5);
  });

  it('keeps what an engine had encoded that was killed in the middle', async () => {
    const many = lines(6000, 'the weather');
    const killed = startWindow();
    let done = 0;
    const running = killed.request('analyze', question(many), {
      onProgress: (progress) => {
        if (progress.stage !== 'encoding') return;
        done = progress.done;
        // The client would start it anew: the process itself is killed.
        if (done > 2000 && killed.processId !== undefined) process.kill(killed.processId, 'SIGKILL');
      },
    });
    await expect(running).rejects.toMatchObject({ reason: 'engine' });
    const { encodedCount } = await startWindow().request('analyze', question(many));
    expect(encodedCount).toBeLessThan(6000);
    expect(encodedCount).toBeGreaterThan(0);
  });

  it('without a folder keeps nothing', async () => {
    const client = createEngineClient({ enginePath, threads: 1, log: () => undefined });
    clients.push(client);
    expect(await client.request('cacheStatus', null)).toBeNull();
    expect(await client.request('clearCache', null)).toBeNull();
  });
});
