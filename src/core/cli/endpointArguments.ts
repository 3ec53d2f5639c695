import { apiOfPath, detectEndpointApi } from '../encoder/endpoint/serverFacts';
import { apiName } from '../encoder/endpoint/apiName';
import { isEndpointAddress, parseAddress } from '../encoder/endpoint/endpointAddress';
import { type EndpointApi, endpointApis, type EndpointChoice, type EncoderChoice } from '../protocol/engineProtocol';
import { IsoscopeError } from '../protocol/errors';
import type { CommandIo } from './commandIo';
import { type OptionTable, type ParsedOptions, readChoice, readWholeNumber } from './options';

export const ENDPOINT_OPTIONS = {
  endpoint: 'value',
  model: 'value',
  dimensions: 'value',
} as const satisfies OptionTable;

/** An endpoint as far as the options say; the API may still be to be found out, and the key comes last. */
export type EndpointArguments = Omit<EndpointChoice, 'api' | 'key'> & { readonly api: EndpointApi | null };

/** The only place that a key is read from: options are seen by everybody who lists processes. */
const KEY_VARIABLE = 'ISOSCOPE_API_KEY';
const LARGEST_DIMENSION = 65_536;

/**
 * What the options say of an endpoint; `undefined` where the encoder is none.
 * @throws IsoscopeError `usage` for options of endpoints without one, for options of models with one, and for an address that is none
 */
export function readEndpoint(options: ParsedOptions, encoder: string): EndpointArguments | undefined {
  if (!isEndpointAddress(encoder)) {
    const given = Object.keys(ENDPOINT_OPTIONS).find((name) => options.has(name));
    if (given === undefined) return undefined;
    throw new IsoscopeError('usage', `--${given} goes with the address of an endpoint: --encoder https://….`);
  }
  const other = ['layer', 'pooling', 'variant'].find((name) => options.has(name));
  if (other !== undefined) {
    throw new IsoscopeError(
      'usage',
      `--${other} is not for an endpoint: it gives one vector for a sentence, as its server is set up.`,
    );
  }
  const { pathname } = parseAddress(encoder);
  const api = options.value('endpoint');
  const model = options.value('model');
  const dimensions = options.value('dimensions');
  if (model === '') throw new IsoscopeError('usage', '--model is an empty name.');
  return {
    api: api === undefined ? apiOfPath(pathname.replace(/\/+$/, '')) : readChoice('endpoint', api, endpointApis),
    ...(model !== undefined && { model }),
    ...(dimensions !== undefined && {
      dimensions: readWholeNumber('dimensions', dimensions, 1, LARGEST_DIMENSION),
    }),
  };
}

/**
 * The encoder of a command, ready to be opened: with the key of the environment, and with the API of the endpoint, which is asked and told where no option says it.
 * @throws IsoscopeError `usage` when it is not to be found out; AbortError
 */
export async function settleEndpoint<
  Command extends { readonly encoder: EncoderChoice | null; readonly endpoint?: EndpointArguments | undefined },
>(command: Command, environment: NodeJS.ProcessEnv, { signal, say }: CommandIo): Promise<Command> {
  const { endpoint, encoder } = command;
  if (endpoint === undefined || encoder === null) return command;
  const key = environment[KEY_VARIABLE]?.trim() ?? '';
  let { api } = endpoint;
  if (api === null) {
    const found = await detectEndpointApi(encoder.encoder, key === '' ? undefined : key, signal);
    if (found === null) {
      throw new IsoscopeError(
        'usage',
        `How to speak with ${encoder.encoder} is not to be found out: say --endpoint openai, ollama or tei, and check that the server runs.`,
      );
    }
    api = found.api;
    say(`isoscope: ${encoder.encoder} is spoken to as ${apiName(api)} (--endpoint ${api}), because ${found.reason}.`);
  }
  const settled = { ...endpoint, api, ...(key !== '' && { key }) };
  return { ...command, encoder: { ...encoder, endpoint: settled } };
}
