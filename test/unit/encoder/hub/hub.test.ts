import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { downloadModel, type DownloadProgress } from '../../../../src/core/encoder/hub/downloadModel';
import {
  deleteStoredEncoder,
  listStoredEncoders,
  type StoredEncoder,
} from '../../../../src/core/encoder/hub/encoderStore';
import { listHubModel, variantBytes } from '../../../../src/core/encoder/hub/hubListing';
import { parseHubEndpoint, parseHubModel } from '../../../../src/core/encoder/hub/hubModel';
import type { HubAccess } from '../../../../src/core/encoder/hub/hubRequest';
import { readModelFolder } from '../../../../src/core/encoder/modelFolder';
import { modelFolder } from '../../../golden/encoder/referenceFolder';
import { commit, filesOf, sendRange, startHub, type HubRepository, type HubServer } from './hubServer';

const filesOfModel = (name: string): Map<string, Buffer> => filesOf(modelFolder(name)!);
const bertFiles = filesOfModel('bert');
let store: string;
/** where the graph grows */
let part: string;
let hub: HubServer | undefined;
beforeEach(() => {
  store = path.join(mkdtempSync(path.join(tmpdir(), 'isoscope-hub-')), 'encoders');
  part = path.join(store, '.download-tester--tiny-bert--01234567', `${graph}.part`);
});
afterEach(async () => {
  await hub?.close();
  hub = undefined;
  rmSync(path.dirname(store), { recursive: true });
});

const id = 'tester/tiny-bert';
const bert = (more: Readonly<Record<string, string | Buffer>> = {}): HubRepository => ({
  id,
  files: new Map([
    ...bertFiles,
    ['README.md', Buffer.from('# Tiny')],
    ['pytorch_model.bin', Buffer.from('not wanted')],
    ...Object.entries(more).map(([file, content]) => [file, Buffer.from(content as string)] as const),
  ]),
});

async function serve(repository: HubRepository): Promise<HubAccess> {
  hub = await startHub(repository);
  return { endpoint: hub.endpoint, retryDelayMs: 1, attempts: 3, stallTimeoutMs: 20_000 };
}

const list = (access: HubAccess, text = id) => listHubModel(parseHubModel(text), access);

async function download(
  access: HubAccess,
  options: { signal?: AbortSignal; onProgress?: (progress: DownloadProgress) => void } = {},
): Promise<StoredEncoder> {
  const listing = await list(access);
  return downloadModel(listing, listing.variants[0], store, access, options);
}

/** Answers a file's request in another way, so many times. */
function disturb(file: string, times: number, act: (request: IncomingMessage, response: ServerResponse) => void): void {
  let left = times;
  hub!.intercept = (request, response) => {
    if (left === 0 || !(request.url ?? '').endsWith(file) || request.url?.includes('/api/') === true) return false;
    left--;
    act(request, response);
    return true;
  };
}

const graph = 'onnx/model.onnx';
const isEmptyStore = (): boolean => !existsSync(store) || readdirSync(store).every((name) => name.startsWith('.'));

describe('names', () => {
  it('reads ids, revisions and addresses of pages', () => {
    expect(parseHubModel(' org/name ')).toEqual({ id: 'org/name', revision: 'main' });
    expect(parseHubModel('org/name@refs/pr/1')).toEqual({ id: 'org/name', revision: 'refs/pr/1' });
    expect(parseHubModel('gpt2@v1.0')).toEqual({ id: 'gpt2', revision: 'v1.0' });
    expect(parseHubModel('https://hub.example/org/name/tree/v2?x=1')).toEqual({ id: 'org/name', revision: 'v2' });
    expect(parseHubModel('https://hub.example/org/name')).toEqual({ id: 'org/name', revision: 'main' });
  });

  it.each([
    '',
    'a/b/c',
    '../x',
    'org/..',
    'org/na me',
    'org/name@',
    'org/name@../x',
    'org/name@a@b',
    '-org/name',
    'org/a--b',
  ])('refuses %j as a model', (text) => expect(() => parseHubModel(text)).toThrow(/is no model of a hub/));

  it('takes http(s) addresses as a hub, and nothing else', () => {
    expect(parseHubEndpoint('https://hub.example/mirror/')).toBe('https://hub.example/mirror');
    for (const text of ['', 'hub.example', 'file:///etc', 'https://user:secret@hub.example']) {
      expect(() => parseHubEndpoint(text)).toThrow(/isoscope\.hub\.endpoint/);
    }
  });
});

