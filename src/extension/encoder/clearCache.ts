import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { megabytes } from '../../core/encoder/hub/encoderStore';
import type { Engine } from '../engine';
import { showInformation } from '../messages';

/** Where vectors and tables of word vectors are kept for the next session. */
export function cacheFolder(context: vscode.ExtensionContext): string {
  return path.join(context.globalStorageUri.fsPath, 'cache');
}

/** "Clear Cache": says how much there is, asks, and says what was freed. */
export async function clearCacheAsking(folder: string, engine: Pick<Engine, 'request'>): Promise<void> {
  const before = await bytesOf(folder);
  const clear = vscode.l10n.t('Clear');
  const size = megabytes(before);
  const message =
    before === 0
      ? vscode.l10n.t('The cache is empty.')
      : vscode.l10n.t(
          'The cache holds {0} of vectors: encoded lines are there at once when they are analysed again.',
          size,
        );
  const chosen = await vscode.window.showInformationMessage(message, ...(before === 0 ? [] : [clear]));
  if (chosen !== clear) return;
  showInformation(vscode.l10n.t('The cache is cleared: {0} were freed.', megabytes(await clearCache(folder, engine))));
}

/**
 * Removes what is kept, on disk and in the engine's memory. Other windows that use the cache at the moment go on with an empty one.
 * @returns bytes that were freed
 */
export async function clearCache(folder: string, engine: Pick<Engine, 'request'>): Promise<number> {
  const before = await bytesOf(folder);
  // The engine knows which of its files are open; with the cache switched off it knows of none.
  const isKept = (await engine.request('cacheStatus', null)) !== null;
  await engine.request('clearCache', null);
  await rm(isKept ? path.join(folder, 'word-vectors') : folder, { recursive: true, force: true, maxRetries: 2 });
  return Math.max(0, before - (await bytesOf(folder)));
}

/** Bytes of all files below a folder; 0 where there is none. */
export async function bytesOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const sizes = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      // Another window may have removed it meanwhile.
      .map((entry) =>
        stat(path.join(entry.parentPath, entry.name)).then(
          ({ size }) => size,
          () => 0,
        ),
      ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
