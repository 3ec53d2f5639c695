import { megabytes } from '../../core/encoder/hub/encoderStore';
import { listHubModel, variantBytes, type HubListing } from '../../core/encoder/hub/hubListing';
import { parseHubModel, type HubModel } from '../../core/encoder/hub/hubModel';
import type { HubAccess } from '../../core/encoder/hub/hubRequest';
import type { EncoderVariant } from '../../core/encoder/hub/encoderFiles';
import { failureMessage } from '../../core/protocol/errors';
import type { L10n } from '../l10n';
import { done, next, withAnswer, type PickItem, type Step, type StepUi, type TextProblem } from './steps';

/** What is to be downloaded. */
export interface DownloadWish {
  readonly listing: HubListing;
  readonly variant: EncoderVariant;
}

interface DownloadServices {
  readonly ui: StepUi;
  readonly l10n: L10n;
  readonly access: HubAccess;
}

/** Which model of the hub, and which of its files. Nothing is asked of the network before a model is named. */
export function downloadStep(title: string, services: DownloadServices): Step<DownloadWish> {
  const { ui, l10n, access } = services;
  return async (place) => {
    const answer = await ui.text({
      title,
      place,
      remaining: 1,
      placeholder: 'org/name@revision',
      prompt: l10n.t('Name of the model on {0}, with a branch, tag or commit after "@" if you like', access.endpoint),
      check: (text) => checkModel(text),
    });
    return withAnswer(answer, (text) => next(fileStep(parseHubModel(text), title, services)));
  };
}

function checkModel(text: string): TextProblem | null {
  try {
    parseHubModel(text);
    return null;
  } catch (error) {
    return { message: failureMessage(error), isWarning: false };
  }
}

function fileStep(model: HubModel, title: string, { ui, l10n, access }: DownloadServices): Step<DownloadWish> {
  return async (place) => {
    const answer = await ui.pick<DownloadWish>({
      title: `${title}: ${model.id}`,
      place,
      placeholder: l10n.t('Which file to download'),
      items: async (signal) => downloadItems(await listHubModel(model, access, signal), l10n),
    });
    return withAnswer(answer, (wish) => done(wish));
  };
}

export function downloadItems(listing: HubListing, l10n: L10n): readonly PickItem<DownloadWish>[] {
  const { license, shared, files, commit, variants } = listing;
  const papers = shared.filter((file) => /^(readme|licen[cs]e|notice|copying)/i.test(file));
  const rest = shared.reduce((sum, file) => sum + (files.get(file)?.bytes ?? 0), 0);
  const terms = license === null ? l10n.t('no licence named') : l10n.t('licence {0}', license);
  return variants.map((variant) => ({
    label: variant.file,
    description: megabytes(variantBytes(listing, variant) + rest),
    detail: [terms, ...papers, l10n.t('commit {0}', commit.slice(0, 12))].join(' · '),
    value: { listing, variant },
  }));
}
