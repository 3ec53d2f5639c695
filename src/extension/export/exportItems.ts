import type { EncoderChoice } from '../../core/protocol/engineProtocol';
import type { ExportOutcome, ExportTarget } from '../../core/protocol/exports';
import type { Snapshot } from '../../core/protocol/snapshot';
import type { L10n } from '../l10n';

/** Something that a user can take home. */
export interface ExportItem {
  readonly group: 'transform' | 'vectors' | 'report';
  readonly label: string;
  readonly detail: string;
  /** what the engine writes; `null` for a report, which the host writes itself */
  readonly target: ExportTarget | null;
  /** ending of the file, without a dot; `null` = a new folder */
  readonly ending: string | null;
  /** of the suggested file name, before the ending */
  readonly suffix: string;
}

/**
 * What can be taken out of an analysis as it is shown.
 * @param encoder that made its vectors; `null` where a graph cannot be written of it (ready vectors, endpoints, static vectors)
 */
export function exportItems(snapshot: Snapshot, encoder: EncoderChoice | null, l10n: L10n): readonly ExportItem[] {
  const { spec } = snapshot.transform;
  const transform = (
    label: string,
    detail: string,
    format: (ExportTarget & { readonly kind: 'transform' })['format'],
    ending: string,
  ): ExportItem => ({
    group: 'transform',
    label,
    detail,
    target: { kind: 'transform', format },
    ending,
    suffix: 'transform',
  });
  const transforms: readonly ExportItem[] =
    snapshot.transformed === null
      ? []
      : [
          transform(
            l10n.t('Transform for NumPy (.npz)'),
            l10n.t('Mean and matrix of {0}, without pickles', spec),
            'npz',
            'npz',
          ),
          transform(
            l10n.t('Transform as a NumPy script (.py)'),
            l10n.t('A function that applies it, with its numbers beside it'),
            'numpy',
            'py',
          ),
          transform(
            l10n.t('Transform as ONNX (.onnx)'),
            l10n.t('Vectors in, transformed vectors out; to put behind your encoder'),
            'onnx',
            'onnx',
          ),
          ...(encoder === null ? [] : encoderItems(encoder, l10n)),
          transform(
            l10n.t('Transform as TypeScript (.ts)'),
            l10n.t('A function with its numbers, without dependencies'),
            'typescript',
            'ts',
          ),
          transform(
            l10n.t('Transform for isoscope apply (.json)'),
            l10n.t('For the command line, and as --transform of another analysis'),
            'json',
            'json',
          ),
        ];
  return [...transforms, ...vectorItems(snapshot, l10n), ...reportItems(l10n)];
}

function encoderItems(encoder: EncoderChoice, l10n: L10n): readonly ExportItem[] {
  return [
    {
      group: 'transform',
      label: l10n.t('Encoder with transform as one ONNX file'),
      detail: l10n.t('Token ids in, transformed sentence vectors out: pooling and transform are inside'),
      target: { kind: 'encoder', format: 'onnx', encoder },
      ending: 'onnx',
      suffix: 'encoder',
    },
    {
      group: 'transform',
      label: l10n.t('sentence-transformers folder'),
      detail: l10n.t('The model folder with a Dense module behind the pooling'),
      target: { kind: 'encoder', format: 'sentence-transformers', encoder },
      ending: null,
      suffix: 'sentence-transformers',
    },
  ];
}

const vectorEndings = ['npy', 'parquet', 'atlas.parquet', 'tsv'] as const;

function vectorItems({ transformed }: Snapshot, l10n: L10n): readonly ExportItem[] {
  const details: Readonly<Record<(typeof vectorEndings)[number], string>> = {
    npy: l10n.t('NumPy, one row per sentence'),
    parquet: l10n.t('Row, line, text and embedding'),
    'atlas.parquet': l10n.t('For Embedding Atlas: text, coordinates, neighbours, embedding'),
    tsv: l10n.t('For the Embedding Projector, with the texts beside it'),
  };
  const spaces = transformed === null ? (['raw'] as const) : (['transformed', 'raw'] as const);
  const planes: ExportItem = {
    group: 'vectors',
    label: l10n.t('Plane (.csv)'),
    detail: l10n.t('Coordinates of the drawn points before and after, with their texts'),
    target: { kind: 'plane' },
    ending: 'csv',
    suffix: 'plane',
  };
  return [
    ...spaces.flatMap((space) =>
      vectorEndings.map((ending): ExportItem => ({
        group: 'vectors',
        label: space === 'raw' ? l10n.t('Raw vectors (.{0})', ending) : l10n.t('Transformed vectors (.{0})', ending),
        detail: details[ending],
        target: { kind: 'vectors', space },
        ending,
        suffix: space,
      })),
    ),
    planes,
  ];
}

function reportItems(l10n: L10n): readonly ExportItem[] {
  const report = (label: string, detail: string, ending: string): ExportItem => ({
    group: 'report',
    label,
    detail,
    target: null,
    ending,
    suffix: 'report',
  });
  return [
    report(l10n.t('Report (.html)'), l10n.t('The panel in one file that opens offline'), 'html'),
    report(l10n.t('Report (.md)'), l10n.t('Verdict and numbers as Markdown'), 'md'),
  ];
}

/** What to say when it is written: files, and what came out when it was run again. */
export function outcomeText({ check, notes }: ExportOutcome, name: string, l10n: L10n): string {
  const parts = [
    l10n.t('Written: {0}.', name),
    ...(check === null
      ? []
      : [
          l10n.t('Run again on {0} rows: largest difference {1}.', check.rows, differenceText(check.largestDifference)),
        ]),
    ...notes,
  ];
  return parts.join(' ');
}

function differenceText(difference: number): string {
  return difference === 0 ? '0' : difference.toExponential(1);
}
