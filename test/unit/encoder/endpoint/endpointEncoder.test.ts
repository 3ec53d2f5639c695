import { afterEach, describe, expect, it } from 'vitest';
import { encodeRemembering } from '../../../../src/core/encoder/rememberVectors';
import { createVectorMemory } from '../../../../src/core/encoder/vectorMemory';
import { embeddingUrls, isLoopback, parseAddress } from '../../../../src/core/encoder/endpoint/endpointAddress';
import { openEndpointEncoder } from '../../../../src/core/encoder/endpoint/endpointEncoder';
import { detectEndpointApi, listEndpointModels } from '../../../../src/core/encoder/endpoint/serverFacts';
import type { EncoderChoice, EndpointApi } from '../../../../src/core/protocol/engineProtocol';
import {
  type Answer,
  answerOllama,
  answerOpenai,
  answerTei,
  DIMENSION,
  type LoopbackServer,
  sendJson,
  startServer,
  unit,
  vectorOf,
} from './loopbackServer';

const servers: LoopbackServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function serve(answer: Answer): Promise<LoopbackServer> {
  const server = await startServer(answer);
  servers.push(server);
  return server;
}

const choose = (address: string, api: EndpointApi, more: Partial<EncoderChoice['endpoint']> = {}): EncoderChoice => ({
  encoder: address,
  endpoint: { api, ...(api !== 'tei' && { model: api === 'ollama' ? 'nomic' : 'small' }), ...more },
});
const sentences = Array.from({ length: 300 }, (_, i) => `sentence ${String(i)}`);
const rowOf = (data: Float32Array, row: number) => Array.from(data.subarray(row * DIMENSION, (row + 1) * DIMENSION));

