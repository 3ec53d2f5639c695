import { mkdir, open, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { IsoscopeError } from '../../protocol/errors';
import { downloadFile, hashOf } from './downloadFile';
import type { EncoderVariant } from './encoderFiles';
import {
  admitEncoder,
  downloadFolder,
  prepareStore,
  readStoredEncoder,
  requireSpace,
  storeName,
  type StoredEncoder,
} from './encoderStore';
import { readExternalWeights } from './externalWeights';
import { fileAddress, type HubFile, type HubListing } from './hubListing';
import type { HubAccess } from './hubRequest';

export interface DownloadProgress {
  /** the file that is on its way */
  readonly file: string;
  readonly done: number;
  readonly total: number;
}

export interface ModelDownloadOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: DownloadProgress) => void;
}

/**
 * Loads one variant of a model, with all that belongs to it, into a store: as a whole or not at all. What a cut or cancelled attempt has loaded is used by the next one.
 * @throws IsoscopeError `encoder` for what the hub does not give, `input` for what the disk does not take; AbortError
 */
export async function downloadModel(
  listing: HubListing,
  variant: EncoderVariant,
  store: string,
  access: HubAccess,
  options: ModelDownloadOptions = {},
): Promise<StoredEncoder> {
  const { model, commit, license } = listing;
  // Readers meet the folder's name as the encoder's: the usual graph goes without saying.
  const which = variant.file === 'onnx/model.onnx' ? [] : [variant.file.replace(/\.onnx$/, '')];
  const name = storeName([...model.id.split('/'), commit.slice(0, 8), ...which]);
  const folder = path.join(store, name);
  const existing = await readStoredEncoder(folder);
  if (existing !== undefined) return existing;
  await prepareStore(store);
  const staging = downloadFolder(store, name);
  const unlock = await lock(`${staging}.lock`, model.id);
  try {
    const bytes = await fill(staging, listing, variant, access, options);
    const sha256 = await hashOf(path.join(staging, variant.file), 'sha256', options.signal);
    const origin = { kind: 'hub', endpoint: access.endpoint, ...model, commit, license } as const;
    const graphs = [{ file: variant.file, bytes: bytes.variant, sha256 }];
    return await admitEncoder(staging, { folder, origin, graphs, bytes: bytes.all, added: '' });
  } finally {
    await unlock();
  }
}

/** Small files first: what is wrong with them is known before the large ones are loaded. @returns bytes that are there now */
async function fill(
  staging: string,
  listing: HubListing,
  variant: EncoderVariant,
  access: HubAccess,
  { signal, onProgress }: ModelDownloadOptions,
): Promise<{ readonly all: number; readonly variant: number }> {
  const wanted = [...listing.shared, variant.file, ...variant.weights].map((file) => fileOf(listing, file, access));
  let total = sumOf(wanted);
  let before = 0;
  const load = async (file: HubFile): Promise<void> => {
    const { path: name, bytes, digest } = file;
    const url = fileAddress(listing.model.id, listing.commit, name, access);
    onProgress?.({ file: name, done: before, total });
    await downloadFile({ url, name, target: path.join(staging, name), bytes, digest }, access, {
      signal,
      onBytes: (done) => onProgress?.({ file: name, done: before + done, total }),
    });
    before += bytes;
  };
  await mkdir(staging, { recursive: true });
  await requireSpace(staging, total);
  for (const file of wanted) await load(file);
  // Only the graph itself knows the names of weights for certain.
  const named = variant.kind === 'onnx' ? await readExternalWeights(staging, variant.file) : [];
  const more = named.filter((file) => !variant.weights.includes(file)).map((file) => fileOf(listing, file, access));
  total += sumOf(more);
  for (const file of more) await load(file);
  const shared = sumOf(listing.shared.map((file) => fileOf(listing, file, access)));
  return { all: total, variant: total - shared };
}

function fileOf({ files, model }: HubListing, file: string, { endpoint }: HubAccess): HubFile {
  const found = files.get(file);
  if (found !== undefined) return found;
  throw new IsoscopeError(
    'encoder',
    `${model.id} on ${endpoint} lacks ${file}, which its graph wants: choose another variant or revision.`,
  );
}

function sumOf(files: readonly HubFile[]): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** Two windows must not write into the same file. A lock whose process is gone holds nobody up. */
async function lock(file: string, id: string): Promise<() => Promise<void>> {
  for (let attempt = 0; ; attempt++) {
    try {
      const handle = await open(file, 'wx');
      await handle.writeFile(String(process.pid));
      await handle.close();
      return () => rm(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || attempt > 0) throw error;
      const owner = Number(await readFile(file, 'utf8').catch(() => ''));
      if (owner !== process.pid && !isAlive(owner)) {
        await rm(file, { force: true });
        continue;
      }
      throw new IsoscopeError('encoder', `${id} is being downloaded already, here or in another window: wait for it.`);
    }
  }
}

function isAlive(processId: number): boolean {
  if (!(processId > 0)) return false;
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
