import { stat } from 'node:fs/promises';
import path from 'node:path';
import { writeFileAtomically } from '../corpus/writeFileAtomically';
import { IsoscopeError } from '../protocol/errors';
import type { CommandIo } from './commandIo';

/**
 * Finds out before the work whether its results will have a place.
 * @throws IsoscopeError `input` for a folder that does not exist, or a folder in place of a file
 */
export async function checkOutput(file: string): Promise<void> {
  if (file === '-') return;
  if ((await stat(file).catch(() => undefined))?.isDirectory()) {
    throw new IsoscopeError('input', `${file} is a folder, not a file.`);
  }
  const folder = path.dirname(path.resolve(file));
  if (!(await stat(folder).catch(() => undefined))?.isDirectory()) {
    throw new IsoscopeError('input', `${file} cannot be written: the folder ${folder} does not exist.`);
  }
}

/** @throws IsoscopeError `usage` when binary data would go to a terminal */
export function refuseTerminal(file: string, { isOutputTerminal }: CommandIo): void {
  if (file === '-' && isOutputTerminal) {
    throw new IsoscopeError('usage', '--out - writes binary data, which is for a pipe or file and not for a terminal.');
  }
}

/** To a file, whole or not at all, or to standard output for `-`. */
export async function writeResult(
  file: string,
  parts: readonly (string | Uint8Array)[],
  { signal, writeOutput, say }: CommandIo,
): Promise<void> {
  signal.throwIfAborted();
  if (file === '-') {
    for (const part of parts) await writeOutput(part);
    return;
  }
  await writeFileAtomically(file, parts, { signal });
  say(`isoscope: wrote ${file}`);
}
