import { MessageChannel } from 'node:worker_threads';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { failureReason, IsoscopeError } from '../../../src/core/protocol/errors';
import { openPeer, type Outgoing, type PeerOptions, type RpcPort } from '../../../src/core/protocol/rpc';

interface Asked {
  double: { params: { value: number }; result: number; progress: { done: number } };
  wait: { params: null; result: string; progress: never };
  fail: { params: { how: string }; result: null; progress: never };
}
interface Told {
  note: { text: string };
  broken: null;
}
type Client = Outgoing<Asked, Told>;
type Server = Outgoing<object, { tick: number }>;

/** A pair of ports over a real channel: structured clone, asynchronous, in order. */
function connect(): { near: RpcPort; far: RpcPort; raw: (message: unknown) => void; sent: unknown[] } {
  const channel = new MessageChannel();
  closers.push(() => channel.port1.close());
  const sent: unknown[] = [];
  const portOf = (port: (typeof channel)['port1'], isNear: boolean): RpcPort => ({
    post: (message) => {
      port.postMessage(message);
      if (isNear) sent.push(message);
    },
    onMessage: (listener) => {
      port.on('message', listener);
      return () => port.off('message', listener);
    },
  });
  return {
    near: portOf(channel.port1, true),
    far: portOf(channel.port2, false),
    raw: (m) => channel.port2.postMessage(m),
    sent,
  };
}
const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

function open(overrides: Partial<PeerOptions<Client>['requests']> = {}, onProblem?: (error: unknown) => void) {
  const wires = connect();
  const notes: string[] = [];
  const serverSignals: AbortSignal[] = [];
  const server = openPeer<Server, Client>(wires.far, {
    requests: {
      double: async ({ value }, { reportProgress }) => {
        reportProgress({ done: 1 });
        await Promise.resolve();
        reportProgress({ done: 2 });
        return value * 2;
      },
      wait: (_params, { signal }) =>
        new Promise((_resolve, reject) => {
          serverSignals.push(signal);
          signal.addEventListener('abort', () => reject(signal.reason as Error));
        }),
      fail: ({ how }) => {
        switch (how) {
          case 'input':
            throw new IsoscopeError('input', 'corpus.txt has no sentences.');
          case 'abort':
            throw new DOMException('stop', 'AbortError');
          case 'plain':
            throw new TypeError('x is not a function');
          case 'string':
            throw 'just words' as unknown as Error;
          case 'hostile':
            throw { toString: () => ({}) } as unknown as Error;
          case 'reject':
            return Promise.reject(new IsoscopeError('encoder', 'damaged'));
          case 'unclonable':
            return (() => 0) as unknown as null;
          default:
            return undefined as unknown as null;
        }
      },
      ...overrides,
    },
    notifications: {
      note: ({ text }) => void notes.push(text),
      broken: () => {
        throw new Error('listener fell over');
      },
    },
    ...(onProblem && { onProblem }),
  });
  const ticks: number[] = [];
  const client = openPeer<Client, Server>(wires.near, {
    requests: {},
    notifications: { tick: (tick) => void ticks.push(tick) },
  });
  return { ...wires, client, server, notes, ticks, serverSignals };
}

const settle = (promise: Promise<unknown>): Promise<IsoscopeError> =>
  promise.then(
    (value) => expect.fail(`resolved with ${String(value)}`),
    (error: unknown) => error as IsoscopeError,
  );
const roundTrip = () => new Promise((resolve) => setTimeout(resolve, 20));

