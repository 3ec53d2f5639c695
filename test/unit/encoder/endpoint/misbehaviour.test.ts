import { createServer as createTcpServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { networkFailure } from '../../../../src/core/encoder/endpoint/endpointFailure';
import { openEndpointEncoder } from '../../../../src/core/encoder/endpoint/endpointEncoder';
import type { EndpointOptions } from '../../../../src/core/encoder/endpoint/openClient';
import { readRetryAfter } from '../../../../src/core/encoder/endpoint/answerText';
import { withRetries } from '../../../../src/core/encoder/endpoint/retries';
import { EndpointFailure } from '../../../../src/core/encoder/endpoint/endpointFailure';
import { failureMessage, failureReason } from '../../../../src/core/protocol/errors';
import {
  type Answer,
  answerOpenai,
  DIMENSION,
  type LoopbackServer,
  sendJson,
  startServer,
  vectorOf,
} from './loopbackServer';

// A server on the loopback that misbehaves in every way: one sentence with reason `encoder`, no hang, never the key.

const KEY = 'sk-very-secret-0123456789';
const servers: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function serve(answer: Answer): Promise<LoopbackServer> {
  const server = await startServer(answer);
  servers.push(server);
  return server;
}

/** Without the pauses that a user has. */
const impatient: EndpointOptions = {
  patience: { attempts: 3, firstPauseMs: 1, longestPauseMs: 5, random: () => 0.5 },
};
const open = (address: string, options: EndpointOptions = impatient) =>
  openEndpointEncoder({ encoder: address, endpoint: { api: 'openai', model: 'small', key: KEY } }, options);

/** What is told of a failure; it must be a sentence with a reason, and keep the key. */
async function failureOf(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => expect.fail('it did not fail'),
    (caught: unknown) => caught,
  );
  expect(failureReason(error)).toBe('encoder');
  const message = failureMessage(error);
  expect(message).toMatch(/^The .*\.$/s);
  expect(message).not.toContain('\n');
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    expect(`${cause.message} ${cause.stack ?? ''} ${JSON.stringify(cause)}`).not.toContain(KEY);
  }
  return message;
}

/** A server that is sound for the probe and misbehaves from then on. */
const after =
  (probes: number, wrong: Answer): Answer =>
  (asked, response) =>
    asked.count < probes ? answerOpenai(asked, response) : wrong(asked, response);

const data =
  (vectors: readonly unknown[]): Answer =>
  (_asked, response) =>
    sendJson(response, { data: vectors.map((embedding, index) => ({ index, embedding })) });
const good = vectorOf('x');

