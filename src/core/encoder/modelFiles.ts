import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { open, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { failureMessage, IsoscopeError } from '../protocol/errors';
import { packageRoot } from '../resources';
import { isJsonObject, type JsonObject } from './jsonObject';

/** Size and checksum that a file must have. */
export interface ExpectedFile {
  readonly bytes: number;
  readonly sha256: string;
}

/** A file of a model folder as it was read: what is checked is what is used. */
export interface ModelFile {
  readonly bytes: Buffer;
  readonly sha256: string;
}

/** What a user does about a file that is missing or damaged: the end of an error's sentence. */
export type WayOn = (file: string) => string;

/**
 * Reads a file of a model folder whole and takes its checksum (14 ms for 23 MB on a CPU with SHA instructions).
 * @param file path relative to `folder`
 * @throws IsoscopeError `encoder` when it is missing, is something else in disguise (a Git LFS pointer, an HTML page, nothing), or is not what is expected
 */
export async function readModelFile(
  folder: string,
  file: string,
  wayOn: WayOn,
  expected?: ExpectedFile,
): Promise<ModelFile> {
  const location = path.join(folder, file);
  let bytes: Buffer;
  try {
    bytes = await readFile(location);
  } catch (error) {
    throw unreadable(location, file, wayOn, error);
  }
  const disguise = describeDisguise(bytes);
  if (disguise) throw new IsoscopeError('encoder', `${location} is ${disguise}: ${wayOn(file)}.`);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (expected && bytes.length !== expected.bytes) {
    throw new IsoscopeError(
      'encoder',
      `${location} is damaged (${bytes.length} bytes instead of ${expected.bytes}): ${wayOn(file)}.`,
    );
  }
  if (expected && sha256 !== expected.sha256) {
    throw new IsoscopeError(
      'encoder',
      `${location} is damaged (sha256 ${sha256.slice(0, 12)}… instead of ${expected.sha256.slice(0, 12)}…): ${wayOn(file)}.`,
    );
  }
  return { bytes, sha256 };
}

/** The same for a JSON file. */
export async function readModelJson(
  folder: string,
  file: string,
  wayOn: WayOn,
  expected?: ExpectedFile,
): Promise<{ readonly json: JsonObject; readonly sha256: string }> {
  const json = await readJsonValue(folder, file, wayOn, expected);
  if (isJsonObject(json.value)) return { json: json.value, sha256: json.sha256 };
  throw new IsoscopeError('encoder', `${path.join(folder, file)} holds no JSON object: ${wayOn(file)}.`);
}

/** The same for a JSON file that may be absent: then `undefined`. */
export async function readOptionalJson(
  folder: string,
  file: string,
  wayOn: WayOn,
  expected?: ExpectedFile,
): Promise<JsonObject | undefined> {
  if (!expected && !existsSync(path.join(folder, file))) return undefined;
  return (await readModelJson(folder, file, wayOn, expected)).json;
}

/** The same for a JSON file that holds any value (modules.json is a list). */
export async function readJsonValue(
  folder: string,
  file: string,
  wayOn: WayOn,
  expected?: ExpectedFile,
): Promise<{ readonly value: unknown; readonly sha256: string }> {
  const { bytes, sha256 } = await readModelFile(folder, file, wayOn, expected);
  try {
    return { value: JSON.parse(bytes.toString('utf8').replace(/^\ufeff/, '')) as unknown, sha256 };
  } catch (error) {
    const reason = failureMessage(error);
    throw new IsoscopeError('encoder', `${path.join(folder, file)} is not JSON (${reason}): ${wayOn(file)}.`, {
      cause: error,
    });
  }
}

/** sha256 of a file of any size (weights beside a model), read in pieces. */
export async function hashFile(location: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  const file = await open(location);
  try {
    for await (const piece of file.createReadStream({ highWaterMark: 1 << 20, autoClose: false })) {
      signal?.throwIfAborted();
      hash.update(piece as Buffer);
    }
  } finally {
    await file.close();
  }
  return hash.digest('hex');
}

/** What stands in place of a large file, from its beginning; `undefined` as below. */
export async function describeFileDisguise(location: string): Promise<string | undefined> {
  const file = await open(location);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(512), 0, 512, 0);
    return describeDisguise(buffer.subarray(0, bytesRead));
  } finally {
    await file.close();
  }
}

/** What stands in place of a model when a download or a clone went wrong; `undefined` when nothing of that kind is recognised. */
export function describeDisguise(bytes: Buffer): string | undefined {
  if (bytes.length === 0) return 'empty';
  const head = bytes.toString('latin1', 0, 512).trimStart();
  if (head.startsWith('version https://git-lfs.github.com/spec/')) {
    return 'a Git LFS pointer, not the file itself (run "git lfs pull" in the clone that it comes from)';
  }
  if (/^(<!doctype html|<html|<\?xml)/i.test(head)) return 'a web page that was saved under that name';
  return undefined;
}

function unreadable(location: string, file: string, wayOn: WayOn, error: unknown): IsoscopeError {
  const code = (error as NodeJS.ErrnoException).code;
  const state = code === 'ENOENT' ? 'is missing' : `cannot be read (${failureMessage(error)})`;
  return new IsoscopeError('encoder', `${location} ${state}: ${wayOn(file)}.`, { cause: error });
}

/** The way on for a file that ships with Isoscope: it depends on how Isoscope came here. */
export function reinstallIsoscope(file: string): string {
  const root = packageRoot();
  if (existsSync(path.join(root, '.git'))) return `bring it back with "git checkout -- media/models" in ${root}`;
  if (root.split(path.sep).includes('node_modules')) return 'install the package anew with "npm ci"';
  return `reinstall Isoscope, which brings ${file} with it`;
}

/** The way on for a file of a folder that the user chose. */
export function completeFolder(file: string): string {
  if (file.endsWith('.onnx')) {
    return 'export the model with "optimum-cli export onnx --model MODEL_ID FOLDER", or take the file from the onnx folder of its page on the hub';
  }
  const fromHub = 'take it from the page of the model on the hub, e.g. with "hf download MODEL_ID --local-dir FOLDER"';
  // Older models come with a vocabulary only.
  return file === 'tokenizer.json'
    ? `${fromHub}, or write it with "AutoTokenizer.from_pretrained(MODEL_ID).save_pretrained(FOLDER)" of transformers`
    : fromHub;
}

/** Throws unless `folder` is a folder. @throws IsoscopeError `encoder` */
export async function requireFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch(() => undefined);
  if (!found) throw new IsoscopeError('encoder', `There is no model folder ${folder}.`);
  if (!found.isDirectory()) {
    throw new IsoscopeError(
      'encoder',
      `${folder} is a file: name the model folder that holds config.json and tokenizer.json.`,
    );
  }
}
