import { createHash } from 'node:crypto';
import { mkdir, open, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { describeFileError } from '../../corpus/readBytes';
import { IsoscopeError } from '../../protocol/errors';
import { toDigest, type FileDigest } from './hubListing';
import { requestHub, TransientProblem, withRetries, type HubAccess, type HubResponse } from './hubRequest';

export interface FileDownload {
  readonly url: string;
  /** as errors call it */
  readonly name: string;
  /** where it appears, whole and checked; until then it grows under this name with ".part" */
  readonly target: string;
  readonly bytes: number;
  /** `null` where the listing has none: then what the hub says in the answer's headers counts */
  readonly digest: FileDigest | null;
}

export interface DownloadOptions {
  readonly signal?: AbortSignal | undefined;
  /** bytes of this file that are there, what an earlier attempt left included */
  readonly onBytes?: (bytes: number) => void;
}

/**
 * Loads a file; goes on where an earlier attempt, in this session or another, was cut.
 * @throws IsoscopeError `encoder` when the hub cannot or does not give the bytes that it promised, `input` when they cannot be written; AbortError. What is good of ".part" is kept then
 */
export async function downloadFile(download: FileDownload, access: HubAccess, options: DownloadOptions): Promise<void> {
  const { target } = download;
  const part = `${target}.part`;
  try {
    await mkdir(path.dirname(target), { recursive: true });
    if (await isDone(download, options)) return;
    let furthest = 0;
    let furthestBefore = 0;
    const onBytes = (bytes: number): void => {
      furthest = Math.max(furthest, bytes);
      options.onBytes?.(bytes);
    };
    // Bytes that were there before are no advance: a server that always cuts at the same place would be asked for ever.
    const hasAdvanced = (): boolean => {
      const advanced = furthest > furthestBefore;
      furthestBefore = furthest;
      return advanced;
    };
    const watched = { ...options, onBytes };
    for (let isSecond = false; ; isSecond = true) {
      const wasBegun = (await sizeOf(part)) > 0;
      const said = await withRetries(
        () => loadRest(download, part, access, watched),
        access,
        options.signal,
        hasAdvanced,
      );
      const digest = download.digest ?? said;
      if (digest === null || (await hashOf(part, digest.kind, options.signal)) === digest.hex) break;
      await rm(part, { force: true });
      // What an earlier attempt left may have been spoilt: once more from the start.
      if (!wasBegun || isSecond) throw spoilt(download, digest);
    }
    await rename(part, target);
  } catch (error) {
    throw describeFileError(error, part, 'written');
  }
}

async function isDone({ target, bytes, digest }: FileDownload, { signal, onBytes }: DownloadOptions): Promise<boolean> {
  if ((await sizeOf(target)) !== bytes || digest === null) return false;
  if ((await hashOf(target, digest.kind, signal)) !== digest.hex) return false;
  onBytes?.(bytes);
  return true;
}

/** One attempt: from the end of ".part" to the end of the file. @returns the digest that the hub's answer names */
async function loadRest(
  { url, name, bytes }: FileDownload,
  part: string,
  access: HubAccess,
  { signal, onBytes }: DownloadOptions,
): Promise<FileDigest | null> {
  let start = Math.max(0, await sizeOf(part));
  if (start > bytes) {
    await rm(part);
    start = 0;
  }
  if (start === bytes && bytes > 0) return null;
  const headers: Record<string, string> = start > 0 ? { range: `bytes=${start}-` } : {};
  const response = await requestHub(url, name, access, { headers, signal });
  if (response.status === 416) {
    response.discard();
    await rm(part, { force: true });
    throw new TransientProblem(`The hub ${access.endpoint} has another ${name} than before: try again.`);
  }
  if (response.status !== 206 || rangeStart(response.headers) !== start) start = 0;
  // A server that answers a range it was not asked for cannot be put together with what is there.
  if (response.status === 206 && rangeStart(response.headers) !== start) {
    response.discard();
    throw new IsoscopeError('encoder', `The hub ${access.endpoint} sends another part of ${name} than was asked for.`);
  }
  const file = await open(part, start === 0 ? 'w' : 'a');
  try {
    const end = await append(file, response, start, { name, bytes, access }, onBytes);
    if (end < bytes) throw new TransientProblem(cutMessage(name, end, bytes, access));
    await file.sync();
  } finally {
    response.discard();
    await file.close();
  }
  return digestInHeaders(response.ownHeaders);
}

async function append(
  file: FileHandle,
  { pieces }: HubResponse,
  start: number,
  { name, bytes, access }: { readonly name: string; readonly bytes: number; readonly access: HubAccess },
  onBytes: DownloadOptions['onBytes'],
): Promise<number> {
  let end = start;
  for await (const piece of pieces) {
    if (end + piece.length > bytes) {
      await file.truncate(0);
      throw new IsoscopeError(
        'encoder',
        `The hub ${access.endpoint} sends more of ${name} than the ${bytes} bytes that it lists: it is not used.`,
      );
    }
    for (let written = 0; written < piece.length;) written += (await file.write(piece, written)).bytesWritten;
    end += piece.length;
    onBytes?.(end);
  }
  return end;
}

function cutMessage(name: string, end: number, bytes: number, { endpoint }: HubAccess): string {
  return `The hub ${endpoint} gave ${end} of ${bytes} bytes of ${name}: try again, it goes on from there.`;
}

/** `Content-Range: bytes 100-199/200` */
function rangeStart(headers: Headers): number | null {
  const found = /^bytes (\d+)-/.exec(headers.get('content-range') ?? '');
  return found === null ? null : Number(found[1]);
}

function digestInHeaders(headers: Headers): FileDigest | null {
  const tag = (headers.get('x-linked-etag') ?? headers.get('etag') ?? '').replace(/^W\//, '').replaceAll('"', '');
  return toDigest('sha256', tag) ?? toDigest('git-blob', tag);
}

/** Hex digest of a file; "git-blob" is Git's own: sha1 of "blob SIZE\0" and the bytes. */
export async function hashOf(file: string, kind: FileDigest['kind'], signal?: AbortSignal): Promise<string> {
  const handle = await open(file);
  try {
    const hash = createHash(kind === 'sha256' ? 'sha256' : 'sha1');
    if (kind === 'git-blob') hash.update(`blob ${(await handle.stat()).size}\0`);
    for await (const piece of handle.createReadStream({ highWaterMark: 1 << 20, autoClose: false })) {
      signal?.throwIfAborted();
      hash.update(piece as Buffer);
    }
    return hash.digest('hex');
  } finally {
    await handle.close();
  }
}

/** −1 where there is none. */
async function sizeOf(file: string): Promise<number> {
  return (await stat(file).catch(() => undefined))?.size ?? -1;
}

function spoilt({ name }: FileDownload, digest: FileDigest): IsoscopeError {
  return new IsoscopeError(
    'encoder',
    `What the hub sent as ${name} is not what it lists (${digest.kind === 'sha256' ? 'sha256' : 'git id'} ${digest.hex.slice(0, 12)}… was expected): it is not used; try again later.`,
  );
}
