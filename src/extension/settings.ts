import * as vscode from 'vscode';
import type { EncoderChoice } from '../core/protocol/engineProtocol';
import type { EncoderSetting } from './encoder/encoderSetting';

/** Every setting, typed and checked: the ONE place that reads them. Defaults stand in package.json only. */
export interface Settings {
  readonly encoder: EncoderSetting;
  /** specification, or "auto" */
  readonly transform: string;
  readonly seed: number;
  readonly maxLines: number;
  readonly isHoverEnabled: boolean;
  /** whether findings stand beside their lines in the editor */
  readonly areFindingsDecorated: boolean;
  /** whether findings are listed in Problems */
  readonly areFindingsProblems: boolean;
  /** `undefined` = physical cores */
  readonly threads: number | undefined;
  readonly idleTimeoutMs: number;
  /** address of the hub that models are downloaded from, as it is written */
  readonly hubEndpoint: string;
  /** of the vectors kept on disk; `null` = none are */
  readonly cacheLimitBytes: number | null;
}

const section = 'isoscope';

/**
 * The settings that hold for a document. A value of the wrong kind counts as not set: settings.json is written by hand.
 * `isoscope.encoder` and its options of an untrusted workspace never arrive here: package.json lists them under `restrictedConfigurations`.
 */
export function readSettings(scope?: vscode.Uri): Settings {
  const configuration = vscode.workspace.getConfiguration(section, scope);
  const threads = readInteger(configuration, 'threads', 0, 256);
  return {
    encoder: {
      encoder: readText(configuration, 'encoder'),
      options: readObject(configuration, 'encoderOptions'),
      isFromWorkspace: isSetByWorkspace(configuration, 'encoder'),
    },
    transform: readText(configuration, 'transform'),
    seed: readInteger(configuration, 'seed', 0, 0xffffffff),
    maxLines: readInteger(configuration, 'maxLines', 2, 10_000_000),
    isHoverEnabled: readBoolean(configuration, 'hover.enabled'),
    areFindingsDecorated: readBoolean(configuration, 'findings.decorations'),
    areFindingsProblems: readBoolean(configuration, 'findings.problems'),
    threads: threads === 0 ? undefined : threads,
    idleTimeoutMs: readInteger(configuration, 'engine.idleMinutes', 1, 1440) * 60_000,
    hubEndpoint: readText(configuration, 'hub.endpoint'),
    cacheLimitBytes: readBoolean(configuration, 'cache.enabled')
      ? readInteger(configuration, 'cache.limitMegabytes', 1, 1_000_000) * 1e6
      : null,
  };
}

/** Makes a choice the user's default, for every text that has none of its own. */
export async function writeEncoderSetting({ encoder, endpoint, vectors: _, ...options }: EncoderChoice): Promise<void> {
  const configuration = vscode.workspace.getConfiguration(section);
  const { api, model, dimensions } = endpoint ?? {};
  const all = Object.entries({ ...options, api, model, dimensions }).filter(([, value]) => value !== undefined);
  const written = all.length === 0 ? undefined : Object.fromEntries(all);
  await configuration.update('encoder', encoder, vscode.ConfigurationTarget.Global);
  await configuration.update('encoderOptions', written, vscode.ConfigurationTarget.Global);
}

/** Calls back when one of the settings (names without the leading "isoscope.") changes. */
export function onSettingsChange(names: readonly string[], react: () => void): vscode.Disposable {
  return vscode.workspace.onDidChangeConfiguration((event) => {
    if (names.some((name) => event.affectsConfiguration(`${section}.${name}`))) react();
  });
}

function readText(configuration: vscode.WorkspaceConfiguration, name: string): string {
  const value = configuration.get<unknown>(name);
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : (defaultOf(configuration, name) as string);
}

function readObject(configuration: vscode.WorkspaceConfiguration, name: string): object {
  const value = configuration.get<unknown>(name);
  return typeof value === 'object' && value !== null ? value : (defaultOf(configuration, name) as object);
}

function isSetByWorkspace(configuration: vscode.WorkspaceConfiguration, name: string): boolean {
  const { workspaceValue, workspaceFolderValue } = configuration.inspect(name) ?? {};
  return workspaceValue !== undefined || workspaceFolderValue !== undefined;
}

function readBoolean(configuration: vscode.WorkspaceConfiguration, name: string): boolean {
  const value = configuration.get<unknown>(name);
  return typeof value === 'boolean' ? value : (defaultOf(configuration, name) as boolean);
}

function readInteger(configuration: vscode.WorkspaceConfiguration, name: string, low: number, high: number): number {
  const value = configuration.get<unknown>(name);
  if (typeof value !== 'number' || !Number.isFinite(value)) return defaultOf(configuration, name) as number;
  return Math.min(Math.max(Math.round(value), low), high);
}

function defaultOf(configuration: vscode.WorkspaceConfiguration, name: string): unknown {
  const value = configuration.inspect(name)?.defaultValue;
  if (value === undefined) throw new Error(`package.json has no default for ${section}.${name}`);
  return value;
}
