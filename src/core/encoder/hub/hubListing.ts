import { IsoscopeError } from '../../protocol/errors';
import { isJsonObject, numberAt, objectAt, textAt, type JsonObject } from '../jsonObject';
import { findSharedFiles, findVariants, missingFile, type EncoderVariant } from './encoderFiles';
import type { HubModel } from './hubModel';
import { notAHub, requestJson, type HubAccess } from './hubRequest';
import { isSafePath } from './safePath';

/** A file on a hub and what its bytes must be. */
export interface HubFile {
  readonly path: string;
  readonly bytes: number;
  readonly digest: FileDigest | null;
}

/** Large files (Git LFS) are named by their sha256, small ones by the id that Git gives them. */
export interface FileDigest {
  readonly kind: 'sha256' | 'git-blob';
  readonly hex: string;
}

/** What a hub has of a model at one commit. */
export interface HubListing {
  readonly model: HubModel;
  /** full id of the commit that the revision stood for: all files come from it, also when the branch moves on meanwhile */
  readonly commit: string;
  /** as the model's card says, e.g. "apache-2.0" */
  readonly license: string | null;
  readonly files: ReadonlyMap<string, HubFile>;
  readonly variants: readonly EncoderVariant[];
  /** files that every variant needs, licence and readme among them */
  readonly shared: readonly string[];
}

const MAX_PAGES = 100;
const MAX_FILES = 50_000;

/**
 * Asks a hub what it has of a model (the Hugging Face hub's API: /api/models/ID/revision/REV and /api/models/ID/tree/REV).
 * @throws IsoscopeError `encoder` where there is no such model, no ONNX file in it, or a file is missing; AbortError
 */
export async function listHubModel(model: HubModel, access: HubAccess, signal?: AbortSignal): Promise<HubListing> {
  const name = `${model.id}@${model.revision}`;
  const api = `${access.endpoint}/api/models/${encodePath(model.id)}`;
  const info = await requestJson(`${api}/revision/${encodeURIComponent(model.revision)}`, name, access, signal);
  const commit = isJsonObject(info.value) ? textAt(info.value, 'sha') : undefined;
  if (commit === undefined || !/^[0-9a-f]{7,64}$/i.test(commit)) throw notAHub(access);
  const files = await listFiles(`${api}/tree/${commit}?recursive=true`, name, access, signal);
  const paths = [...files.keys()];
  const read = async (file: string): Promise<unknown> => {
    if (!files.has(file)) return undefined;
    return (await requestJson(fileAddress(model.id, commit, file, access), `${file} of ${name}`, access, signal)).value;
  };
  const variants = findVariants(paths, await read('config.json'));
  const missing = missingFile(paths, variants);
  if (missing !== undefined) throw incomplete(name, missing, access);
  const shared = findSharedFiles(paths, await read('modules.json'), name);
  return { model, commit, license: licenseOf(info.value as JsonObject), files, variants, shared };
}

/** Where a file of a commit is to be had. */
export function fileAddress(id: string, commit: string, file: string, { endpoint }: HubAccess): string {
  return `${endpoint}/${encodePath(id)}/resolve/${encodeURIComponent(commit)}/${encodePath(file)}`;
}

/** Bytes of a variant with the weights beside it, without the files that all variants share. */
export function variantBytes({ files }: HubListing, { file, weights }: EncoderVariant): number {
  return [file, ...weights].reduce((sum, path) => sum + (files.get(path)?.bytes ?? 0), 0);
}

async function listFiles(
  firstPage: string,
  name: string,
  access: HubAccess,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, HubFile>> {
  const files = new Map<string, HubFile>();
  let page: string | undefined = firstPage;
  for (let count = 0; page !== undefined; count++) {
    if (count >= MAX_PAGES || files.size > MAX_FILES) throw notAHub(access);
    const { value, headers } = await requestJson(page, name, access, signal);
    if (!Array.isArray(value)) throw notAHub(access);
    for (const entry of value as readonly unknown[]) {
      const file = readEntry(entry, name, access);
      if (file !== undefined) files.set(file.path, file);
    }
    page = nextPage(headers, page, access);
  }
  return files;
}

function readEntry(entry: unknown, name: string, access: HubAccess): HubFile | undefined {
  if (!isJsonObject(entry)) throw notAHub(access);
  if (textAt(entry, 'type') !== 'file') return undefined;
  const path = textAt(entry, 'path');
  const bytes = numberAt(entry, 'size');
  if (path === undefined || bytes === undefined || !Number.isSafeInteger(bytes) || bytes < 0) throw notAHub(access);
  if (!isSafePath(path)) {
    throw new IsoscopeError(
      'encoder',
      `The hub ${access.endpoint} lists a file of ${name} outside of its folder (${path.slice(0, 80)}): nothing is loaded.`,
    );
  }
  return { path, bytes, digest: digestOf(entry) };
}

function digestOf(entry: JsonObject): FileDigest | null {
  const sha256 = textAt(objectAt(entry, 'lfs'), 'oid') ?? textAt(objectAt(entry, 'lfs'), 'sha256');
  if (sha256 !== undefined) return toDigest('sha256', sha256.replace(/^sha256:/, ''));
  return toDigest('git-blob', textAt(entry, 'oid') ?? '');
}

/** `null` for what is no digest of that kind. */
export function toDigest(kind: FileDigest['kind'], text: string): FileDigest | null {
  const length = kind === 'sha256' ? 64 : 40;
  const hex = text.toLowerCase();
  return hex.length === length && /^[0-9a-f]+$/.test(hex) ? { kind, hex } : null;
}

/** `Link: <…>; rel="next"`, on the hub's own address only. */
function nextPage(headers: Headers, page: string, access: HubAccess): string | undefined {
  const link = /<([^>]+)>\s*;\s*rel="?next"?/.exec(headers.get('link') ?? '')?.[1];
  if (link === undefined) return undefined;
  const next = URL.canParse(link, page) ? new URL(link, page) : undefined;
  if (next?.origin !== new URL(page).origin) throw notAHub(access);
  return next.href;
}

function licenseOf(info: JsonObject): string | null {
  const tags: unknown = info['tags'];
  const tag = (Array.isArray(tags) ? (tags as readonly unknown[]) : []).find(
    (item): item is string => typeof item === 'string' && item.startsWith('license:'),
  );
  return textAt(objectAt(info, 'cardData'), 'license') ?? tag?.slice('license:'.length) ?? null;
}

function incomplete(name: string, file: string, { endpoint }: HubAccess): IsoscopeError {
  return new IsoscopeError(
    'encoder',
    file === 'model.onnx'
      ? `${name} has no ONNX file on ${endpoint}: choose a model that has one, or export it with "optimum-cli export onnx --model ${name.split('@')[0] ?? name} FOLDER" and choose that folder.`
      : `${name} has no ${file} on ${endpoint}, without which sentences cannot be encoded: choose another model or revision.`,
  );
}

function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}
