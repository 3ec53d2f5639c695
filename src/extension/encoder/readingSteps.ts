import type { EncoderChoice, EncoderOffer } from '../../core/protocol/engineProtocol';
import type { L10n } from '../l10n';
import { done, next, withAnswer, type PickItem, type Step, type StepUi } from './steps';
import { omit } from './storedChoice';

/** What an encoder says of itself when it is opened. */
export interface EncoderDescription {
  readonly dimension: number;
  readonly offer: EncoderOffer | null;
}

export interface ReadingServices {
  readonly ui: StepUi;
  readonly l10n: L10n;
  /** Opens an encoder in the engine. @throws IsoscopeError where it cannot be used */
  readonly inspect: (choice: EncoderChoice, signal: AbortSignal) => Promise<EncoderDescription>;
}

/** "as it is", or what to ask next. */
type Reading = 'own' | 'layer' | 'prefix';

/** Poolings that say themselves which layers they read. */
const ownLayers = ['first-last', 'last-2'];
/** What the engine takes where the model's files name none. */
const UNSAID_POOLING = 'mean';

/** How the vectors of an encoder are read: as its folder says, unless the user wants otherwise. The encoder is opened first, so that one that cannot be used is told here. */
export function readingStep(choice: EncoderChoice, title: string, services: ReadingServices): Step<EncoderChoice> {
  const { ui, l10n, inspect } = services;
  const plain = withoutReading(choice);
  let offer: EncoderOffer | null = null;
  return async (place) => {
    const answer = await ui.pick<Reading>({
      title,
      place,
      remaining: 2,
      placeholder: l10n.t('How to read its vectors'),
      items: async (signal) => {
        const description = await inspect(plain, signal);
        ({ offer } = description);
        return readingItems(description, l10n);
      },
    });
    return withAnswer(answer, (reading) => {
      switch (reading) {
        case 'own':
          return done(plain);
        case 'layer':
          return next(
            offer?.layerCount == null
              ? poolingStep(plain, offer, title, services)
              : layerStep(plain, offer, title, services),
          );
        case 'prefix':
          return next(prefixStep(plain, title, services));
      }
    });
  };
}

export function readingItems({ dimension, offer }: EncoderDescription, l10n: L10n): readonly PickItem<Reading>[] {
  const own = offer?.ownPooling ?? null;
  const isChoice = offer !== null && offer.poolings.length > 0;
  return [
    {
      label: l10n.t('As the Model Says'),
      description: [l10n.t('{0} dimensions', dimension), own === null ? '' : l10n.t('pooling {0}', own)]
        .filter((part) => part !== '')
        .join(' · '),
      value: 'own',
    },
    ...(isChoice ? [{ label: l10n.t('Choose Layer and Pooling…'), value: 'layer' } as const] : []),
    {
      label: l10n.t('Put a Text before Every Sentence…'),
      description: l10n.t('a prompt such as "query: "'),
      value: 'prefix',
    },
  ];
}

function layerStep(
  choice: EncoderChoice,
  offer: EncoderOffer,
  title: string,
  services: ReadingServices,
): Step<EncoderChoice> {
  const { ui, l10n } = services;
  return async (place) => {
    const items = layerItems(offer, l10n);
    const answer = await ui.pick({ title, place, remaining: 1, placeholder: l10n.t('Layer'), items });
    return withAnswer(answer, (layer) =>
      typeof layer === 'string' && ownLayers.includes(layer)
        ? done({ ...choice, pooling: layer })
        : next(poolingStep(layer === 'last' ? choice : { ...choice, layer }, offer, title, services)),
    );
  };
}

/** Last, L − 1 … 1, the embedding output, and the averages of two layers. */
export function layerItems({ layerCount, poolings }: EncoderOffer, l10n: L10n): readonly PickItem<string | number>[] {
  const count = layerCount ?? 0;
  const inner = Array.from({ length: Math.max(0, count - 1) }, (_, i) => count - 1 - i);
  const averages: readonly PickItem<string | number>[] = [
    { label: l10n.t('First and Last'), description: l10n.t('mean of layers 1 and {0}', count), value: 'first-last' },
    { label: l10n.t('Last Two'), description: l10n.t('mean of layers {0} and {1}', count - 1, count), value: 'last-2' },
  ];
  return [
    { label: l10n.t('Last Layer'), description: l10n.t('layer {0}', count), value: 'last' },
    ...averages.filter(({ value }) => poolings.includes(value as string)),
    ...(inner.length > 0 ? [{ label: l10n.t('inner layers') }] : []),
    ...inner.map((layer) => ({ label: l10n.t('Layer {0}', layer), value: layer })),
    {
      label: l10n.t('Layer {0}', 0),
      description: l10n.t('output of the embeddings, before the first block'),
      value: 0,
    },
  ];
}

function poolingStep(
  choice: EncoderChoice,
  offer: EncoderOffer | null,
  title: string,
  { ui, l10n }: ReadingServices,
): Step<EncoderChoice> {
  return async (place) => {
    const items = poolingItems(offer, choice.layer, l10n);
    const answer = await ui.pick({ title, place, placeholder: l10n.t('Pooling'), items });
    return withAnswer(answer, (pooling) =>
      done(isOwnReading(pooling, choice, offer) ? choice : { ...choice, pooling }),
    );
  };
}

/** The model's own first, and said to be so: another one is the field's most common silent error. */
export function poolingItems(
  offer: EncoderOffer | null,
  layer: string | number | undefined,
  l10n: L10n,
): readonly PickItem<string>[] {
  const own = offer?.ownPooling ?? null;
  const first = own ?? UNSAID_POOLING;
  const isInner = layer !== undefined;
  // The pooler belongs to the last layer; the averages have been on offer among the layers.
  const offered = (offer?.poolings ?? []).filter(
    (name) => !ownLayers.includes(name) && !(isInner && name === 'pooler'),
  );
  const why = own === null ? l10n.t('the usual one: the model names none') : l10n.t('what the model says');
  return [
    { label: first, description: why, value: first },
    ...offered.filter((name) => name !== first).map((name) => ({ label: name, value: name })),
  ];
}

/** The folder's own pooling at its own layer is not written down: then its further steps (Dense, unit length) belong to it. */
function isOwnReading(pooling: string, { layer }: EncoderChoice, offer: EncoderOffer | null): boolean {
  return layer === undefined && pooling === (offer?.ownPooling ?? UNSAID_POOLING);
}

function prefixStep(choice: EncoderChoice, title: string, { ui, l10n }: ReadingServices): Step<EncoderChoice> {
  return async (place) => {
    const answer = await ui.text({
      title,
      place,
      value: choice.prefix ?? '',
      placeholder: l10n.t('Text before every sentence, e.g. "query:"'),
      prompt: l10n.t(
        'Or "name:" and the name of one of the model\'s own prompts. A space is put after the text; leave empty for no prompt at all.',
      ),
    });
    return withAnswer(answer, (text) =>
      done({ ...choice, prefix: text === '' || text.startsWith('name:') ? text : `${text} ` }),
    );
  };
}

/** A choice of the encoder alone. */
export function withoutReading(choice: EncoderChoice): EncoderChoice {
  return omit(omit(omit(choice, 'layer'), 'pooling'), 'prefix');
}
