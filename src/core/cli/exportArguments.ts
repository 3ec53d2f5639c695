import path from 'node:path';
import { type TransformFormat, transformFormats } from '../export/transform/exportTransform';
import type { EncoderChoice } from '../protocol/engineProtocol';
import { IsoscopeError } from '../protocol/errors';
import { vectorFormatOf } from '../export/vectors/exportVectors';
import { readShared, readVectors, type VectorArguments } from './argumentReaders';
import { type OptionTable, type ParsedOptions, parseOptions, readChoice } from './options';

/** Takes a fitted transform to where it is used. */
export interface ExportArguments {
  readonly command: 'export';
  /** T.json */
  readonly transformFile: string;
  readonly format: TransformFormat;
  /** a file; a folder for sentence-transformers */
  readonly out: string;
  /** that the transform is joined to; `null` = the transform alone */
  readonly encoder: EncoderChoice | null;
  readonly modulesOnly: boolean;
  /** rows to try the export on */
  readonly vectors: VectorArguments | undefined;
  readonly threads: number | undefined;
  readonly quiet: boolean;
  readonly debug: boolean;
}

/** What says how text is encoded. */
const TEXT_OPTIONS = {
  encoder: 'value',
  variant: 'value',
  layer: 'value',
  pooling: 'value',
  prefix: 'value',
  normalize: 'value',
} as const satisfies OptionTable;

const EXPORT_OPTIONS = {
  ...TEXT_OPTIONS,
  to: 'value',
  out: 'value',
  merge: 'flag',
  'modules-only': 'flag',
  vectors: 'value',
  array: 'value',
  seed: 'value',
  threads: 'value',
  quiet: 'flag',
  debug: 'flag',
  help: 'flag',
} as const satisfies OptionTable;

/** How a file of each format is named; a folder has no ending. */
const ENDINGS: Readonly<Record<TransformFormat, string | null>> = {
  npz: '.npz',
  numpy: '.py',
  onnx: '.onnx',
  'sentence-transformers': null,
  json: '.json',
  typescript: '.ts',
};

/** @throws IsoscopeError `usage` */
export function parseExport(argv: readonly string[]): ExportArguments {
  const options = parseOptions(argv, EXPORT_OPTIONS, 'export');
  const [transformFile, surplus] = options.positionals as readonly (string | undefined)[];
  if (transformFile === undefined || transformFile === '') {
    throw new IsoscopeError('usage', 'isoscope export needs a fitted transform, T.json, as isoscope fit writes it.');
  }
  if (surplus !== undefined) {
    throw new IsoscopeError('usage', `isoscope export takes one T.json; "${surplus}" is one too many.`);
  }
  const format = readFormat(options);
  const out = readPlace(options, format);
  const isJoined = format === 'sentence-transformers' || options.has('merge');
  requireMeaning(options, format, isJoined);
  const vectors = readVectors(options);
  if (vectors?.path === '-' && transformFile === '-') {
    throw new IsoscopeError('usage', 'Standard input cannot be both the transform and the vectors.');
  }
  const { encoder, threads, quiet, debug } = readShared(options);
  return {
    command: 'export',
    transformFile,
    format,
    out,
    encoder: isJoined ? encoder : null,
    modulesOnly: options.has('modules-only'),
    vectors,
    threads,
    quiet,
    debug,
  };
}

function readFormat(options: ParsedOptions): TransformFormat {
  const value = options.value('to');
  if (value === undefined) {
    throw new IsoscopeError('usage', `isoscope export needs --to FORMAT: ${transformFormats.join(', ')}.`);
  }
  return readChoice('to', value, transformFormats);
}

function readPlace(options: ParsedOptions, format: TransformFormat): string {
  const ending = ENDINGS[format];
  const out = options.value('out');
  if (out === undefined || out === '') {
    throw new IsoscopeError('usage', `isoscope export needs --out ${ending === null ? 'FOLDER' : `FILE${ending}`}.`);
  }
  if (out === '-')
    throw new IsoscopeError('usage', '--out of isoscope export is a file or folder, not standard output.');
  if (ending !== null && path.extname(out).toLowerCase() !== ending) {
    throw new IsoscopeError('usage', `--out of --to ${format} is a ${ending} file, not "${out}".`);
  }
  return out;
}

/** An option that would do nothing is told, not passed over. */
function requireMeaning(options: ParsedOptions, format: TransformFormat, isJoined: boolean): void {
  const refuse = (message: string): never => {
    throw new IsoscopeError('usage', message);
  };
  if (options.has('merge') && format !== 'onnx')
    refuse('--merge joins an encoder and its transform to one graph: it goes with --to onnx.');
  if (options.has('modules-only') && format !== 'sentence-transformers')
    refuse('--modules-only goes with --to sentence-transformers.');
  if (isJoined && options.has('vectors'))
    refuse('--vectors are tried on a transform alone; with an encoder sentences are.');
  if (isJoined) return;
  for (const name of Object.keys(TEXT_OPTIONS)) {
    if (options.has(name)) {
      refuse(
        `--${name} says how text is encoded, and here the transform goes alone: add --to onnx --merge, or --to sentence-transformers.`,
      );
    }
  }
}

/** Files of `isoscope analyze` beside its reports. */
export interface AnalysisExports {
  /** vectors after the transform: .npy, .parquet, .atlas.parquet, .tsv */
  readonly vectors: string | undefined;
  /** .csv */
  readonly plane: string | undefined;
}

export const ANALYSIS_EXPORT_OPTIONS = { 'vectors-out': 'value', 'plane-out': 'value' } as const satisfies OptionTable;

/** @throws IsoscopeError `usage` */
export function readAnalysisExports(options: ParsedOptions, isEveryLayer: boolean): AnalysisExports {
  const [vectors, plane] = ['vectors-out', 'plane-out'].map((name) => {
    const file = options.value(name);
    if (file === '' || file === '-') throw new IsoscopeError('usage', `--${name} is the name of a file.`);
    if (file !== undefined && isEveryLayer) {
      throw new IsoscopeError('usage', `--${name} is of one layer: name it in place of --layer all.`);
    }
    return file;
  });
  if (vectors !== undefined) vectorFormatOf(vectors);
  if (plane !== undefined && path.extname(plane).toLowerCase() !== '.csv') {
    throw new IsoscopeError('usage', `--plane-out is a .csv file, not "${plane}".`);
  }
  return { vectors, plane };
}
