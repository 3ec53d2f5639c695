import type { EncoderChoice, EndpointApi, EndpointChoice } from '../../protocol/engineProtocol';
import { IsoscopeError } from '../../protocol/errors';
import type { Note } from '../../protocol/snapshot';
import { apiName } from './apiName';
import { displayAddress, parseAddress } from './endpointAddress';
import { detectEndpointApi, listEndpointModels } from './serverFacts';

/** @throws IsoscopeError `usage` */
export function refuseOtherChoices({ layer, pooling, variant }: EncoderChoice): void {
  const given = [
    ['layer', layer === 'last' ? undefined : layer],
    ['pooling', pooling],
    ['variant', variant],
  ].find(([, value]) => value !== undefined);
  if (given === undefined) return;
  throw new IsoscopeError(
    'usage',
    `An endpoint has no choice of ${String(given[0])}: it gives one vector for a sentence, as its server is set up.`,
  );
}

/** The API that is named, else the one that the server shows. */
export async function chooseApi(
  { encoder, endpoint }: EncoderChoice,
  key: string | undefined,
  signal: AbortSignal | undefined,
): Promise<{ api: EndpointApi; notes: readonly Note[] }> {
  if (endpoint !== undefined) return { api: endpoint.api, notes: [] };
  const found = await detectEndpointApi(encoder, key, signal);
  if (found === null) {
    throw new IsoscopeError(
      'encoder',
      `How to speak with ${displayAddress(parseAddress(encoder))} is not to be found out: say openai, ollama or tei, and check that the server runs.`,
    );
  }
  return {
    api: found.api,
    notes: [
      { code: 'endpoint-api', message: `The endpoint is spoken to as ${apiName(found.api)}, because ${found.reason}.` },
    ],
  };
}

/** @throws IsoscopeError `usage` naming the models that the server offers, when one must be named */
export async function chooseModel(
  address: string,
  api: EndpointApi,
  endpoint: EndpointChoice | undefined,
  key: string | undefined,
  signal: AbortSignal | undefined,
): Promise<string | null> {
  const model = endpoint?.model?.trim() ?? '';
  if (model !== '') return model;
  if (api === 'tei') return null;
  const offered = await listEndpointModels(address, api, key, signal);
  const which = offered.length === 0 ? '' : `; it offers ${offered.slice(0, 20).join(', ')}`;
  throw new IsoscopeError(
    'usage',
    `${apiName(api)} needs the name of a model (on the command line: --model NAME)${which}.`,
  );
}

/** A text before each sentence, or the name of a prompt that the server has. */
export function readPrefix(
  prefix: string | undefined,
  api: EndpointApi,
): { text: string; promptName: string | undefined } {
  const name = /^name:(.+)$/.exec(prefix ?? '')?.[1];
  if (name === undefined) return { text: prefix ?? '', promptName: undefined };
  if (api === 'tei') return { text: '', promptName: name };
  throw new IsoscopeError('usage', `${apiName(api)} knows no prompts by name: give the text itself, not name:${name}.`);
}
