import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openServices, type Services } from '../../../src/core/analysis/services';
import { readSentences } from '../../../src/core/corpus/sentences';
import { serveEngine } from '../../../src/core/engine/service';
import type { EngineToHost, HostToEngine, StepProgress } from '../../../src/core/protocol/engineProtocol';
import { failureReason } from '../../../src/core/protocol/errors';
import { openPeer, type Peer, type RpcPort } from '../../../src/core/protocol/rpc';

const repository = path.resolve(__dirname, '../../..');
const sample = readFileSync(path.join(repository, 'media/samples/support-messages.txt'), 'utf8');
const sentences = readSentences(sample).sentences.slice(0, 120);
const question = { analysisId: 'a', side: 'raw', seed: 0, neighbours: 15 } as const;

let services: Services;
let client: Peer<HostToEngine>;
let close: () => void;

beforeAll(async () => {
  services = await openServices({ threads: 1 });
  const channel = new MessageChannel();
  close = () => channel.port1.close();
  client = openPeer<HostToEngine, EngineToHost>(portOf(channel.port1), {
    requests: {},
    notifications: { ready: () => undefined },
  });
  serveEngine(portOf(channel.port2), { openServices: () => Promise.resolve(services), onProblem: () => undefined });
  await client.request('analyze', {
    analysisId: 'a',
    source: 'support.txt',
    sentences,
    encoder: { encoder: 'embedded' },
    transform: 'pca:k=20',
    seed: 0,
  });
}, 120_000);
afterAll(async () => {
  close();
  await services.dispose();
});

function portOf(port: MessagePort): RpcPort {
  return {
    post: (message) => port.postMessage(message),
    onMessage: (listener) => {
      port.on('message', listener);
      return () => port.off('message', listener);
    },
  };
}

function reasonOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'no failure',
    (error: unknown) => failureReason(error),
  );
}

describe('UMAP of the engine', () => {
  it('comes with progress by whole percents, both sides at once', async () => {
    const progress: StepProgress[] = [];
    const [raw, transformed] = await Promise.all([
      client.request('umap', question, { onProgress: (step) => progress.push(step) }),
      client.request('umap', { ...question, side: 'transformed' }),
    ]);
    expect(raw.plane).toHaveLength(240);
    expect(raw.plane).not.toEqual(transformed.plane);
    const percents = progress.map(({ done }) => done);
    expect(percents.at(-1)).toBe(100);
    expect(new Set(percents).size).toBe(percents.length);
    expect(percents).toEqual([...percents].sort((a, b) => a - b));
  });

  it('is cancelled, and a transform meanwhile does not wait for it', async () => {
    const controller = new AbortController();
    let hasTransformed = false;
    const layout = client.request(
      'umap',
      { ...question, seed: 9 },
      {
        signal: controller.signal,
        onProgress: () => {
          if (hasTransformed) return;
          hasTransformed = true;
          void client.request('transform', { analysisId: 'a', spec: 'center' }).then(() => controller.abort());
        },
      },
    );
    expect(['cancelled', 'no failure']).toContain(await reasonOf(layout));
    expect(hasTransformed).toBe(true);
    expect((await client.request('umap', { ...question, seed: 9 })).seed).toBe(9);
  });

  it('of an analysis that is not held is lost, of a side that there is not wrong usage', async () => {
    expect(await reasonOf(client.request('umap', { ...question, analysisId: 'b' }))).toBe('lost');
    await client.request('transform', { analysisId: 'a', spec: 'none' });
    expect(await reasonOf(client.request('umap', { ...question, side: 'transformed' }))).toBe('usage');
    expect(await reasonOf(client.request('umap', { ...question, neighbours: 1 }))).toBe('usage');
  });

  it('ends when its analysis is forgotten', async () => {
    const layout = reasonOf(client.request('umap', { ...question, seed: 77 }));
    await client.request('forget', { analysisId: 'a' });
    expect(['cancelled', 'lost']).toContain(await layout);
  });
});