describe('a wrong answer', () => {
  it.each<[string, Answer, RegExp]>([
    ['too few vectors', data([good]), /gives 1 vectors for 2 sentences/],
    ['too many vectors', data([good, good, good]), /gives 3 vectors for 2 sentences/],
    ['another dimension', data([good, [1, 2, 3]]), /gives a vector of 3 numbers, where others have 6/],
    [
      'null for a number',
      data([good, [1, 2, 3, 4, 5, null]]),
      /gives null for a number \(vector 2 of its answer, number 6\)/,
    ],
    ['a text for a number', data([good, [1, 2, 3, 4, 5, '6']]), /gives "6" for a number/],
    ['more than float32 holds', data([good, [1, 2, 3, 4, 5, 1e300]]), /gives 1e\+300 for a number/],
    ['an empty vector', data([good, []]), /gives an empty vector \(number 2/],
    ['an object for a vector', data([good, { a: 1 }]), /something else than a list of numbers/],
    ['bad base64', data([good, 'AAAA=']), /base64 that is no list of float32 numbers/],
    [
      'base64 of NaN',
      data([good, Buffer.from(Float32Array.of(1, 2, 3, 4, 5, NaN).buffer).toString('base64')]),
      /gives NaN for a number/,
    ],
    [
      'the same index twice',
      (_a, r) =>
        sendJson(r, {
          data: [
            { index: 1, embedding: good },
            { index: 1, embedding: good },
          ],
        }),
      /numbers its vectors wrongly \(index 1\)/,
    ],
    [
      'an index beyond',
      (_a, r) =>
        sendJson(r, {
          data: [
            { index: 0, embedding: good },
            { index: 2, embedding: good },
          ],
        }),
      /numbers its vectors wrongly \(index 2\)/,
    ],
    [
      'an index for one only',
      (_a, r) => sendJson(r, { data: [{ index: 0, embedding: good }, { embedding: good }] }),
      /numbers its vectors wrongly/,
    ],
    ['no data', (_a, r) => sendJson(r, { object: 'list' }), /gives an answer without "data"/],
    [
      'an error with status 200',
      (_a, r) => sendJson(r, { error: { message: 'overloaded' } }),
      /gives an answer without "data"/,
    ],
    ['null', (_a, r) => sendJson(r, null), /gives an answer without "data"/],
    [
      'NaN, which is no JSON',
      (_a, r) => void r.end(`{"data":[{"index":0,"embedding":[1,NaN]}]}`),
      /numbers that are not finite/,
    ],
    [
      'a web page',
      (_a, r) => void r.writeHead(200, { 'content-type': 'text/html' }).end('<!DOCTYPE html><p>login'),
      /answers with a web page: check the address, and whether a proxy/,
    ],
    ['no JSON', (_a, r) => void r.end('vectors!'), /gives an answer that is no whole JSON \(3 attempts\)/],
    ['nothing', (_a, r) => void r.end(), /gives an empty answer \(3 attempts\)/],
  ])('%s', async (_what, wrong, message) => {
    const server = await serve(after(1, wrong));
    const encoder = await open(server.address);
    expect(await failureOf(encoder.encode(['a', 'b']))).toMatch(message);
  });

  it('of any size is read as far as vectors go', async () => {
    const server = await serve((asked, response) => {
      if (asked.count === 0) return answerOpenai(asked, response);
      response.writeHead(200, { 'content-type': 'application/json' });
      const piece = `{"data":[${'0,'.repeat(50_000)}`;
      const more = (): void => {
        if (response.writable) response.write(piece, () => setImmediate(more));
      };
      more();
      return undefined;
    });
    const encoder = await open(server.address);
    expect(await failureOf(encoder.encode(['a']))).toMatch(/answers with more than \d+ MB, which vectors do not need/);
  });
});

describe('a refusal', () => {
  const refuse =
    (status: number, body: unknown, headers: Record<string, string> = {}): Answer =>
    (_asked, response) =>
      sendJson(response, body, status, headers);

  it.each<[string, Answer, RegExp]>([
    [
      '401',
      refuse(401, { error: { message: `Incorrect API key provided: ${KEY}.` } }),
      /does not accept the key \(401\): Incorrect API key provided: •••\.$/,
    ],
    [
      '403 as text',
      (_a, r) => void r.writeHead(403).end(`no entry for Bearer ${KEY}\nbye`),
      /does not accept the key \(403\): no entry for Bearer ••• bye\.$/,
    ],
    [
      '404 of a model',
      refuse(404, { error: { message: 'The model `small` does not exist' } }),
      /no such path or model: The model `small` does not exist: check/,
    ],
    [
      '400 of an option',
      refuse(400, { detail: 'bad encoding_format' }),
      /is refused; .*\(400\): bad encoding_format\.$|refuses the request \(400\): bad encoding_format\.$/,
    ],
    [
      'an empty account',
      refuse(429, { error: { message: 'You exceeded your current quota', code: 'insufficient_quota' } }),
      /has no quota left \(429\): You exceeded your current quota\.$/,
    ],
    ['a long message', refuse(400, { message: 'x'.repeat(5000) }), /x{200}…\.$/],
    [
      'a page of an error',
      (_a, r) => void r.writeHead(403, { 'content-type': 'text/html' }).end('<html>forbidden</html>'),
      /does not accept the key \(403\)\.$/,
    ],
    ['501', refuse(501, {}), /has a problem of its own \(501\)/],
  ])('%s is told in words, at once', async (_what, answer, message) => {
    const server = await serve(answer);
    expect(await failureOf(open(server.address))).toMatch(message);
    expect(server.asked.length).toBeLessThanOrEqual(2);
  });

  it('asks for a key where none is given', async () => {
    const server = await serve(refuse(401, { error: 'missing' }));
    const opening = openEndpointEncoder(
      { encoder: server.address, endpoint: { api: 'openai', model: 'm' } },
      impatient,
    );
    expect(await failureOf(opening)).toMatch(
      /asks for a key \(on the command line: .* ISOSCOPE_API_KEY\) \(401\): missing\.$/,
    );
  });
});

describe('patience', () => {
  it.each<[string, Answer]>([
    ['429', (_a, r) => sendJson(r, {}, 429)],
    ['503', (_a, r) => sendJson(r, {}, 503)],
    ['529', (_a, r) => sendJson(r, {}, 529)],
    ['a connection that is cut', (_a, r) => void r.destroy()],
    [
      'half an answer',
      (_a, r) => {
        r.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
        r.write('{"data":[');
        setTimeout(() => r.destroy(), 5);
      },
    ],
    ['half an answer without a length', (_a, r) => void r.writeHead(200).end('{"data":[{"index":0,')],
  ])('bridges %s', async (_what, wrong) => {
    let failures = 0;
    const server = await serve((asked, response) =>
      asked.count > 0 && failures < 2 ? (failures++, wrong(asked, response)) : answerOpenai(asked, response),
    );
    const encoder = await open(server.address);
    const { vectors, notes } = await encoder.encode(['a']);
    expect(Array.from(vectors.data)).toEqual(vectorOf('a'));
    expect(notes?.[0].message).toMatch(/: 3 requests, 2 of them repeated\.$/);
  });

  it('ends', async () => {
    const server = await serve(after(1, (_asked, response) => sendJson(response, { error: 'busy' }, 503)));
    const encoder = await open(server.address);
    expect(await failureOf(encoder.encode(['a']))).toMatch(/has a problem of its own \(503\): busy \(3 attempts\)\.$/);
    expect(server.asked).toHaveLength(4);
  });

  it('waits as long as the server asks, for all requests', async () => {
    const times: number[] = [];
    const server = await serve((asked, response) => {
      times.push(performance.now());
      const isHurried = asked.count === 1;
      if (isHurried) sendJson(response, {}, 429, { 'retry-after': '1' });
      else void answerOpenai(asked, response);
    });
    const encoder = await open(server.address);
    await encoder.encode(['a']);
    expect(times[2] - times[1]).toBeGreaterThan(950);
  });

  it('does not wait for longer than it has', async () => {
    const server = await serve(after(1, (_a, r) => sendJson(r, {}, 429, { 'retry-after': '7200' })));
    const encoder = await open(server.address);
    expect(await failureOf(encoder.encode(['a']))).toMatch(
      /asks for fewer requests \(429\); it asks to wait 120 minutes/,
    );
    expect(server.asked).toHaveLength(2);
  });

  it('reads seconds and dates', () => {
    const now = Date.parse('2026-01-01T00:00:00Z');
    expect(readRetryAfter('120', now)).toBe(120_000);
    expect(readRetryAfter('Thu, 01 Jan 2026 00:00:30 GMT', now)).toBe(30_000);
    expect(readRetryAfter('Wed, 31 Dec 2025 00:00:30 GMT', now)).toBe(0);
    expect([readRetryAfter('soon', now), readRetryAfter(null, now)]).toEqual([null, null]);
  });

  it('doubles its pauses, spread by jitter, up to a limit', async () => {
    const pauses: number[] = [];
    let time = 0;
    const patience = {
      attempts: 6,
      firstPauseMs: 8,
      longestPauseMs: 20,
      overallMs: 1e6,
      random: () => 1,
      clock: () => time,
    };
    const work = () => {
      pauses.push(performance.now());
      time++;
      return Promise.reject(new EndpointFailure('The endpoint fails.', { canRetry: true }));
    };
    await expect(withRetries(work, { openAtMs: 0 }, patience, undefined)).rejects.toThrow('(6 attempts)');
    const gaps = pauses.slice(1).map((at, i) => at - pauses[i]);
    // Timers may be late, never early by more than their millisecond.
    [8, 16, 20, 20, 20].forEach((least, i) => expect(gaps[i]).toBeGreaterThan(least - 1.5));
  });

  it('gives up a request that hangs, and an answer that never ends', async () => {
    for (const hang of [() => undefined, (_a: unknown, r: { write(text: string): unknown }) => void r.write('{')]) {
      const server = await serve(after(1, hang));
      const encoder = await open(server.address, { ...impatient, requestTimeoutMs: 1000 });
      expect(await failureOf(encoder.encode(['a']))).toMatch(/did not answer within 1 s: try again \(3 attempts\)\.$/);
    }
  });
});

describe('portions', () => {
  const sentences = Array.from({ length: 200 }, (_, i) => `s${String(i)}`);

  it('are halved until the server takes them, and stay small', async () => {
    const server = await serve((asked, response) =>
      (asked.body['input'] as string[]).length > 10
        ? sendJson(response, { error: 'too large' }, 413)
        : answerOpenai(asked, response),
    );
    const encoder = await open(server.address);
    const { vectors } = await encoder.encode(sentences);
    sentences.forEach((text, row) =>
      expect(Array.from(vectors.data.subarray(row * DIMENSION, (row + 1) * DIMENSION))).toEqual(vectorOf(text)),
    );
    expect(server.asked.length).toBeLessThan(60);
  });

  it('lead to the sentence that is refused', async () => {
    const server = await serve((asked, response) =>
      (asked.body['input'] as string[]).includes('s77')
        ? sendJson(response, { error: { message: 'maximum context length is 8192 tokens' } }, 400)
        : answerOpenai(asked, response),
    );
    const encoder = await open(server.address);
    expect(await failureOf(encoder.encode(sentences))).toMatch(
      /^The sentence "s77" \(3 characters\) is refused; shorten or remove it\. .*maximum context length is 8192 tokens\.$/,
    );
  });

  it('all end when one fails', async () => {
    const server = await serve(async (asked, response) => {
      if (asked.count < 2) return answerOpenai(asked, response);
      if (asked.count === 2) {
        sendJson(response, { error: 'gone' }, 401);
        return;
      }
      await sleep(50);
      return answerOpenai(asked, response);
    });
    const encoder = await open(server.address);
    const many = Array.from({ length: 3000 }, (_, i) => `t${String(i)}`);
    expect(await failureOf(encoder.encode(many))).toMatch(/\(401\): gone/);
    expect(server.asked.length).toBeLessThan(10);
  });
});

describe('a wish to cancel', () => {
  it.each<[string, Answer]>([
    ['a request that hangs', () => undefined],
    ['a pause', (_a, r) => sendJson(r, {}, 429, { 'retry-after': '60' })],
  ])('ends %s', async (_what, answer) => {
    const server = await serve(after(1, answer));
    const encoder = await open(server.address, {});
    const controller = new AbortController();
    const encoding = encoder.encode(['a', 'b'], { signal: controller.signal });
    while (server.asked.length < 2) await sleep(5);
    controller.abort();
    await expect(encoding).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('is heard while the encoder is opened', async () => {
    const server = await serve(() => undefined);
    const controller = new AbortController();
    const opening = open(server.address, { signal: controller.signal });
    while (server.asked.length < 1) await sleep(5);
    controller.abort();
    await expect(opening).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('a redirect', () => {
  it('to another server is not followed: neither key nor sentences go there', async () => {
    const other = await serve(answerOpenai);
    for (const status of [301, 302, 303, 307, 308]) {
      const server = await serve((_asked, response) => {
        response.writeHead(status, { location: `${other.address}/v1/embeddings?token=${KEY}` }).end();
      });
      expect(await failureOf(open(server.address))).toBe(
        `The endpoint ${server.address}/v1/embeddings sends on to ${other.address}/v1/embeddings, where neither key nor sentences follow: give the final address.`,
      );
    }
    expect(other.asked).toHaveLength(0);
  });

  it('within the server is followed when the request stays the same', async () => {
    const server = await serve((asked, response) => {
      if (asked.path === '/v2/embeddings') return answerOpenai(asked, response);
      response.writeHead(308, { location: '/v2/embeddings' }).end();
      return undefined;
    });
    const encoder = await open(server.address);
    expect((await encoder.encode(['a'])).vectors.rows).toBe(1);
  });

  it('in a circle, or to nowhere, is told', async () => {
    const circle = await serve((asked, response) => void response.writeHead(307, { location: asked.path }).end());
    expect(await failureOf(open(circle.address))).toMatch(/sends its requests round in circles/);
    const nowhere = await serve((_asked, response) => void response.writeHead(302).end());
    expect(await failureOf(open(nowhere.address))).toMatch(/sends on to /);
  });
});

describe('no server', () => {
  it('refuses the connection', async () => {
    const server = await startServer(answerOpenai);
    await server.close();
    expect(await failureOf(open(server.address))).toMatch(
      /refuses the connection: check that the server runs, and its port/,
    );
  });

  it('does not speak TLS, or HTTP', async () => {
    const server = await serve(answerOpenai);
    expect(await failureOf(open(server.address.replace('http:', 'https:')))).toMatch(/does not speak TLS/);
    const sockets = new Set<Socket>();
    const tcp = createTcpServer((socket) => {
      socket.on('error', () => undefined);
      socket.end('SSH-2.0-OpenSSH_9.6\r\n', () => socket.destroySoon());
      sockets.add(socket);
    });
    await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve));
    servers.push({
      close: () =>
        new Promise((resolve) => {
          for (const socket of sockets) socket.destroy();
          tcp.close(() => resolve());
        }),
    });
    const { port } = tcp.address() as { port: number };
    expect(await failureOf(open(`http://127.0.0.1:${String(port)}`))).toMatch(
      /does not answer in HTTP|broke the connection off/,
    );
  });

  it.each([
    ['ENOTFOUND', 'is not found'],
    ['ETIMEDOUT', 'cannot be reached'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'TLS certificate that is not trusted (DEPTH_ZERO_SELF_SIGNED_CERT)'],
    ['CERT_HAS_EXPIRED', 'set NODE_EXTRA_CA_CERTS'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'not trusted'],
    ['UND_ERR_HEADERS_TIMEOUT', 'stopped answering'],
    ['EWHATEVER', 'cannot be asked (deep down)'],
  ])('%s in words', (code, words) => {
    const cause = Object.assign(new Error('deep down'), { code });
    const error = networkFailure(new TypeError('fetch failed', { cause }), 'https://x/v1/embeddings');
    expect(error.message).toMatch(/^The endpoint https:\/\/x\/v1\/embeddings .*\.$/);
    expect(error.message).toContain(words);
  });

  it('finds the code within several addresses that failed', () => {
    const cause = new AggregateError([Object.assign(new Error('v6'), { code: 'ECONNREFUSED' })]);
    expect(networkFailure(new TypeError('fetch failed', { cause }), 'http://localhost').message).toContain('refuses');
  });
});
