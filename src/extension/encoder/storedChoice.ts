import { endpointApis, type EncoderChoice, type EndpointApi } from '../../core/protocol/engineProtocol';

/**
 * A choice as it was written down, by us or by hand: what is not of the right kind counts as not there.
 * @returns `undefined` when it names no encoder
 */
export function readStoredChoice(value: unknown): EncoderChoice | undefined {
  const stored = objectOf(value);
  const encoder = textOf(stored['encoder']);
  if (encoder === undefined) return undefined;
  const { variant, layer, pooling, prefix, normalize } = readOptions(stored);
  const endpoint = readEndpoint(stored['endpoint']);
  const vectors = stored['vectors'] === undefined ? undefined : objectOf(stored['vectors']);
  const name = textOf(vectors?.['name']);
  return compact({
    encoder,
    variant,
    layer,
    pooling,
    prefix,
    normalize,
    endpoint,
    vectors: vectors === undefined ? undefined : compact({ name }),
  });
}

/** The settings of an encoder besides its name: `isoscope.encoderOptions`, and the same keys of a stored choice. */
export function readOptions(value: unknown): Omit<EncoderChoice, 'encoder' | 'endpoint' | 'vectors'> {
  const options = objectOf(value);
  const { layer } = options;
  const normalize = (['auto', 'yes', 'no'] as const).find((way) => way === options['normalize']);
  const isLayer = typeof layer === 'string' || (typeof layer === 'number' && Number.isInteger(layer));
  return compact({
    variant: textOf(options['variant']),
    layer: isLayer && layer !== '' ? layer : undefined,
    pooling: textOf(options['pooling']),
    // A prefix may be empty on purpose: no prompt, whatever the folder says.
    prefix: typeof options['prefix'] === 'string' ? options['prefix'] : undefined,
    normalize,
  });
}

/** @returns `undefined` when no way of speaking with an endpoint is named. A key is never read: it has a place of its own */
export function readEndpoint(value: unknown): EncoderChoice['endpoint'] {
  const { api, model, dimensions } = objectOf(value);
  if (!isEndpointApi(api)) return undefined;
  const isCount = typeof dimensions === 'number' && Number.isInteger(dimensions) && dimensions > 0;
  return compact({ api, model: textOf(model), dimensions: isCount ? dimensions : undefined });
}

/** What may be written down: everything but the key. */
export function withoutKey(choice: EncoderChoice): EncoderChoice {
  return choice.endpoint === undefined ? choice : { ...choice, endpoint: omit(choice.endpoint, 'key') };
}

/** Equal for the same encoder, whichever of its layers and poolings is read. */
export function encoderKey({ encoder, variant, endpoint, vectors }: EncoderChoice): string {
  return JSON.stringify([encoder, variant, endpoint?.api, endpoint?.model, endpoint?.dimensions, vectors?.name]);
}

export function isAddress(encoder: string): boolean {
  return /^https?:\/\//i.test(encoder);
}

export function isEndpointApi(value: unknown): value is EndpointApi {
  return (endpointApis as readonly unknown[]).includes(value);
}

/** A copy without one of the keys. */
export function omit<Parts extends object, Key extends keyof Parts>(parts: Parts, key: Key): Omit<Parts, Key> {
  return Object.fromEntries(Object.entries(parts).filter(([name]) => name !== key)) as Omit<Parts, Key>;
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}

type Compact<Parts> = { [Key in keyof Parts as undefined extends Parts[Key] ? never : Key]: Parts[Key] } & {
  [Key in keyof Parts as undefined extends Parts[Key] ? Key : never]?: Exclude<Parts[Key], undefined>;
};

/** Without the keys that are not set. */
function compact<Parts extends object>(parts: Parts): Compact<Parts> {
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined)) as Compact<Parts>;
}