describe('listing', () => {
  it('names commit, licence, variants with their sizes, over several pages', async () => {
    const access = await serve({
      ...bert({ 'onnx/model_fp16.onnx': 'x'.repeat(5), 'onnx/model_fp16.onnx_data': 'y'.repeat(7) }),
      pageSize: 3,
    });
    const listing = await list(access, `${id}@refs/pr/1`);
    expect(listing.commit).toBe(commit);
    expect(listing.license).toBe('apache-2.0');
    expect(listing.variants.map(({ file }) => file)).toEqual([graph, 'onnx/model_fp16.onnx']);
    expect(variantBytes(listing, listing.variants[1])).toBe(12);
    expect(listing.shared).toContain('tokenizer.json');
    expect(listing.shared).not.toContain('pytorch_model.bin');
  });

  it('prefers static vectors where config.json says that the model is Model2Vec', async () => {
    const access = await serve(bert({ 'config.json': '{"model_type":"model2vec"}', 'model.safetensors': 'zz' }));
    expect((await list(access)).variants[0]).toEqual({ file: 'model.safetensors', kind: 'static', weights: [] });
  });

  it.each([
    ['an unknown model', 'tester/other', /tester\/other@main is not on .* \(404\)/],
    ['an unknown revision', `${id}@v9`, /v9 is not on/],
  ])('tells %s', async (_, text, message) => {
    const access = await serve(bert());
    await expect(list(access, text)).rejects.toThrow(message);
  });

  it.each([
    [401, 'RepoNotFound', /does not give .* to everybody \(401\).*account/],
    [403, 'GatedRepo', /accepted its terms/],
    [404, 'RevisionNotFound', /no such branch/],
    [418, '', /answers 418/],
  ])('tells a %s (%s) in one sentence', async (status, code, message) => {
    const access = await serve(bert());
    hub!.intercept = (_, response) => {
      response.writeHead(status, { 'x-error-code': code }).end('no');
      return true;
    };
    await expect(list(access)).rejects.toThrow(message);
    expect(hub!.requests).toHaveLength(1);
  });

  it.each([429, 503])('asks again after a %s, and tells it when it stays', async (status) => {
    const access = await serve(bert());
    let count = 0;
    hub!.intercept = (_, response) => {
      if (++count > 2) return false;
      response.writeHead(status, { 'retry-after': '0' }).end('busy');
      return true;
    };
    expect((await list(access)).commit).toBe(commit);
    count = -1000;
    await expect(list(access)).rejects.toThrow(new RegExp(`\\(${status}\\).*try again`));
  });

  it.each([
    ['a web page', '<!doctype html><p>hello'],
    ['another JSON', '[1,2]'],
    ['a listing without sizes', '{"sha":"abcdef1","type":"file"}'],
  ])('recognises %s as no hub', async (_, body) => {
    const access = await serve(bert());
    hub!.intercept = (_request, response) => {
      response.writeHead(200).end(body);
      return true;
    };
    await expect(list(access)).rejects.toThrow(/does not answer as a model hub/);
  });

  it('tells a hub that cannot be reached', async () => {
    const access = await serve(bert());
    await hub!.close();
    await expect(list(access)).rejects.toThrow(/cannot be reached/);
    hub = undefined;
  });

  it.each(['../x', 'a/../../x', '/etc/passwd', 'C:/x', 'a\\b', 'onnx/con.onnx', 'a//b', './x', 'x. ', 'a\u0000b'])(
    'refuses a listing with the path %j',
    async (name) => {
      const access = await serve({ ...bert(), extraEntries: [{ type: 'file', oid: '', size: 3, path: name }] });
      await expect(list(access)).rejects.toThrow(/outside of its folder/);
    },
  );

  it('refuses a modules.json that points outside', async () => {
    const access = await serve(bert({ 'modules.json': '[{"path":"../evil","type":"x.Pooling"}]' }));
    await expect(list(access)).rejects.toThrow(/module outside of its folder/);
  });

  it.each(['config.json', 'tokenizer.json', graph])('says that %s is missing', async (file) => {
    const repository = bert();
    const files = new Map(repository.files);
    files.delete(file);
    const access = await serve({ ...repository, files });
    await expect(list(access)).rejects.toThrow(
      file === graph ? /no ONNX file.*optimum-cli/ : new RegExp(`has no ${file}`),
    );
  });
});

