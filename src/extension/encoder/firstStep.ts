import path from 'node:path';
import { megabytes, type StoredEncoder } from '../../core/encoder/hub/encoderStore';
import type { EncoderChoice } from '../../core/protocol/engineProtocol';
import type { L10n } from '../l10n';
import { describeChoice, EMBEDDED_NAME } from './describeChoice';
import type { RecentEncoder } from './encoderChoices';
import type { PickItem } from './steps';
import { encoderKey, isAddress } from './storedChoice';

/** What a line of the first list stands for. */
export type FirstAnswer =
  | { readonly kind: 'use'; readonly choice: EncoderChoice }
  | { readonly kind: 'reading' | 'key' | 'forget'; readonly choice: EncoderChoice }
  | { readonly kind: 'stored' | 'delete'; readonly stored: StoredEncoder }
  | { readonly kind: 'default' | 'folder' | 'word-vectors' | 'ready-vectors' | 'endpoint' | 'import' | 'download' };

/** All that the first list shows. */
export interface FirstState {
  /** what the document is read with; `undefined` without a document, or where the settings cannot be used */
  readonly current: EncoderChoice | undefined;
  /** what the settings name; `undefined` where they cannot be used */
  readonly standard: EncoderChoice | undefined;
  /** whether the user chose another one for the document */
  readonly isChosen: boolean;
  /** whether what the settings name may be used without another word */
  readonly isConfirmed: boolean;
  readonly hasDocument: boolean;
  readonly recent: readonly RecentEncoder[];
  readonly stored: readonly StoredEncoder[];
  readonly home: string;
}

const MAX_RECENT = 6;

/** The first list: back to the settings, the embedded encoder, what was used, what was stored, and what can be had. */
export function firstItems(state: FirstState, l10n: L10n): readonly PickItem<FirstAnswer>[] {
  const { recent, stored, isChosen, isConfirmed, hasDocument } = state;
  // What lies in the store is listed once, there; the embedded encoder has its own line.
  const others = recent.filter(
    ({ choice }) => choice.encoder !== 'embedded' && !stored.some(({ folder }) => folder === choice.encoder),
  );
  return [
    ...(isChosen || !isConfirmed ? [standardItem(state, l10n)] : []),
    embeddedItem(state, l10n),
    ...heading(others, l10n.t('recently used')),
    ...others.slice(0, MAX_RECENT).map((entry) => recentItem(entry, state, l10n)),
    ...heading(stored, l10n.t('imported and downloaded')),
    ...stored.map((entry) => storedItem(entry, state, l10n)),
    { label: l10n.t('another encoder') },
    {
      label: l10n.t('Model Folder…'),
      description: l10n.t('with an ONNX file, as on the hub'),
      value: { kind: 'folder' },
    },
    {
      label: l10n.t('Word Vectors File…'),
      description: l10n.t('GloVe, word2vec, fastText: sentences are averages'),
      value: { kind: 'word-vectors' },
    },
    ...(hasDocument
      ? [
          {
            label: l10n.t('Ready Vectors…'),
            description: l10n.t('a file with one row for each line of this text'),
            value: { kind: 'ready-vectors' },
          } as const,
        ]
      : []),
    {
      label: l10n.t('Endpoint…'),
      description: l10n.t('a server that makes vectors: the text is sent to it'),
      value: { kind: 'endpoint' },
    },
    {
      label: l10n.t('Import a Model Folder…'),
      description: l10n.t('copies it, with its sha256, so that it stays'),
      value: { kind: 'import' },
    },
    { label: l10n.t('Download from a Hub…'), description: l10n.t('by its name'), value: { kind: 'download' } },
  ];
}

/** Whether a line is the encoder that the document is read with. */
export function isCurrent(answer: FirstAnswer, { current }: Pick<FirstState, 'current'>): boolean {
  if (current === undefined) return false;
  if (answer.kind === 'stored') return answer.stored.folder === current.encoder;
  return answer.kind === 'use' && encoderKey(answer.choice) === encoderKey(current);
}