describe('requests', () => {
  it('answers with the typed result and reports progress in order before it', async () => {
    const { client } = open();
    const progress: number[] = [];
    const result: number = await client.request(
      'double',
      { value: 21 },
      { onProgress: ({ done }) => progress.push(done) },
    );
    expect(result).toBe(42);
    expect(progress).toEqual([1, 2]);
  });

  it('refuses wrong names, parameters and results at compile time', () => {
    const { client } = open();
    // Never run: the compiler is the one that is tested (`npm run check` type-checks this file).
    const compileOnly = (): void => {
      // @ts-expect-error no such request
      void client.request('triple', { value: 1 });
      // @ts-expect-error wrong parameter
      void client.request('double', { value: '1' });
      // @ts-expect-error the result is a number
      void client.request('double', { value: 1 }).then((result: string) => result);
      // @ts-expect-error wrong payload
      client.notify('note', { words: 1 });
    };
    expect(compileOnly).toBeTypeOf('function');
  });

  it('keeps many requests apart', async () => {
    const { client } = open({
      double: async ({ value }) => {
        await new Promise((resolve) => setTimeout(resolve, 30 - value));
        return value * 2;
      },
    });
    const values = Array.from({ length: 30 }, (_, i) => i);
    expect(await Promise.all(values.map((value) => client.request('double', { value })))).toEqual(
      values.map((v) => v * 2),
    );
  });

  it.each([
    ['input', 'input', 'corpus.txt has no sentences.'],
    ['abort', 'cancelled', 'stop'],
    ['plain', 'engine', 'x is not a function'],
    ['string', 'engine', 'just words'],
    ['hostile', 'engine', 'unknown failure'],
    ['reject', 'encoder', 'damaged'],
    ['unclonable', 'engine', /the answer to "fail" could not be sent/],
  ])('settles when a handler fails by %s', async (how, reason, message) => {
    const { client } = open();
    const error = await settle(client.request('fail', { how }));
    expect(error).toBeInstanceOf(IsoscopeError);
    expect(error.reason).toBe(reason);
    expect(error.message).toMatch(message);
    expect(await client.request('double', { value: 4 })).toBe(8);
  });

  it('answers null when a handler returns undefined, which JSON transports would drop', async () => {
    expect(await open().client.request('fail', { how: 'nothing' })).toBeNull();
  });

  it('settles requests that the other side does not know, inherited names included', async () => {
    const { client } = open();
    const untyped = client as unknown as { request(name: string, params: unknown): Promise<unknown> };
    for (const name of ['nope', 'constructor', 'toString', '__proto__']) {
      const error = await settle(untyped.request(name, null));
      expect(error.message).toBe(`unknown request "${name}"`);
    }
  });

  it('rejects when the parameters cannot be sent, and leaves nothing pending', async () => {
    const { client } = open();
    const error = await settle(client.request('double', { value: (() => 1) as unknown as number }));
    expect(error.reason).toBe('engine');
    expect(error.message).toMatch(/"double" could not be sent/);
  });
});

describe('cancelling', () => {
  it('rejects the caller at once, aborts the handler, and says when the other side has stopped', async () => {
    const { client, serverSignals } = open();
    const controller = new AbortController();
    const onAcknowledged = vi.fn();
    const waiting = settle(client.request('wait', null, { signal: controller.signal, onAcknowledged }));
    await roundTrip();
    controller.abort();
    expect((await waiting).reason).toBe('cancelled');
    expect(onAcknowledged).not.toHaveBeenCalled();
    await roundTrip();
    expect(serverSignals[0]?.aborted).toBe(true);
    expect(onAcknowledged).toHaveBeenCalledOnce();
  });

  it('sends nothing for a signal that was aborted before', async () => {
    const { client, sent } = open();
    expect((await settle(client.request('wait', null, { signal: AbortSignal.abort() }))).reason).toBe('cancelled');
    expect(sent).toEqual([]);
  });

  it('drops progress after the cancel and ignores a cancel that comes too late', async () => {
    let report: ((progress: { done: number }) => void) | undefined;
    let finish: ((value: number) => void) | undefined;
    const { client } = open({
      double: (_params, { reportProgress }) => {
        report = reportProgress;
        return new Promise<number>((resolve) => (finish = resolve));
      },
    });
    const controller = new AbortController();
    const onProgress = vi.fn();
    const request = settle(client.request('double', { value: 1 }, { signal: controller.signal, onProgress }));
    await roundTrip();
    controller.abort();
    report?.({ done: 1 });
    finish?.(7);
    expect((await request).reason).toBe('cancelled');
    await roundTrip();
    report?.({ done: 2 });
    await roundTrip();
    expect(onProgress).not.toHaveBeenCalled();

    const late = new AbortController();
    const second = open();
    expect(await second.client.request('double', { value: 3 }, { signal: late.signal })).toBe(6);
    late.abort();
    await roundTrip();
    expect(second.sent).toHaveLength(1);
  });
});

