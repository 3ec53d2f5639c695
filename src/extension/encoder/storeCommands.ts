import path from 'node:path';
import * as vscode from 'vscode';
import {
  deleteStoredEncoder,
  listStoredEncoders,
  megabytes,
  type StoredEncoder,
} from '../../core/encoder/hub/encoderStore';
import { downloadModel, type DownloadProgress } from '../../core/encoder/hub/downloadModel';
import type { HubAccess } from '../../core/encoder/hub/hubRequest';
import { importFolder } from '../../core/encoder/hub/importFolder';
import { failureReason } from '../../core/protocol/errors';
import { abortSignalOf } from '../editor/abortSignal';
import { plainText } from '../messages';
import type { DownloadWish } from './downloadSteps';
import { describeStored } from './firstStep';
import { runSteps, withAnswer, type Move, type PickItem, type Step } from './steps';
import { vscodeStepUi } from './vscodeStepUi';

/** Copies a folder into the store, with progress and a way to cancel. @returns `undefined` when cancelled */
export function importWithProgress(folder: string, store: string): Promise<StoredEncoder | undefined> {
  const title = vscode.l10n.t('Importing {0}', path.basename(folder));
  return withProgress(title, (options) => importFolder(folder, store, options));
}

/** Loads a model from the hub into the store, with progress and a way to cancel. @returns `undefined` when cancelled */
export function downloadWithProgress(
  { listing, variant }: DownloadWish,
  store: string,
  access: HubAccess,
): Promise<StoredEncoder | undefined> {
  const title = vscode.l10n.t('Downloading {0}', listing.model.id);
  return withProgress(title, (options) => downloadModel(listing, variant, store, access, options));
}

interface WorkOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: DownloadProgress) => void;
}

async function withProgress(
  title: string,
  work: (options: WorkOptions) => Promise<StoredEncoder>,
): Promise<StoredEncoder | undefined> {
  const options = { location: vscode.ProgressLocation.Notification, title: plainText(title), cancellable: true };
  try {
    return await vscode.window.withProgress(options, (progress, token) => {
      let percent = 0;
      let shownAt = 0;
      return work({
        signal: abortSignalOf(token),
        onProgress: ({ file, done: bytes, total }) => {
          const next = total === 0 ? 0 : (100 * bytes) / total;
          // A fast disk reports thousands of times.
          if (next - percent < 1 && Date.now() - shownAt < 200) return;
          shownAt = Date.now();
          const message = vscode.l10n.t('{0} of {1} ({2})', megabytes(bytes), megabytes(total), file);
          progress.report({ message, increment: Math.max(0, next - percent) });
          percent = Math.max(percent, next);
        },
      });
    });
  } catch (error) {
    if (failureReason(error) === 'cancelled') return undefined;
    throw error;
  }
}

/** Tells what is in the store now, its sha256 in full, and offers to use it. Does not wait for the answer. */
export function tellStored(stored: StoredEncoder, use: () => unknown): void {
  const [graph, ...more] = stored.graphs;
  const name = describeStored(stored, vscode.l10n).label;
  const message =
    graph === undefined
      ? vscode.l10n.t('{0} is stored.', name)
      : more.length === 0
        ? vscode.l10n.t('{0} is stored: {1}, sha256 {2}.', name, graph.file, graph.sha256)
        : vscode.l10n.t(
            '{0} is stored: {1}, sha256 {2}, and {3} other ONNX files.',
            name,
            graph.file,
            graph.sha256,
            more.length,
          );
  const useIt = vscode.l10n.t('Use It');
  const copy = vscode.l10n.t('Copy sha256');
  void vscode.window.showInformationMessage(plainText(message), useIt, copy).then((chosen) => {
    if (chosen === useIt) return use();
    return chosen === copy ? copySums(stored) : undefined;
  });
}

/** Deletes an encoder of the store when the user, asked once more, says so. */
export async function removeStored(stored: StoredEncoder, store: string): Promise<void> {
  const remove = vscode.l10n.t('Delete');
  const { label } = describeStored(stored, vscode.l10n);
  const chosen = await vscode.window.showWarningMessage(
    plainText(vscode.l10n.t('Delete {0} ({1}) from the disk?', label, megabytes(stored.bytes))),
    { modal: true, detail: vscode.l10n.t('Files that were analysed with it need another encoder then.') },
    remove,
  );
  if (chosen === remove) await deleteStoredEncoder(store, stored.folder);
}

interface ManageAnswer {
  readonly kind: 'delete' | 'copy' | 'reveal';
  readonly stored: StoredEncoder;
}

/** "Manage Imported Encoders": what is stored, how large, from where; to delete, to copy its sums, to see on the disk. */
export async function manageStored(store: string): Promise<void> {
  const step: Step<never> = async (place) => {
    const stored = await listStoredEncoders(store);
    const answer = await vscodeStepUi.pick<ManageAnswer>({
      title: vscode.l10n.t('Imported Encoders: {0}', megabytes(stored.reduce((sum, { bytes }) => sum + bytes, 0))),
      place,
      placeholder:
        stored.length === 0 ? vscode.l10n.t('No encoder is imported or downloaded') : vscode.l10n.t('Open its folder'),
      items: stored.map(manageItem),
    });
    return withAnswer(answer, async (value): Promise<Move<never>> => {
      if (value.kind === 'delete') await removeStored(value.stored, store);
      else if (value.kind === 'copy') await copySums(value.stored);
      else {
        await vscode.commands.executeCommand('revealFileInOS', vscode.Uri.file(value.stored.folder));
        return { kind: 'cancel' };
      }
      return { kind: 'next', step, isPassing: true };
    });
  };
  await runSteps(step);
}

function manageItem(stored: StoredEncoder): PickItem<ManageAnswer> {
  return {
    ...describeStored(stored, vscode.l10n),
    value: { kind: 'reveal', stored },
    buttons: [
      { icon: 'copy', tooltip: vscode.l10n.t('Copy sha256'), value: { kind: 'copy', stored } },
      { icon: 'trash', tooltip: vscode.l10n.t('Delete from the Disk'), value: { kind: 'delete', stored } },
    ],
  };
}

async function copySums({ graphs }: StoredEncoder): Promise<void> {
  await vscode.env.clipboard.writeText(graphs.map(({ file, sha256 }) => `${sha256}  ${file}`).join('\n'));
}
