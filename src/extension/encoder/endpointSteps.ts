import {
  endpointApis,
  type EncoderChoice,
  type EndpointApi,
  type EndpointChoice,
} from '../../core/protocol/engineProtocol';
import type { L10n } from '../l10n';
import { apiName } from './describeChoice';
import { done, next, withAnswer, type PickItem, type Step, type StepUi, type TextProblem } from './steps';

export interface EndpointServices {
  readonly ui: StepUi;
  readonly l10n: L10n;
  readonly keys: { has(address: string): Promise<boolean>; set(address: string, key: string): Promise<void> };
}

/** Where these servers listen unless told otherwise. */
const usualAddress: Readonly<Record<EndpointApi, string>> = {
  openai: '',
  ollama: 'http://localhost:11434',
  tei: 'http://localhost:8080',
};

/** A server that makes vectors: how it is spoken with, where it is, which model, which key. */
export function endpointStep(title: string, services: EndpointServices): Step<EncoderChoice> {
  const { ui, l10n } = services;
  return async (place) => {
    const answer = await ui.pick({
      title,
      place,
      remaining: 3,
      placeholder: l10n.t('How the server is spoken with'),
      items: apiItems(l10n),
    });
    return withAnswer(answer, (api) => next(addressStep(api, title, services)));
  };
}

function apiItems(l10n: L10n): readonly PickItem<EndpointApi>[] {
  const details: Readonly<Record<EndpointApi, string>> = {
    openai: l10n.t('POST …/v1/embeddings: OpenAI, vLLM, LM Studio, llama.cpp and many others'),
    ollama: l10n.t('POST /api/embed'),
    tei: l10n.t('POST /embed'),
  };
  return endpointApis.map((api) => ({ label: apiName(api, l10n), detail: details[api], value: api }));
}

function addressStep(api: EndpointApi, title: string, services: EndpointServices): Step<EncoderChoice> {
  const { ui, l10n } = services;
  return async (place) => {
    const answer = await ui.text({
      title,
      place,
      remaining: 2,
      value: usualAddress[api],
      placeholder: api === 'openai' ? 'https://…/v1' : usualAddress[api],
      prompt: l10n.t('Address of the server. The lines of the text are sent to it when you analyse.'),
      check: (text) => checkAddress(text, l10n),
    });
    return withAnswer(answer, (address) =>
      next(api === 'tei' ? keyStep(address, { api }, title, services) : modelStep(address, api, title, services)),
    );
  };
}

/** Why a text is no address of an endpoint, or what to know about it. */
export function checkAddress(text: string, l10n: L10n): TextProblem | null {
  const url = URL.canParse(text.trim()) ? new URL(text.trim()) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.hostname === '') {
    return { message: l10n.t('Write an address that begins with http:// or https://.'), isWarning: false };
  }
  if (url.username !== '' || url.password !== '') {
    return {
      message: l10n.t('Leave the key out of the address: it is asked for later and kept safe.'),
      isWarning: false,
    };
  }
  const isHere = /^(localhost|127(\.\d+){3}|\[::1\]|.*\.localhost)$/.test(url.hostname);
  return url.protocol === 'https:' || isHere
    ? null
    : { message: l10n.t('Not encrypted: text and key can be read on their way to this server.'), isWarning: true };
}

function modelStep(address: string, api: EndpointApi, title: string, services: EndpointServices): Step<EncoderChoice> {
  const { ui, l10n } = services;
  return async (place) => {
    const answer = await ui.text({
      title,
      place,
      remaining: 1,
      placeholder: api === 'ollama' ? 'nomic-embed-text' : 'text-embedding-3-small',
      prompt: l10n.t('Name of the model, as the server calls it'),
      check: (text) => (text.trim() === '' ? { message: l10n.t('A model is needed.'), isWarning: false } : null),
    });
    return withAnswer(answer, (model) => next(keyStep(address, { api, model }, title, services)));
  };
}

function keyStep(
  address: string,
  endpoint: EndpointChoice,
  title: string,
  { ui, l10n, keys }: EndpointServices,
): Step<EncoderChoice> {
  return async (place) => {
    const isKept = await keys.has(address);
    const answer = await ui.text(keyQuestion(address, isKept, { title, place, l10n }));
    return withAnswer(answer, async (key) => {
      if (key !== '') await keys.set(address, key);
      return done<EncoderChoice>({ encoder: address, endpoint });
    });
  };
}

/** Asks for the key of an address that is used already; an empty answer forgets it. */
export function changeKeyStep(choice: EncoderChoice, title: string, services: EndpointServices): Step<EncoderChoice> {
  const { ui, l10n, keys } = services;
  return async (place) => {
    const { encoder } = choice;
    const question = keyQuestion(encoder, false, { title, place, l10n });
    const answer = await ui.text({ ...question, placeholder: l10n.t('New key; leave empty to forget the old one') });
    return withAnswer(answer, async (key) => {
      await keys.set(encoder, key);
      return done(choice);
    });
  };
}

function keyQuestion(
  address: string,
  isKept: boolean,
  { title, place, l10n }: { readonly title: string; readonly place: Parameters<Step<never>>[0]; readonly l10n: L10n },
) {
  return {
    title,
    place,
    isSecret: true,
    placeholder: isKept
      ? l10n.t('Key; leave empty to use the one that is kept')
      : l10n.t('Key; leave empty where none is needed'),
    prompt: l10n.t(
      "Kept in this system's key store, sent to {0} only, never written into settings or logs.",
      URL.canParse(address) ? new URL(address).host : address,
    ),
  };
}