describe('disposing', () => {
  it('rejects what is pending with the given reason, and everything after', async () => {
    const { client } = open();
    const pending = [settle(client.request('wait', null)), settle(client.request('wait', null))];
    client.dispose(new IsoscopeError('out-of-memory', 'The engine ran out of memory.'));
    for (const error of await Promise.all(pending)) expect(failureReason(error)).toBe('out-of-memory');
    expect((await settle(client.request('double', { value: 1 }))).reason).toBe('out-of-memory');
    client.notify('note', { text: 'nobody listens' });
    client.dispose();
  });

  it('aborts the handlers that run', async () => {
    const { client, server, serverSignals } = open();
    const request = client.request('wait', null);
    request.catch(() => undefined);
    await roundTrip();
    server.dispose();
    expect(serverSignals[0]?.aborted).toBe(true);
    client.dispose();
  });
});

describe('notifications and foreign messages', () => {
  it('delivers notifications both ways and survives a listener that throws', async () => {
    const onProblem = vi.fn();
    const { client, server, notes, ticks } = open({}, onProblem);
    client.notify('broken', null);
    client.notify('note', { text: 'a' });
    server.notify('tick', 5);
    await roundTrip();
    expect(notes).toEqual(['a']);
    expect(ticks).toEqual([5]);
    expect(onProblem).toHaveBeenCalledOnce();
  });

  it('ignores what is not ours', async () => {
    const { client, raw, near } = open();
    const pending = client.request('double', { value: 5 });
    const foreign = [
      null, undefined, 3, 'text', [], {}, { id: 1 }, { id: 'x', ok: 1 }, { id: -1, ok: 'stray answer' }, { id: -1, err: null },
      { id: -1, progress: 1 }, { id: -1, cancel: true }, { notify: 'unknown', payload: 1 }, { notify: 'hasOwnProperty' },
      { type: 'webpackOk', data: {} },
    ]; // prettier-ignore
    for (const message of foreign) {
      raw(message);
      near.post(message);
    }
    expect(await pending).toBe(10);
    await roundTrip();
    expect(await client.request('double', { value: 6 })).toBe(12);
  });

  it('does not take the answer to a page that is gone for its own', async () => {
    const { near, far } = connect();
    const seen: unknown[] = [];
    far.onMessage((message) => seen.push(message));
    const options = { requests: {}, notifications: {} };
    const before = openPeer<Client, Server>(near, options);
    const lost = settle(before.request('double', { value: 1 }));
    before.dispose();
    await lost;
    await roundTrip();
    const after = openPeer<Client, Server>(near, options);
    const request = after.request('double', { value: 2 });
    await roundTrip();
    const [first, second] = seen as { id: number }[];
    far.post({ id: first.id, ok: 'late' });
    far.post({ id: second.id, ok: 4 });
    expect(await request).toBe(4);
  });

  it('hands on the reason of a malformed failure as engine', async () => {
    const { near, far } = connect();
    far.onMessage((message) => far.post({ id: (message as { id: number }).id, err: null }));
    const client = openPeer<Client, Server>(near, { requests: {}, notifications: {} });
    const error = await settle(client.request('wait', null));
    expect([error.reason, error.message]).toEqual(['engine', 'unknown failure']);
  });
});
