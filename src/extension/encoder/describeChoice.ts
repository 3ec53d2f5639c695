import path from 'node:path';
import type { EncoderChoice, EndpointApi } from '../../core/protocol/engineProtocol';
import { assertNever } from '../../core/protocol/errors';
import type { L10n } from '../l10n';
import { isAddress } from './storedChoice';

/** The encoder that ships with Isoscope, as its readers know it. */
export const EMBEDDED_NAME = 'all-MiniLM-L6-v2';

export interface ChoiceText {
  /** short: a file's or model's name */
  readonly label: string;
  /** what it is and how it is read: "384 dimensions · layer 3 · cls" */
  readonly description: string;
  /** where it is; empty for the embedded one */
  readonly detail: string;
}

/**
 * A choice as a user reads it.
 * @param dimension `null` where it is not known
 * @param home folder that paths are shortened by
 */
export function describeChoice(choice: EncoderChoice, dimension: number | null, home: string, l10n: L10n): ChoiceText {
  const parts = [
    kindOf(choice, l10n),
    dimension === null ? '' : l10n.t('{0} dimensions', dimension),
    describeReading(choice, l10n),
  ];
  return {
    label: labelOf(choice),
    description: parts.filter((part) => part !== '').join(' · '),
    detail: choice.encoder === 'embedded' ? '' : shorten(choice.encoder, home),
  };
}

/** "layer 3 · cls · prefix "query: ""; empty where the folder's own way is taken */
export function describeReading({ layer, pooling, prefix, normalize }: EncoderChoice, l10n: L10n): string {
  return [
    layer === undefined || layer === 'last' ? '' : l10n.t('layer {0}', layer),
    pooling ?? '',
    prefix === undefined ? '' : l10n.t('prefix "{0}"', prefix),
    normalize === 'yes' ? l10n.t('unit length') : normalize === 'no' ? l10n.t('length as it is') : '',
  ]
    .filter((part) => part !== '')
    .join(' · ');
}

export function apiName(api: EndpointApi, l10n: L10n): string {
  switch (api) {
    case 'openai':
      return l10n.t('OpenAI-compatible');
    case 'ollama':
      return 'Ollama';
    case 'tei':
      return 'text-embeddings-inference';
    default:
      return assertNever(api);
  }
}

function labelOf({ encoder, variant, endpoint }: EncoderChoice): string {
  if (encoder === 'embedded') return EMBEDDED_NAME;
  if (isAddress(encoder)) return endpoint?.model ?? (URL.canParse(encoder) ? new URL(encoder).host : encoder);
  const name = path.basename(encoder);
  return variant === undefined || /^(onnx\/)?model\.onnx$/.test(variant) ? name : `${name} (${variant})`;
}

function kindOf({ encoder, endpoint, vectors }: EncoderChoice, l10n: L10n): string {
  if (encoder === 'embedded') return l10n.t('embedded');
  if (vectors !== undefined)
    return vectors.name === undefined ? l10n.t('ready vectors') : l10n.t('ready vectors "{0}"', vectors.name);
  return endpoint === undefined ? '' : apiName(endpoint.api, l10n);
}

function shorten(place: string, home: string): string {
  return home !== '' && place.startsWith(home + path.sep) ? `~${place.slice(home.length)}` : place;
}
