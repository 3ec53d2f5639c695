import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, statfs, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describeFileError } from '../../corpus/readBytes';
import { IsoscopeError } from '../../protocol/errors';
import { isJsonObject, numberAt, objectAt, objectsAt, textAt } from '../jsonObject';

/** Where an encoder of the store came from. */
export type EncoderOrigin =
  | { readonly kind: 'folder'; readonly folder: string }
  | {
      readonly kind: 'hub';
      readonly endpoint: string;
      readonly id: string;
      readonly revision: string;
      readonly commit: string;
      readonly license: string | null;
    };

/** A graph, or static vectors, of an encoder in the store. */
export interface StoredGraph {
  /** path relative to the folder */
  readonly file: string;
  /** with the weights beside it */
  readonly bytes: number;
  readonly sha256: string;
}

/** A model folder that Isoscope keeps a copy of: one folder of the store, complete whenever it is there. */
export interface StoredEncoder {
  /** absolute path of the folder */
  readonly folder: string;
  readonly origin: EncoderOrigin;
  readonly graphs: readonly StoredGraph[];
  readonly bytes: number;
  /** ISO 8601 */
  readonly added: string;
}

/** The note of its origin that lies in every folder of the store. */
const RECORD = 'isoscope.json';
/** Folders that are being filled or removed begin with a dot: nobody takes them for an encoder. */
const HIDDEN = '.';

/** The encoders of a store, by the name of their folders. A store that is not there yet is empty. */
export async function listStoredEncoders(store: string): Promise<readonly StoredEncoder[]> {
  const names = await readdir(store).catch(() => []);
  const all = await Promise.all(
    names.filter((name) => !name.startsWith(HIDDEN)).map((name) => readStoredEncoder(path.join(store, name))),
  );
  return all.filter((stored) => stored !== undefined).sort((a, b) => (a.folder < b.folder ? -1 : 1));
}

/** `undefined` for a folder without a readable record: not one of ours. */
export async function readStoredEncoder(folder: string): Promise<StoredEncoder | undefined> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(path.join(folder, RECORD), 'utf8'));
  } catch {
    return undefined;
  }
  if (!isJsonObject(json) || json['format'] !== 'isoscope.encoder') return undefined;
  const graphs = objectsAt(json, 'graphs').map((graph) => ({
    file: textAt(graph, 'file') ?? '',
    bytes: numberAt(graph, 'bytes') ?? 0,
    sha256: textAt(graph, 'sha256') ?? '',
  }));
  const origin = objectAt(json, 'origin');
  const text = (key: string): string => textAt(origin, key) ?? '';
  return {
    folder,
    origin:
      text('kind') === 'hub'
        ? {
            kind: 'hub',
            endpoint: text('endpoint'),
            id: text('id'),
            revision: text('revision'),
            commit: text('commit'),
            license: textAt(origin, 'license') ?? null,
          }
        : { kind: 'folder', folder: text('folder') },
    graphs,
    bytes: numberAt(json, 'bytes') ?? 0,
    added: textAt(json, 'added') ?? '',
  };
}

/**
 * Makes a filled folder an encoder of the store, at once: writes the record into it and renames it.
 * @param staging a hidden folder of the same store
 * @param folder where it shall be; when it is there already (another window was quicker), that one counts
 */
export async function admitEncoder(
  staging: string,
  stored: StoredEncoder,
  { now = new Date() }: { readonly now?: Date } = {},
): Promise<StoredEncoder> {
  const { origin, graphs, bytes, folder } = stored;
  const added = now.toISOString();
  const record = { format: 'isoscope.encoder', version: 1, added, origin, graphs, bytes };
  await writeFile(path.join(staging, RECORD), `${JSON.stringify(record, null, 2)}\n`);
  try {
    await rename(staging, folder);
  } catch (error) {
    const existing = await readStoredEncoder(folder);
    if (existing === undefined) throw describeFileError(error, folder, 'written');
    await rm(staging, { recursive: true, force: true });
    return existing;
  }
  return { ...stored, added };
}

/**
 * Deletes an encoder of the store: gone at once for everybody who looks, then byte by byte.
 * @throws IsoscopeError `input` when the folder is not one of the store's, or the system refuses
 */
export async function deleteStoredEncoder(store: string, folder: string): Promise<void> {
  const isInside = path.dirname(path.resolve(folder)) === path.resolve(store);
  if (!isInside || (await readStoredEncoder(folder)) === undefined) {
    throw new IsoscopeError('input', `${folder} is no encoder that Isoscope has stored: it is left alone.`);
  }
  const trash = hiddenFolder(store, 'trash');
  try {
    await rename(folder, trash);
    await rm(trash, { recursive: true, force: true, maxRetries: 3 });
  } catch (error) {
    throw describeFileError(error, folder, 'written');
  }
}

/** A new name in the store that no listing shows. */
export function hiddenFolder(store: string, purpose: 'trash' | 'import'): string {
  return path.join(store, `${HIDDEN}${purpose}-${randomBytes(6).toString('hex')}`);
}

/** Where a download grows: the same each time, so that the next attempt finds what is there. */
export function downloadFolder(store: string, name: string): string {
  return path.join(store, `${HIDDEN}download-${name}`);
}

const LEFTOVER_AGE_MS = 24 * 3600_000;

/** Makes the store, and removes what a crash left half-done long ago. Begun downloads stay for a month: they can go on. */
export async function prepareStore(store: string): Promise<void> {
  try {
    await mkdir(store, { recursive: true });
  } catch (error) {
    throw describeFileError(error, store, 'written');
  }
  for (const name of await readdir(store)) {
    const days = name.startsWith('.download-') ? 30 : /^\.(trash|import)-/.test(name) ? 1 : Infinity;
    const place = path.join(store, name);
    const age = Date.now() - ((await stat(place).catch(() => undefined))?.mtimeMs ?? Date.now());
    if (age > days * LEFTOVER_AGE_MS) await rm(place, { recursive: true, force: true }).catch(() => undefined);
  }
}

/** @throws IsoscopeError `input` when the disk of `folder` has not so many bytes left */
export async function requireSpace(folder: string, bytes: number): Promise<void> {
  // Not every file system says how full it is.
  const disk = await statfs(folder).catch(() => undefined);
  if (disk === undefined || disk.blocks === 0) return;
  const free = disk.bavail * disk.bsize;
  if (free >= bytes) return;
  throw new IsoscopeError(
    'input',
    `The disk of ${folder} has ${megabytes(free)} left and ${megabytes(bytes)} are needed: free some space and try again.`,
  );
}

/** "23 MB"; what a reader takes in at a glance. */
export function megabytes(bytes: number): string {
  if (bytes < 1e6) return `${Math.ceil(bytes / 1e3)} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

/** The name of a folder of the store: readable, and safe on every system. */
export function storeName(parts: readonly string[]): string {
  return parts.map((part) => part.replace(/[^\w.-]+/g, '-').replace(/^[.-]+|[.-]+$/g, '')).join('--');
}
