import type { HubAccess } from '../../core/encoder/hub/hubRequest';
import type { StoredEncoder } from '../../core/encoder/hub/encoderStore';
import type { EncoderChoice } from '../../core/protocol/engineProtocol';
import { assertNever } from '../../core/protocol/errors';
import { downloadStep, type DownloadWish } from './downloadSteps';
import { changeKeyStep, endpointStep, type EndpointServices } from './endpointSteps';
import { firstItems, isCurrent, type FirstAnswer, type FirstState } from './firstStep';
import { folderStep, variantStep } from './folderSteps';
import { readingStep, type ReadingServices } from './readingSteps';
import { done, next, pass, withAnswer, type Move, type Step } from './steps';
import { readyVectorsStep, wordVectorsStep } from './vectorSteps';

/** What the user wants in the end. */
export type Chosen =
  | { readonly kind: 'choice'; readonly choice: EncoderChoice }
  | { readonly kind: 'default' }
  | { readonly kind: 'import'; readonly folder: string }
  | { readonly kind: 'download'; readonly wish: DownloadWish };

export interface ChoosingServices extends ReadingServices, EndpointServices {
  readonly access: () => HubAccess;
  /** read each time the list is shown: its buttons change it */
  readonly state: () => Promise<FirstState>;
  readonly forget: (choice: EncoderChoice) => Promise<void>;
  /** asks first */
  readonly remove: (stored: StoredEncoder) => Promise<void>;
}

/** "Choose Encoder", from its first list on. */
export function chooseStep(title: string, services: ChoosingServices): Step<Chosen> {
  const { ui, l10n, state } = services;
  const self: Step<Chosen> = async (place) => {
    const now = await state();
    const answer = await ui.pick<FirstAnswer>({
      title,
      place,
      placeholder: l10n.t('What turns the sentences into vectors'),
      items: firstItems(now, l10n),
      isActive: (value) => isCurrent(value, now),
    });
    return withAnswer(answer, (value) => follow(value, title, services, self));
  };
  return self;
}

async function follow(
  answer: FirstAnswer,
  title: string,
  services: ChoosingServices,
  self: Step<Chosen>,
): Promise<Move<Chosen>> {
  switch (answer.kind) {
    case 'default':
      return done<Chosen>({ kind: 'default' });
    case 'use':
      return done<Chosen>({ kind: 'choice', choice: answer.choice });
    case 'reading':
      return next(choosing(readingStep(answer.choice, title, services)));
    case 'key':
      return next(choosing(changeKeyStep(answer.choice, title, services)));
    case 'forget':
      await services.forget(answer.choice);
      return pass(self);
    case 'delete':
      await services.remove(answer.stored);
      return pass(self);
    case 'stored':
      return next(choosing(variantStep(answer.stored.folder, title, services)));
    case 'folder':
      return next(choosing(folderStep(title, services)));
    case 'word-vectors':
      return next(choosing(wordVectorsStep(title, services)));
    case 'ready-vectors':
      return next(choosing(readyVectorsStep(title, services)));
    case 'endpoint':
      return next(choosing(endpointStep(title, services)));
    case 'import':
      return next(importStep(services));
    case 'download':
      return next(mapped(downloadStep(title, { ...services, access: services.access() }), downloading));
    default:
      return assertNever(answer);
  }
}

function importStep({ ui, l10n }: ChoosingServices): Step<Chosen> {
  return async () => {
    const answer = await ui.file({
      title: l10n.t('Import Encoder Folder'),
      kind: 'folder',
      accept: l10n.t('Import This Model Folder'),
    });
    return withAnswer(answer, (folder) => done<Chosen>({ kind: 'import', folder }));
  };
}

const downloading = (wish: DownloadWish): Chosen => ({ kind: 'download', wish });
const choosing = (step: Step<EncoderChoice>): Step<Chosen> => mapped(step, (choice) => ({ kind: 'choice', choice }));

/** A way through steps, with another result at its end. */
function mapped<From, To>(step: Step<From>, map: (result: From) => To): Step<To> {
  return async (place) => {
    const move = await step(place);
    switch (move.kind) {
      case 'done':
        return done(map(move.result));
      case 'next':
        return { ...move, step: mapped(move.step, map) };
      default:
        return move;
    }
  };
}