describe("OpenAI's API", () => {
  it('gives the vectors in the order of the sentences, equal ones asked once', async () => {
    const server = await serve(answerOpenai);
    const encoder = await openEndpointEncoder(choose(`${server.address}/v1`, 'openai', { key: ' sk-secret ' }));
    const asked = [...sentences, 'sentence 7', 'ünï ✓'];
    const progress: [number, number][] = [];
    const { vectors, truncatedRows, notes } = await encoder.encode(asked, {
      onProgress: (done, total) => progress.push([done, total]),
    });
    expect([vectors.rows, vectors.columns]).toEqual([302, DIMENSION]);
    asked.forEach((text, row) => expect(rowOf(vectors.data, row)).toEqual(vectorOf(text)));
    expect(truncatedRows).toHaveLength(0);
    expect([progress[0], progress[progress.length - 1]]).toEqual([[0, 301], [301, 301]]); // prettier-ignore
    expect(notes?.[0].message).toMatch(
      /^The endpoint gave 301 vectors in \d+\.\d s \(\d.* sentences\/s\): 3 requests\.$/,
    );
    const [probe, first] = server.asked;
    expect([probe.path, probe.method, probe.headers.authorization]).toEqual([
      '/v1/embeddings',
      'POST',
      'Bearer sk-secret',
    ]);
    expect(first.body).toMatchObject({ model: 'small', encoding_format: 'float' });
    expect((first.body['input'] as string[]).length).toBe(128);
    expect(encoder).toMatchObject({ offer: null, isRemembered: true });
    expect(encoder.summary).toMatchObject({
      id: `small at ${new URL(server.address).host}`,
      dimension: DIMENSION,
      backend: 'endpoint',
      layer: null,
      maxTokens: null,
      normalized: false,
    });
  });

  it.each<[string, (texts: readonly string[]) => unknown[]]>([
    ['another order', (texts) => texts.map((text, index) => ({ index, embedding: vectorOf(text) })).reverse()],
    ['no index', (texts) => texts.map((text) => ({ embedding: vectorOf(text) }))],
    [
      'base64',
      (texts) =>
        texts.map((text, index) => ({
          index,
          embedding: Buffer.from(Float32Array.from(vectorOf(text)).buffer).toString('base64'),
        })),
    ],
  ])('understands %s', async (_what, dataOf) => {
    const server = await serve(({ body }, response) => sendJson(response, { data: dataOf(body['input'] as string[]) }));
    const encoder = await openEndpointEncoder(choose(server.address, 'openai'));
    const { vectors } = await encoder.encode(['a', 'b', 'c']);
    ['a', 'b', 'c'].forEach((text, row) => expect(rowOf(vectors.data, row)).toEqual(vectorOf(text)));
  });

  it('asks for shorter vectors, and notices when it does not get them', async () => {
    const server = await serve(({ body }, response) => {
      const width = body['model'] === 'small' ? (body['dimensions'] as number) : DIMENSION;
      const data = (body['input'] as string[]).map((text, index) => ({
        index,
        embedding: vectorOf(text).slice(0, width),
      }));
      sendJson(response, { data });
    });
    const encoder = await openEndpointEncoder(choose(server.address, 'openai', { dimensions: 3 }));
    expect((await encoder.encode(['a'])).vectors.columns).toBe(3);
    await expect(
      openEndpointEncoder(choose(server.address, 'openai', { dimensions: 3, model: 'fixed' })),
    ).rejects.toThrow('gives 6 numbers where 3 were asked for');
  });

  it('puts the prefix before every sentence and normalises on demand', async () => {
    const server = await serve(answerOpenai);
    const encoder = await openEndpointEncoder({
      ...choose(server.address, 'openai'),
      prefix: 'query: ',
      normalize: 'yes',
    });
    const { vectors } = await encoder.encode(['a']);
    unit(vectorOf('query: a')).forEach((value, i) => expect(vectors.data[i]).toBeCloseTo(value, 6));
    expect(encoder.summary.normalized).toBe(true);
  });

  it('takes portions by characters too, a few at a time', async () => {
    const server = await serve(async (asked, response) => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      await answerOpenai(asked, response);
    });
    const encoder = await openEndpointEncoder(choose(server.address, 'openai'));
    const long = Array.from({ length: 12 }, (_, i) => String(i).padEnd(90_000, 'x'));
    await encoder.encode(long);
    for (const { body } of server.asked.slice(1)) expect((body['input'] as string[]).length).toBeLessThanOrEqual(2);
    expect(server.mostOpen()).toBeLessThanOrEqual(4);
    expect(server.mostOpen()).toBeGreaterThan(1);
  });

  it('gives batches as they come, and what is known is not asked again', async () => {
    const server = await serve(answerOpenai);
    const encoder = await openEndpointEncoder(choose(server.address, 'openai'));
    const store = { memory: createVectorMemory(1e6), cache: null };
    const first = await encodeRemembering(encoder, ['a', 'b', 'a'], store);
    const again = await encodeRemembering(encoder, ['b', 'a', 'c'], store);
    expect([first.encodedCount, again.encodedCount]).toEqual([2, 1]);
    expect(rowOf(again.vectors.data, 1)).toEqual(vectorOf('a'));
    expect(server.asked.map(({ body }) => body['input']).slice(1)).toEqual([['a', 'b'], ['c']]);
  });
});

describe('the identity', () => {
  it('is of address, API, model, dimensions and prefix, never of the key', async () => {
    const server = await serve(answerOpenai);
    const identityOf = async (choice: EncoderChoice) => (await openEndpointEncoder(choice)).identity;
    const base = choose(server.address, 'openai', { key: 'one' });
    const same = await Promise.all([
      identityOf(base),
      identityOf(choose(server.address, 'openai', { key: 'two' })),
      identityOf(choose(`${server.address}/v1/`, 'openai')),
      identityOf(choose(`${server.address}/v1/embeddings`, 'openai')),
    ]);
    expect(new Set(same).size).toBe(1);
    const others = await Promise.all([
      identityOf(choose(server.address, 'openai', { model: 'large' })),
      identityOf(choose(server.address, 'openai', { dimensions: 6 })),
      identityOf({ ...base, prefix: 'x' }),
      identityOf({ ...base, normalize: 'yes' }),
    ]);
    expect(new Set([...same, ...others]).size).toBe(5);
  });
});

