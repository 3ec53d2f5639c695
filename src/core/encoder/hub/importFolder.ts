import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, readFile, realpath, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describeFileError } from '../../corpus/readBytes';
import { IsoscopeError } from '../../protocol/errors';
import { completeFolder, describeDisguise, requireFolder } from '../modelFiles';
import type { DownloadProgress } from './downloadModel';
import { findSharedFiles, findVariants, missingFile } from './encoderFiles';
import {
  admitEncoder,
  hiddenFolder,
  prepareStore,
  readStoredEncoder,
  requireSpace,
  storeName,
  type StoredEncoder,
} from './encoderStore';
import { readExternalWeights } from './externalWeights';

export interface ImportOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: DownloadProgress) => void;
}

/** Model folders are flat; a folder that is not one may hold a home directory's worth. */
const MAX_LISTED = 10_000;

/**
 * Copies what an encoder needs of a model folder (settings, tokenizer, modules, every ONNX file with its weights; not the weights of other frameworks) into a store: as a whole or not
 * at all. The copy's name ends with the first digits of the sha256 of its content: a folder that was imported before, unchanged, is found again.
 * @throws IsoscopeError `encoder` when a file is missing, is a Git LFS pointer or a web page, or lies outside the folder; `input` for what the disk does not take; AbortError
 */
export async function importFolder(
  folder: string,
  store: string,
  { signal, onProgress }: ImportOptions = {},
): Promise<StoredEncoder> {
  await requireFolder(folder);
  const source = await openSource(folder);
  const { files, graphs } = await chooseFiles(source);
  const sizes = new Map(
    await Promise.all(files.map(async (file) => [file, (await stat(await source.locate(file))).size] as const)),
  );
  const total = [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0);
  await prepareStore(store);
  await requireSpace(store, total);
  const staging = hiddenFolder(store, 'import');
  try {
    const digests = new Map<string, string>();
    let before = 0;
    for (const file of files) {
      const onBytes = (bytes: number): void => onProgress?.({ file, done: before + bytes, total });
      digests.set(file, await copy(source, file, path.join(staging, file), onBytes, signal));
      before += sizes.get(file)!;
    }
    const content = createHash('sha256')
      .update(JSON.stringify([...digests].sort()))
      .digest('hex');
    const target = path.join(store, storeName([path.basename(path.resolve(folder)), content.slice(0, 8)]));
    const known = await readStoredEncoder(target);
    if (known !== undefined) {
      await rm(staging, { recursive: true, force: true });
      return known;
    }
    const described = graphs.map(({ file, weights }) => ({
      file,
      bytes: [file, ...weights].reduce((sum, name) => sum + sizes.get(name)!, 0),
      sha256: digests.get(file)!,
    }));
    const origin = { kind: 'folder', folder } as const;
    return await admitEncoder(staging, { folder: target, origin, graphs: described, bytes: total, added: '' });
  } catch (error) {
    await rm(staging, { recursive: true, force: true });
    throw error;
  }
}

interface Source {
  readonly folder: string;
  readonly paths: readonly string[];
  /** where a file really lies. @throws IsoscopeError when that is outside of the folder */
  locate(file: string): Promise<string>;
}

async function openSource(folder: string): Promise<Source> {
  const root = await realpath(folder);
  const roots = [root, ...blobsOf(root)];
  return {
    folder,
    paths: await listPaths(root),
    locate: async (file) => {
      const place = path.join(root, file);
      let real: string;
      try {
        real = await realpath(place);
      } catch (error) {
        throw new IsoscopeError('encoder', `${place} is missing: ${completeFolder(file)}.`, { cause: error });
      }
      if (roots.some((inside) => real.startsWith(inside + path.sep))) return real;
      throw new IsoscopeError(
        'encoder',
        `${place} is a link to a file outside of the folder (${real}): put the file itself there, then import the folder.`,
      );
    },
  };
}

/** The hub's own cache keeps files in "models--ORG--NAME/blobs" and links in "snapshots/COMMIT": those links are what one expects. */
function blobsOf(root: string): readonly string[] {
  const found: readonly (string | undefined)[] =
    /^(.*[\\/]models--[^\\/]+)[\\/]snapshots[\\/][^\\/]+$/.exec(root) ?? [];
  const [, model] = found;
  return model === undefined ? [] : [path.join(model, 'blobs')];
}

