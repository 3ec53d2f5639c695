import { homedir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { listStoredEncoders, type StoredEncoder } from '../../core/encoder/hub/encoderStore';
import { parseHubEndpoint } from '../../core/encoder/hub/hubModel';
import type { EncoderChoice } from '../../core/protocol/engineProtocol';
import { assertNever } from '../../core/protocol/errors';
import type { Engine } from '../engine';
import { plainText, showInformation } from '../messages';
import { readSettings, writeEncoderSetting } from '../settings';
import { chooseStep, type Chosen, type ChoosingServices } from './chooseSteps';
import { describeChoice } from './describeChoice';
import { downloadStep, type DownloadWish } from './downloadSteps';
import type { EncoderChoices } from './encoderChoices';
import type { EndpointKeys } from './endpointKeys';
import type { FirstState } from './firstStep';
import { runSteps } from './steps';
import { downloadWithProgress, importWithProgress, removeStored, tellStored } from './storeCommands';
import { vscodeStepUi } from './vscodeStepUi';

/** What choosing needs. */
export interface EncoderServices {
  readonly choices: EncoderChoices;
  readonly keys: EndpointKeys;
  readonly engine: Pick<Engine, 'request'>;
  /** folder of imported and downloaded encoders */
  readonly store: string;
}

/** Does what a choice is for: keeps it for a document (`undefined`: the settings count again) and analyses that anew. */
export type ApplyChoice = (uri: vscode.Uri, choice: EncoderChoice | undefined) => Promise<void>;

/** @param uri document that the choice is for; `undefined` when none is open */
export async function chooseEncoder(
  uri: vscode.Uri | undefined,
  services: EncoderServices,
  apply: ApplyChoice,
): Promise<void> {
  const command = vscode.l10n.t('Choose Encoder');
  const title = uri === undefined ? command : `${command}: ${path.posix.basename(uri.path)}`;
  const chosen = await runSteps<Chosen>(chooseStep(title, choosingServices(uri, services)));
  if (chosen === undefined) return;
  switch (chosen.kind) {
    case 'choice':
      await use(uri, chosen.choice, services, apply);
      break;
    case 'default':
      if (uri !== undefined) await apply(uri, undefined);
      break;
    case 'import':
      await importInto(chosen.folder, uri, services, apply);
      break;
    case 'download':
      await downloadInto(chosen.wish, uri, services, apply);
      break;
    default:
      assertNever(chosen);
  }
}

/** "Import Encoder Folder…" */
export async function importEncoder(
  uri: vscode.Uri | undefined,
  services: EncoderServices,
  apply: ApplyChoice,
): Promise<void> {
  const answer = await vscodeStepUi.file({
    title: vscode.l10n.t('Import Encoder Folder'),
    kind: 'folder',
    accept: vscode.l10n.t('Import This Model Folder'),
  });
  if (answer.kind === 'value') await importInto(answer.value, uri, services, apply);
}

/** "Download Encoder…" */
export async function downloadEncoder(
  uri: vscode.Uri | undefined,
  services: EncoderServices,
  apply: ApplyChoice,
): Promise<void> {
  const title = vscode.l10n.t('Download Encoder');
  const step = downloadStep(title, { ui: vscodeStepUi, l10n: vscode.l10n, access: hubAccess() });
  const wish = await runSteps<DownloadWish>(step);
  if (wish !== undefined) await downloadInto(wish, uri, services, apply);
}

function choosingServices(uri: vscode.Uri | undefined, services: EncoderServices): ChoosingServices {
  const { choices, keys, engine, store } = services;
  return {
    ui: vscodeStepUi,
    l10n: vscode.l10n,
    keys,
    access: hubAccess,
    state: () => firstState(uri, services),
    inspect: (encoder, signal) => engine.request('describeEncoder', { encoder }, { signal }),
    forget: (choice) => choices.forgetUse(choice),
    remove: (stored) => removeStored(stored, store),
  };
}

async function firstState(uri: vscode.Uri | undefined, { choices, store }: EncoderServices): Promise<FirstState> {
  const quietly = <Value>(read: () => Value): Value | undefined => {
    try {
      return read();
    } catch {
      // What is wrong with the settings is told by the analysis; here the user is about to choose something else.
      return undefined;
    }
  };
  const chosen = uri === undefined ? undefined : choices.chosenFor(uri);
  const standard = uri === undefined ? undefined : quietly(() => choices.defaultOf(uri));
  return {
    current: chosen ?? standard,
    standard,
    isChosen: chosen !== undefined,
    isConfirmed: uri === undefined || quietly(() => choices.isConfirmed(uri)) !== false,
    hasDocument: uri !== undefined,
    recent: choices.recent,
    stored: await listStoredEncoders(store),
    home: homedir(),
  };
}

async function use(
  uri: vscode.Uri | undefined,
  choice: EncoderChoice,
  { choices }: EncoderServices,
  apply: ApplyChoice,
): Promise<void> {
  if (uri !== undefined) {
    await apply(uri, choice);
    return;
  }
  await choices.noteUse(choice, null);
  const { label } = describeChoice(choice, null, homedir(), vscode.l10n);
  const makeDefault = vscode.l10n.t('Make It the Default');
  const message = vscode.l10n.t(
    'No text is open: {0} is among the recent encoders now. Open a text and choose it there, or use it for every text.',
    label,
  );
  void vscode.window.showInformationMessage(plainText(message), makeDefault).then((answer) => {
    return answer === makeDefault ? writeEncoderSetting(choice) : undefined;
  });
}

async function importInto(
  folder: string,
  uri: vscode.Uri | undefined,
  services: EncoderServices,
  apply: ApplyChoice,
): Promise<void> {
  const stored = await importWithProgress(folder, services.store);
  if (stored === undefined) showInformation(vscode.l10n.t('The import was cancelled: nothing was kept.'));
  else tellStored(stored, () => use(uri, choiceOfStored(stored), services, apply));
}

async function downloadInto(
  wish: DownloadWish,
  uri: vscode.Uri | undefined,
  services: EncoderServices,
  apply: ApplyChoice,
): Promise<void> {
  const stored = await downloadWithProgress(wish, services.store, hubAccess());
  if (stored === undefined) {
    showInformation(vscode.l10n.t('The download was cancelled: the next one goes on where it stopped.'));
  } else tellStored(stored, () => use(uri, choiceOfStored(stored), services, apply));
}

/** An encoder of the store, its first graph where it has several. */
export function choiceOfStored({ folder, graphs }: StoredEncoder): EncoderChoice {
  const [first] = graphs;
  return { encoder: folder, ...(graphs.length > 1 && first !== undefined && { variant: first.file }) };
}

function hubAccess() {
  return { endpoint: parseHubEndpoint(readSettings().hubEndpoint) };
}