describe('Ollama', () => {
  it('is asked at /api/embed', async () => {
    const server = await serve(answerOllama);
    for (const path of ['', '/', '/api', '/api/embed', '/api/embeddings', '/v1']) {
      const encoder = await openEndpointEncoder(choose(server.address + path, 'ollama'));
      const { vectors } = await encoder.encode(['a', 'b']);
      expect(rowOf(vectors.data, 1)).toEqual(vectorOf('b'));
    }
    expect(server.asked[1].body).toEqual({ input: ['a', 'b'], model: 'nomic', truncate: true });
  });

  it('says when a model is not there, and when it is too old', async () => {
    const server = await serve(answerOllama);
    await expect(openEndpointEncoder(choose(server.address, 'ollama', { model: 'no' }))).rejects.toThrow(
      /has no such path or model: model "no" not found, try pulling it first/,
    );
    const old = await serve((_asked, response) => {
      response.writeHead(404).end('404 page not found');
    });
    await expect(openEndpointEncoder(choose(old.address, 'ollama'))).rejects.toThrow(
      'an Ollama before 0.3 has /api/embeddings only, so update it',
    );
  });
});

describe('text-embeddings-inference', () => {
  it('tells its model, pooling and limits, and is asked for as many sentences as it takes', async () => {
    const server = await serve(answerTei);
    const encoder = await openEndpointEncoder(choose(server.address, 'tei'));
    expect(encoder.summary).toMatchObject({ pooling: 'cls', maxTokens: 512, normalized: true });
    expect(encoder.summary.id).toMatch(/^BAAI\/bge-small-en-v1\.5 at 127\.0\.0\.1:\d+$/);
    const { vectors } = await encoder.encode(sentences);
    expect(rowOf(vectors.data, 299)).toEqual(Array.from(Float32Array.from(unit(vectorOf('sentence 299')))));
    const embeds = server.asked.filter(
      ({ path, body }) => path === '/embed' && (body['inputs'] as string[]).length > 1,
    );
    expect(embeds).toHaveLength(38);
    expect(embeds[0].body).toMatchObject({ truncate: true });
    expect(encoder.notes[0].keys).toEqual(['encoder.layer', 'corpus.truncated']);
  });

  it('leaves vectors as they are on demand, and takes prompts by name', async () => {
    const server = await serve(answerTei);
    const encoder = await openEndpointEncoder({
      ...choose(server.address, 'tei'),
      normalize: 'no',
      prefix: 'name:query',
    });
    expect(rowOf((await encoder.encode(['a'])).vectors.data, 0)).toEqual(vectorOf('a'));
    expect(server.asked[0].body).toMatchObject({ prompt_name: 'query', normalize: false });
    expect(encoder.summary.normalized).toBe(false);
  });
});

describe('addresses', () => {
  const pathsOf = (address: string, api: EndpointApi) =>
    embeddingUrls(parseAddress(address), api).map((url) => url.pathname);

  it.each<[string, EndpointApi, string[]]>([
    ['https://x', 'openai', ['/v1/embeddings', '/embeddings']],
    ['https://x/v1/', 'openai', ['/v1/embeddings']],
    ['https://x/v1/embeddings', 'openai', ['/v1/embeddings']],
    ['https://x/api/v1', 'openai', ['/api/v1/embeddings']],
    ['https://x/v1beta/openai', 'openai', ['/v1beta/openai/embeddings', '/v1beta/openai/v1/embeddings']],
    ['http://x:11434', 'ollama', ['/api/embed']],
    ['http://x/proxy/api', 'ollama', ['/proxy/api/embed']],
    ['http://x/', 'tei', ['/embed']],
    ['http://x/tei/embed/', 'tei', ['/tei/embed']],
  ])('%s for %s', (address, api, paths) => {
    expect(pathsOf(address, api)).toEqual(paths);
  });

  it('keep their query, and are refused with a password or without http', () => {
    expect(embeddingUrls(parseAddress('https://x/v1?api-version=2'), 'openai')[0].href).toBe(
      'https://x/v1/embeddings?api-version=2',
    );
    expect(() => parseAddress('https://me:pass@x/v1')).toThrow('The address of x holds a name or password');
    expect(() => parseAddress('ftp://x')).toThrow('is no address of an endpoint');
    expect(() => parseAddress('http://')).toThrow('is no address of an endpoint');
  });

  it('tell the loopback from other hosts', () => {
    const loopback = ['http://localhost:1', 'http://127.0.0.1', 'http://[::1]:8'].map((text) =>
      isLoopback(new URL(text)),
    );
    expect([...loopback, isLoopback(new URL('http://127.example.org'))]).toEqual([true, true, true, false]);
  });

  it('fall back to the second path, and name the first when none answers', async () => {
    const bare = await serve((asked, response) =>
      asked.path === '/embeddings' ? answerOpenai(asked, response) : sendJson(response, { detail: 'Not Found' }, 404),
    );
    const encoder = await openEndpointEncoder(choose(bare.address, 'openai'));
    expect((await encoder.encode(['a'])).vectors.rows).toBe(1);
    const none = await serve((_asked, response) => sendJson(response, { detail: 'Not Found' }, 404));
    await expect(openEndpointEncoder(choose(none.address, 'openai'))).rejects.toThrow(
      /:\d+\/v1\/embeddings has no such path or model: Not Found: check the address/,
    );
  });
});

