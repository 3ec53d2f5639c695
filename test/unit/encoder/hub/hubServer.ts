import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

/** A model as a hub has it. */
export interface HubRepository {
  readonly id: string;
  readonly files: ReadonlyMap<string, Buffer>;
  readonly license?: string;
  /** entries of the listing that are not files of ours */
  readonly extraEntries?: readonly object[];
  /** entries per page of the listing */
  readonly pageSize?: number;
}

export interface HubServer {
  readonly endpoint: string;
  /** "GET /path" with the range that was asked for */
  readonly requests: readonly string[];
  /** called first; `true` = it has answered, or will */
  intercept: (request: IncomingMessage, response: ServerResponse) => boolean;
  close(): Promise<void>;
}

export const commit = '0123456789abcdef0123456789abcdef01234567';

/** A hub's API on the loopback: revision, tree, resolve; large files are sent on to where a CDN would be. */
export async function startHub(...repositories: readonly HubRepository[]): Promise<HubServer> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const { url = '/' } = request;
    requests.push(
      `${request.method ?? ''} ${url}${request.headers.range === undefined ? '' : ` ${request.headers.range}`}`,
    );
    if (hub.intercept(request, response)) return;
    const { pathname, searchParams } = new URL(url, 'http://hub');
    for (const repository of repositories) {
      if (answer(repository, pathname, searchParams, request, response)) return;
    }
    response.writeHead(404, { 'x-error-code': 'RepoNotFound' }).end('Not found');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const hub: HubServer = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    intercept: () => false,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return hub;
}

function answer(
  repository: HubRepository,
  pathname: string,
  query: URLSearchParams,
  request: IncomingMessage,
  response: ServerResponse,
): boolean {
  const { id, files, license = 'apache-2.0' } = repository;
  const api = `/api/models/${id}`;
  const json = (value: unknown, headers: Record<string, string> = {}): boolean => {
    response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
    return true;
  };
  if (pathname === `${api}/revision/main` || pathname === `${api}/revision/refs%2Fpr%2F1`) {
    return json({ id, sha: commit, tags: ['onnx', `license:${license}`] });
  }
  if (pathname === `${api}/tree/${commit}`) {
    const all = [...listing(files), ...(repository.extraEntries ?? [])];
    const { pageSize = 1000 } = repository;
    const start = Number(query.get('cursor') ?? 0);
    const next = start + pageSize;
    const link = `<http://${request.headers.host ?? ''}${api}/tree/${commit}?recursive=true&cursor=${next}>; rel="next"`;
    return json(all.slice(start, next), next < all.length ? { link } : {});
  }
  const resolve = `/${id}/resolve/${commit}/`;
  const isCdn = pathname.startsWith('/cdn/');
  if (!pathname.startsWith(resolve) && !isCdn) return false;
  const file = decodeURIComponent(pathname.slice(isCdn ? '/cdn/'.length : resolve.length));
  const bytes = files.get(file);
  if (bytes === undefined) return false;
  if (isLarge(file) && !isCdn) {
    const tag = createHash('sha256').update(bytes).digest('hex');
    response.writeHead(302, { location: `/cdn/${file}`, 'x-linked-etag': `"${tag}"` }).end();
    return true;
  }
  sendRange(bytes, request, response);
  return true;
}

/** Answers a range as a CDN does. */
export function sendRange(bytes: Buffer, request: IncomingMessage, response: ServerResponse): void {
  const from = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1];
  const start = from === undefined ? 0 : Number(from);
  if (start >= bytes.length && start > 0) {
    response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end();
    return;
  }
  const range = { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` };
  response.writeHead(from === undefined ? 200 : 206, from === undefined ? {} : range).end(bytes.subarray(start));
}

const isLarge = (file: string): boolean => /\.(onnx|safetensors|onnx_data)$/.test(file);

function listing(files: ReadonlyMap<string, Buffer>): object[] {
  const folders = new Set([...files.keys()].map((file) => path.posix.dirname(file)).filter((place) => place !== '.'));
  return [
    ...[...folders].map((place) => ({ type: 'directory', oid: '0'.repeat(40), size: 0, path: place })),
    ...[...files].map(([file, bytes]) => ({
      type: 'file',
      oid: createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex'),
      size: bytes.length,
      path: file,
      ...(isLarge(file) && {
        lfs: { oid: createHash('sha256').update(bytes).digest('hex'), size: bytes.length, pointerSize: 130 },
      }),
    })),
  ];
}

/** The files of a folder, as a repository's. */
export function filesOf(folder: string): Map<string, Buffer> {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    names.map((entry) => {
      const place = path.join(entry.parentPath, entry.name);
      return [path.relative(folder, place).split(path.sep).join('/'), readFileSync(place)];
    }),
  );
}