/** Files of a folder and of the folders in it, one level deep, with forward slashes; hidden ones are left out. */
async function listPaths(root: string): Promise<readonly string[]> {
  const paths: string[] = [];
  const visit = async (place: string, depth: number): Promise<void> => {
    const entries = await readdir(path.join(root, place), { withFileTypes: true });
    for (const entry of entries) {
      if (entry.name.startsWith('.')) continue;
      if (paths.length >= MAX_LISTED) {
        throw new IsoscopeError('encoder', `${root} holds thousands of files: choose the model folder itself.`);
      }
      const file = path.posix.join(place, entry.name);
      // Links to folders are not followed.
      if (entry.isDirectory()) await (depth < 1 ? visit(file, depth + 1) : undefined);
      else paths.push(file);
    }
  };
  await visit('', 0);
  return paths.sort();
}

async function chooseFiles(source: Source) {
  const { paths, folder } = source;
  const read = async (file: string): Promise<unknown> => {
    if (!paths.includes(file)) return undefined;
    const bytes = await readFile(await source.locate(file)).catch((error: unknown) => {
      throw describeFileError(error, path.join(folder, file), 'read');
    });
    refuseDisguise(bytes, path.join(folder, file), file);
    try {
      return JSON.parse(bytes.toString('utf8').replace(/^\ufeff/, '')) as unknown;
    } catch (cause) {
      throw new IsoscopeError('encoder', `${path.join(folder, file)} is not JSON: ${completeFolder(file)}.`, { cause });
    }
  };
  const variants = findVariants(paths, await read('config.json'));
  const missing = missingFile(paths, variants);
  if (missing !== undefined) {
    const what = missing.endsWith('.onnx') ? 'has no ONNX file' : `lacks ${missing}`;
    throw new IsoscopeError('encoder', `${folder} ${what}: ${completeFolder(missing)}.`);
  }
  const shared = findSharedFiles(paths, await read('modules.json'), folder);
  const graphs = await Promise.all(
    variants.map(async ({ file, kind, weights }) => {
      if (kind === 'static') return { file, weights };
      const head = await readHead(await source.locate(file));
      refuseDisguise(head, path.join(folder, file), file);
      const root = path.dirname(path.join(folder, file));
      const named = await readExternalWeights(root, path.basename(file));
      const all = named.map((name) => path.posix.join(path.posix.dirname(file), name));
      return { file, weights: [...new Set([...weights, ...all])] };
    }),
  );
  const files = [...new Set([...shared, ...graphs.flatMap(({ file, weights }) => [file, ...weights])])];
  return { files, graphs };
}

async function readHead(location: string): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of createReadStream(location, { end: 511 })) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

function refuseDisguise(head: Buffer, location: string, file: string): void {
  const disguise = describeDisguise(head);
  if (disguise !== undefined)
    throw new IsoscopeError('encoder', `${location} is ${disguise}: ${completeFolder(file)}.`);
}

/** Copies a file and takes its sha256 on the way. */
async function copy(
  source: Source,
  file: string,
  target: string,
  onBytes: (bytes: number) => void,
  signal: AbortSignal | undefined,
): Promise<string> {
  const location = await source.locate(file);
  const isPaper = !/\.(json|onnx|safetensors)$/.test(file) && !file.includes('onnx');
  if (!isPaper) refuseDisguise(await readHead(location), path.join(source.folder, file), file);
  const hash = createHash('sha256');
  let bytes = 0;
  const measure = new Transform({
    transform(piece: Buffer, _, done) {
      hash.update(piece);
      bytes += piece.length;
      onBytes(bytes);
      done(null, piece);
    },
  });
  try {
    await mkdir(path.dirname(target), { recursive: true });
    const reader = createReadStream(location, { highWaterMark: 1 << 20 });
    await pipeline(reader, measure, createWriteStream(target, { flags: 'wx' }), signal ? { signal } : {});
  } catch (error) {
    throw describeFileError(error, target, 'written');
  }
  return hash.digest('hex');
}
