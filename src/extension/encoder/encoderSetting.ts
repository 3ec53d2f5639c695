import path from 'node:path';
import type { EncoderChoice, EndpointApi } from '../../core/protocol/engineProtocol';
import { IsoscopeError } from '../../core/protocol/errors';
import type { L10n } from '../l10n';
import { isAddress, isEndpointApi, omit, readEndpoint, readOptions } from './storedChoice';

/** The settings `isoscope.encoder` and `isoscope.encoderOptions` as they stand. */
export interface EncoderSetting {
  readonly encoder: string;
  readonly options: unknown;
  /** whether the folder or workspace sets it, not the user */
  readonly isFromWorkspace: boolean;
}

/** Where paths begin. */
export interface SettingPlace {
  /** folder of the workspace that the document belongs to */
  readonly folder: string | undefined;
  readonly home: string;
}

/**
 * The encoder that the settings name: "embedded", an absolute path, one relative to the workspace's folder, "~/…", or an http(s) address.
 * @throws IsoscopeError `usage` for a relative path without a folder
 */
export function encoderOfSetting({ encoder, options }: EncoderSetting, place: SettingPlace, l10n: L10n): EncoderChoice {
  if (encoder === 'embedded') return { ...omit(readOptions(options), 'variant'), encoder };
  if (isAddress(encoder)) return endpointOfSetting(encoder, options);
  return { ...readOptions(options), encoder: absolutePath(encoder, place, l10n) };
}

/** Layers and poolings are for the server to choose. Where neither API nor model is named, the engine asks the server how it is spoken with. */
function endpointOfSetting(encoder: string, options: unknown): EncoderChoice {
  const { prefix, normalize } = readOptions(options);
  const rest = { ...(prefix !== undefined && { prefix }), ...(normalize !== undefined && { normalize }) };
  const { api, model } = (options ?? {}) as { readonly api?: unknown; readonly model?: unknown };
  const isSilent = !isEndpointApi(api) && model === undefined && guessApi(encoder) === 'openai';
  const endpoint = isSilent
    ? undefined
    : readEndpoint({ ...(options as object | null), api: isEndpointApi(api) ? api : guessApi(encoder) });
  return { ...rest, encoder, ...(endpoint && { endpoint }) };
}

function absolutePath(text: string, { folder, home }: SettingPlace, l10n: L10n): string {
  const named = text
    .replace(/^~(?=[\\/]|$)/, () => home)
    .replaceAll('${userHome}', () => home)
    .replaceAll('${workspaceFolder}', () => folder ?? '${workspaceFolder}');
  if (path.isAbsolute(named)) return path.normalize(named);
  if (folder !== undefined) return path.join(folder, named);
  throw new IsoscopeError(
    'usage',
    l10n.t(
      'The setting isoscope.encoder names "{0}" relative to a folder and none is open: open the folder, or write an absolute path.',
      text,
    ),
  );
}

/** By the paths and the port that these servers have unless told otherwise. */
export function guessApi(address: string): EndpointApi {
  const { pathname, port } = URL.canParse(address) ? new URL(address) : { pathname: '', port: '' };
  if (port === '11434' || /\/api\/embed(dings)?\/?$/.test(pathname)) return 'ollama';
  return /\/embed\/?$/.test(pathname) ? 'tei' : 'openai';
}

/** What this window may be asked to open. */
export interface TrustState {
  readonly isTrusted: boolean;
  /** absolute paths of the workspace's folders */
  readonly folders: readonly string[];
}

/**
 * Holds a choice against the trust that the user gave. In a workspace that is not trusted no model from inside it is opened: a graph is read by native code. Ready vectors are plain
 * numbers, read by our own code, like the text itself; an endpoint is the user's own choice, since settings of such a workspace do not count (package.json, restrictedConfigurations).
 * @throws IsoscopeError `encoder`
 */
export function requireTrust(choice: EncoderChoice, { isTrusted, folders }: TrustState, l10n: L10n): EncoderChoice {
  const { encoder, vectors } = choice;
  if (isTrusted || vectors !== undefined || !path.isAbsolute(encoder)) return choice;
  const isInside = folders.some((folder) => {
    const relative = path.relative(folder, encoder);
    return relative === '' || (!relative.startsWith('..') && !path.isAbsolute(relative));
  });
  if (!isInside) return choice;
  throw new IsoscopeError(
    'encoder',
    l10n.t(
      '{0} lies in a workspace that is not trusted, and its models are not opened: trust the workspace, or choose another encoder.',
      encoder,
    ),
  );
}
