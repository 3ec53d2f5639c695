import { readBytes, STANDARD_INPUT } from '../corpus/readBytes';
import { IsoscopeError } from '../protocol/errors';
import type { Snapshot } from '../protocol/snapshot';

/** A snapshot at d = 4,096 has half a megabyte. */
const MOST_BYTES = 256 * 2 ** 20;

/**
 * Reads the file of `isoscope analyze --json`. Checked as far as a comparison leans on it.
 * @param path `-` = standard input
 * @throws IsoscopeError `input`, naming the file: no JSON, no snapshot, another version, damaged; AbortError
 */
export async function readSnapshotFile(path: string, signal?: AbortSignal): Promise<Snapshot> {
  const name = path === '-' ? STANDARD_INPUT : path;
  const bytes = await readBytes(path, { limitBytes: MOST_BYTES, ...(signal && { signal }) });
  const text = new TextDecoder().decode(bytes);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new IsoscopeError('input', `${name} is not JSON: a snapshot comes from isoscope analyze --json.`, { cause });
  }
  return requireSnapshot(value, name);
}

function requireSnapshot(value: unknown, name: string): Snapshot {
  const format = isObject(value) ? value['format'] : undefined;
  if (!isObject(value) || format !== 'isoscope.snapshot') {
    const what = typeof format === 'string' && format.startsWith('isoscope.') ? ` but an ${format}` : '';
    throw new IsoscopeError('input', `${name} is no snapshot${what}: make one with isoscope analyze --json.`);
  }
  if (value['version'] !== 1) {
    throw new IsoscopeError(
      'input',
      `${name} is a snapshot of version ${String(value['version'])}, and this Isoscope reads version 1: update it, or make the snapshot anew.`,
    );
  }
  const { corpus, encoder, transform, raw, transformed } = value;
  const isWhole =
    isObject(corpus) &&
    typeof corpus['sha256'] === 'string' &&
    typeof corpus['source'] === 'string' &&
    isObject(encoder) &&
    typeof encoder['id'] === 'string' &&
    isObject(transform) &&
    typeof transform['spec'] === 'string' &&
    isObject(raw) &&
    (transformed === null || isObject(transformed));
  if (!isWhole) {
    throw new IsoscopeError('input', `${name} is a damaged snapshot: make it anew with isoscope analyze --json.`);
  }
  return value as unknown as Snapshot;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