describe('download', () => {
  it('brings a folder that opens, with its origin; a second time nothing is loaded', async () => {
    const dense = await serve({ id, files: filesOfModel('bert-dense') });
    const progress: DownloadProgress[] = [];
    const listing = await list(dense);
    const stored = await downloadModel(listing, listing.variants[0], store, dense, {
      onProgress: (step) => progress.push(step),
    });
    expect(path.basename(stored.folder)).toBe('tester--tiny-bert--01234567');
    expect(stored.origin).toMatchObject({ kind: 'hub', id, revision: 'main', commit, license: 'apache-2.0' });
    const { done, total } = progress[progress.length - 1];
    expect([stored.bytes, done]).toEqual([total, total]);
    expect(await listStoredEncoders(store)).toEqual([stored]);
    expect(existsSync(path.join(stored.folder, '1_Pooling/config.json'))).toBe(true);
    const asked = hub!.requests.length;
    expect(await downloadModel(listing, listing.variants[0], store, dense)).toEqual(stored);
    expect(hub!.requests).toHaveLength(asked);
  });

  it('what it brings is a model folder, graph and sha256 included', async () => {
    const stored = await download(await serve(bert()));
    const folder = await readModelFolder(stored.folder);
    expect(folder.graph.sha256).toBe(stored.graphs[0].sha256);
    expect(readdirSync(stored.folder)).not.toContain('pytorch_model.bin');
    expect(hub!.requests.filter((request) => request.includes('/cdn/'))).toHaveLength(1);
  });

  it('loads weights that only the graph names', async () => {
    const files = filesOfModel('bert-external-data');
    const access = await serve({ id, files });
    const listing = await list(access);
    const stored = await downloadModel(listing, { ...listing.variants[0], weights: [] }, store, access);
    expect(stored.graphs[0].bytes).toBe(variantBytes(listing, listing.variants[0]));
  });

  it('goes on after a cut, within an attempt and in a later one', async () => {
    const access = await serve(bert());
    const bytes = bertFiles.get(graph)!;
    const cut = (request: IncomingMessage, response: ServerResponse): void => {
      const start = Number(/\d+/.exec(request.headers.range ?? '')?.[0] ?? 0);
      response.writeHead(start > 0 ? 206 : 200, {
        'content-length': bytes.length - start,
        'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}`,
      });
      response.write(bytes.subarray(start, start + 1000));
      void vi
        .waitFor(() => expect(statSync(part).size).toBe(start + 1000), { timeout: 30_000 })
        .then(() => response.destroy());
    };
    disturb(`cdn/${graph}`, 2, cut);
    const first = await download(access);
    const ranges = hub!.requests.filter((request) => request.includes('/cdn/')).map((request) => request.split(' ')[2]);
    expect(ranges).toEqual([undefined, 'bytes=1000-', 'bytes=2000-']);
    expect(readFileSync(path.join(first.folder, graph))).toEqual(bytes);
    await deleteStoredEncoder(store, first.folder);

    // The hub goes away for good, after some bytes.
    let isFirst = true;
    disturb(`cdn/${graph}`, Infinity, (request, response) => {
      if (isFirst) cut(request, response);
      else response.destroy();
      isFirst = false;
    });
    await expect(download(access)).rejects.toThrow(/try again|cannot be reached/);
    expect(isEmptyStore()).toBe(true);
    hub!.intercept = () => false;
    const again = await download(access);
    expect(hub!.requests.at(-1)).toContain('bytes=1000-');
    expect(readFileSync(path.join(again.folder, graph))).toEqual(bytes);
  });

  it('starts anew where a server ignores ranges, and where its file is shorter than what is there', async () => {
    const access = await serve(bert());
    const bytes = bertFiles.get(graph)!;
    mkdirSync(path.dirname(part), { recursive: true });
    writeFileSync(part, 'spoilt beginning');
    disturb(`cdn/${graph}`, 1, (_, response) => response.writeHead(200).end(bytes));
    await deleteStoredEncoder(store, (await download(access)).folder);

    mkdirSync(path.dirname(part), { recursive: true });
    writeFileSync(part, 'spoilt');
    disturb(`cdn/${graph}`, 1, (_, response) => response.writeHead(416).end());
    expect((await download(access)).graphs).toHaveLength(1);
  });

  it('loads once more what an earlier attempt left spoilt', async () => {
    const access = await serve(bert());
    mkdirSync(path.dirname(part), { recursive: true });
    writeFileSync(part, 'spoilt beginning');
    const stored = await download(access);
    expect(readFileSync(path.join(stored.folder, graph))).toEqual(bertFiles.get(graph));
  });

  it.each([
    ['another content', (bytes: Buffer) => Buffer.from(bytes.map((byte) => byte ^ 1)), /is not what it lists.*sha256/],
    ['more bytes', (bytes: Buffer) => Buffer.concat([bytes, bytes]), /sends more of/],
    ['fewer bytes', (bytes: Buffer) => bytes.subarray(0, 500), /gave 500 of|another .* than before/],
  ])('refuses %s than the listing promises', async (_, change, message) => {
    const access = await serve(bert());
    disturb(`cdn/${graph}`, Infinity, (request, response) =>
      sendRange(change(bertFiles.get(graph)!), request, response),
    );
    await expect(download(access)).rejects.toThrow(message);
    expect(isEmptyStore()).toBe(true);
  });

  it('refuses a small file whose Git id differs', async () => {
    const access = await serve(bert());
    disturb('resolve/' + commit + '/tokenizer.json', Infinity, (request, response) => {
      const bytes = bertFiles.get('tokenizer.json')!;
      sendRange(Buffer.from(bytes.toString().replace('a', 'b')), request, response);
    });
    await expect(download(access)).rejects.toThrow(/tokenizer\.json is not what it lists.*git id/);
  });

  it('tells a file that vanished, redirects in circles, and a silent hub', async () => {
    const access = await serve(bert());
    disturb(`cdn/${graph}`, Infinity, (_, response) => response.writeHead(404).end());
    await expect(download(access)).rejects.toThrow(/onnx\/model\.onnx is not on/);
    disturb(`cdn/${graph}`, Infinity, (_, response) => response.writeHead(302, { location: `/cdn/${graph}` }).end());
    await expect(download(access)).rejects.toThrow(/in circles/);
    disturb(`cdn/${graph}`, Infinity, (_, response) =>
      response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
    );
    await expect(download(access)).rejects.toThrow(/not safe/);
    disturb(`cdn/${graph}`, Infinity, (_, response) => response.writeHead(200).write('begin'));
    await expect(download({ ...access, stallTimeoutMs: 150 })).rejects.toThrow(/silent/);
  });

  it('stops when it is cancelled, keeps what it has, and appears only when whole', async () => {
    const access = await serve(bert());
    const controller = new AbortController();
    disturb(`cdn/${graph}`, 1, (_, response) => {
      response.writeHead(200, { 'content-length': bertFiles.get(graph)!.length });
      response.write(bertFiles.get(graph)!.subarray(0, 700));
    });
    const onProgress = ({ file, done, total }: DownloadProgress): void => {
      if (file === graph && done > total - bertFiles.get(graph)!.length) controller.abort();
    };
    await expect(download(access, { signal: controller.signal, onProgress })).rejects.toMatchObject({
      name: 'AbortError',
    });
    expect(isEmptyStore()).toBe(true);
    await download(access);
    expect(hub!.requests.at(-1)).toContain('bytes=700-');
  });

  it('lets one window load at a time, and none wait for a window that is gone', async () => {
    const access = await serve(bert());
    const lock = path.join(store, '.download-tester--tiny-bert--01234567.lock');
    mkdirSync(store, { recursive: true });
    writeFileSync(lock, String(process.ppid));
    await expect(download(access)).rejects.toThrow(/being downloaded already/);
    writeFileSync(lock, '999999999');
    expect((await download(access)).graphs).toHaveLength(1);
    expect(existsSync(lock)).toBe(false);
  });
});

describe('the store', () => {
  it('lists only what it has a record of, and deletes nothing else', async () => {
    const stored = await download(await serve(bert()));
    const foreign = path.join(store, 'foreign');
    mkdirSync(foreign);
    writeFileSync(path.join(foreign, 'isoscope.json'), '{"format":');
    expect(await listStoredEncoders(store)).toEqual([stored]);
    await expect(deleteStoredEncoder(store, foreign)).rejects.toThrow(/left alone/);
    await expect(deleteStoredEncoder(path.dirname(store), stored.folder)).rejects.toThrow(/left alone/);
    await deleteStoredEncoder(store, stored.folder);
    expect(await listStoredEncoders(store)).toEqual([]);
    expect(existsSync(foreign)).toBe(true);
    expect(await listStoredEncoders(path.join(store, 'not', 'there'))).toEqual([]);
  });
});