describe('finding out', () => {
  it.each<[EndpointApi, Answer, RegExp]>([
    ['tei', answerTei, /it answers at \/info/],
    ['ollama', answerOllama, /it answers at \/api\/version/],
    [
      'openai',
      (asked, response) => {
        if (asked.path === '/v1/models') return answerOpenai(asked, response);
        response.writeHead(404).end();
        return undefined;
      },
      /it answers at \/v1\/models/,
    ],
  ])('%s by asking', async (api, answer, reason) => {
    const server = await serve(answer);
    const found = await detectEndpointApi(server.address, undefined);
    expect(found?.api).toBe(api);
    expect(found?.reason).toMatch(reason);
  });

  it('by the path, without asking', async () => {
    const of = async (address: string) => (await detectEndpointApi(address, undefined))?.api;
    expect(await of('http://h/v1')).toBe('openai');
    expect(await of('http://h/v1/embeddings')).toBe('openai');
    expect(await of('http://h/api/embed')).toBe('ollama');
    expect(await of('http://h/embed/')).toBe('tei');
  });

  it('opens without being told the API, and says by what it went', async () => {
    const server = await serve(answerTei);
    const encoder = await openEndpointEncoder({ encoder: server.address });
    expect(encoder.notes[0].message).toBe(
      'The endpoint is spoken to as text-embeddings-inference, because it answers at /info.',
    );
    const dumb = await serve((_asked, response) => {
      response.writeHead(404).end();
    });
    await expect(openEndpointEncoder({ encoder: dumb.address })).rejects.toThrow('say openai, ollama or tei');
  });

  it('names the models on offer', async () => {
    const openai = await serve(answerOpenai);
    const ollama = await serve(answerOllama);
    const tei = await serve(answerTei);
    expect(await listEndpointModels(openai.address, 'openai', undefined)).toEqual(['small', 'large']);
    expect(await listEndpointModels(ollama.address, 'ollama', undefined)).toEqual(['nomic-embed-text:latest']);
    expect(await listEndpointModels(tei.address, 'tei', undefined)).toEqual(['BAAI/bge-small-en-v1.5']);
    await expect(openEndpointEncoder({ encoder: openai.address, endpoint: { api: 'openai' } })).rejects.toThrow(
      "OpenAI's API needs the name of a model (on the command line: --model NAME); it offers small, large.",
    );
  });
});

describe('choices that an endpoint does not have', () => {
  const base = choose('http://127.0.0.1:1', 'openai');
  it.each<[string, EncoderChoice, string]>([
    ['a layer', { ...base, layer: 3 }, 'no choice of layer'],
    ['a pooling', { ...base, pooling: 'mean' }, 'no choice of pooling'],
    ['a variant', { ...base, variant: 'x.onnx' }, 'no choice of variant'],
    ['a prompt by name', { ...base, prefix: 'name:query' }, "OpenAI's API knows no prompts by name"],
    [
      'a key that is none',
      choose('http://127.0.0.1:1', 'openai', { key: 'sk-a\r\nx: y' }),
      'characters that no key has',
    ],
  ])('%s', async (_what, choice, message) => {
    const error: unknown = await openEndpointEncoder(choice).catch((caught: unknown) => caught);
    expect(String(error)).toContain(message);
    expect(error).toMatchObject({ reason: 'usage' });
    expect(String(error)).not.toContain('sk-a');
  });
});