function standardItem({ standard, isConfirmed, home }: FirstState, l10n: L10n): PickItem<FirstAnswer> {
  if (!isConfirmed && standard !== undefined) {
    return {
      label: l10n.t("Use the Endpoint of This Workspace's Settings"),
      description: l10n.t('the text is sent to it'),
      detail: standard.encoder,
      value: { kind: 'default' },
    };
  }
  return {
    label: l10n.t('Use the Default Again'),
    description:
      standard === undefined
        ? l10n.t('what the setting isoscope.encoder names')
        : l10n.t('{0} (setting isoscope.encoder)', describeChoice(standard, null, home, l10n).label),
    value: { kind: 'default' },
  };
}

function embeddedItem(state: FirstState, l10n: L10n): PickItem<FirstAnswer> {
  const choice: EncoderChoice = { encoder: 'embedded' };
  const value = { kind: 'use', choice } as const;
  return {
    label: EMBEDDED_NAME,
    description: withCurrent(l10n.t('embedded · 384 dimensions'), isCurrent(value, state), l10n),
    value,
    buttons: [readingButton(choice, l10n)],
  };
}

function recentItem({ choice, dimension }: RecentEncoder, state: FirstState, l10n: L10n): PickItem<FirstAnswer> {
  const { label, description, detail } = describeChoice(choice, dimension, state.home, l10n);
  const value = { kind: 'use', choice } as const;
  const hasReading = choice.vectors === undefined && !isAddress(choice.encoder);
  return {
    label,
    description: withCurrent(description, isCurrent(value, state), l10n),
    detail,
    value,
    buttons: [
      ...(hasReading ? [readingButton(choice, l10n)] : []),
      ...(isAddress(choice.encoder)
        ? [{ icon: 'key', tooltip: l10n.t('Change the Key'), value: { kind: 'key', choice } } as const]
        : []),
      { icon: 'close', tooltip: l10n.t('Remove from This List'), value: { kind: 'forget', choice } },
    ],
  };
}

function storedItem(stored: StoredEncoder, state: FirstState, l10n: L10n): PickItem<FirstAnswer> {
  const value = { kind: 'stored', stored } as const;
  const { label, description, detail } = describeStored(stored, l10n);
  return {
    label,
    description: withCurrent(description, isCurrent(value, state), l10n),
    detail,
    value,
    buttons: [{ icon: 'trash', tooltip: l10n.t('Delete from the Disk'), value: { kind: 'delete', stored } }],
  };
}

/** An encoder of the store as a list shows it. */
export function describeStored({ folder, origin, graphs, bytes }: StoredEncoder, l10n: L10n) {
  const sums = graphs.map(({ sha256 }) => `sha256 ${sha256.slice(0, 12)}…`).slice(0, 2);
  return {
    label: origin.kind === 'hub' ? origin.id : path.basename(folder),
    description: megabytes(bytes),
    detail: [
      origin.kind === 'hub'
        ? l10n.t('{0} at {1}', new URL(origin.endpoint).host, `${origin.revision} (${origin.commit.slice(0, 8)})`)
        : l10n.t('imported from {0}', origin.folder),
      ...sums,
    ].join(' · '),
  };
}

function readingButton(choice: EncoderChoice, l10n: L10n) {
  return { icon: 'settings', tooltip: l10n.t('Choose Layer and Pooling'), value: { kind: 'reading', choice } } as const;
}

function withCurrent(description: string, isNow: boolean, l10n: L10n): string {
  const parts = isNow ? [l10n.t('in use'), description] : [description];
  return parts.filter((part) => part !== '').join(' · ');
}

function heading(list: readonly unknown[], label: string): readonly PickItem<FirstAnswer>[] {
  return list.length === 0 ? [] : [{ label }];
}
