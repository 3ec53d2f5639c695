import path from 'node:path';
import type { EncoderChoice } from '../../core/protocol/engineProtocol';
import type { L10n } from '../l10n';
import { done, pass, withAnswer, type Step, type StepUi } from './steps';

interface VectorServices {
  readonly ui: StepUi;
  readonly l10n: L10n;
}

/** A file of word vectors: sentences become averages of them. */
export function wordVectorsStep(title: string, { ui, l10n }: VectorServices): Step<EncoderChoice> {
  return async () => {
    const answer = await ui.file({
      title,
      kind: 'file',
      accept: l10n.t('Use These Word Vectors'),
      filters: {
        [l10n.t('Word vectors (GloVe, word2vec, fastText)')]: ['txt', 'vec', 'bin', 'gz'],
        [l10n.t('All files')]: ['*'],
      },
    });
    return withAnswer(answer, (encoder) => done<EncoderChoice>({ encoder }));
  };
}

const single = ['.npy'];

/** A file of ready vectors, one for each line of the text that is not blank. */
export function readyVectorsStep(title: string, services: VectorServices): Step<EncoderChoice> {
  const { ui, l10n } = services;
  return async () => {
    const answer = await ui.file({
      title,
      kind: 'file',
      accept: l10n.t('Use These Vectors'),
      filters: {
        [l10n.t('Vectors, one per line of the text')]: ['npy', 'npz', 'safetensors', 'parquet', 'jsonl', 'csv', 'tsv'],
        [l10n.t('All files')]: ['*'],
      },
    });
    return withAnswer(answer, (file) =>
      // Only some kinds of files hold several.
      single.includes(path.extname(file).toLowerCase())
        ? done<EncoderChoice>({ encoder: file, vectors: {} })
        : pass(arrayStep(file, title, services)),
    );
  };
}

function arrayStep(file: string, title: string, { ui, l10n }: VectorServices): Step<EncoderChoice> {
  return async () => {
    const answer = await ui.text({
      title,
      place: { number: 2, canGoBack: true },
      placeholder: l10n.t('Name of the array or column; leave empty where there is only one'),
      prompt: l10n.t('Which vectors of {0}', path.basename(file)),
    });
    return withAnswer(answer, (name) => done<EncoderChoice>({ encoder: file, vectors: name === '' ? {} : { name } }));
  };
}
