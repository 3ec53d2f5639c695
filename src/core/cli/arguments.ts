import { IsoscopeError } from '../protocol/errors';
import {
  type CorpusArguments,
  ENCODER_OPTIONS,
  type OutputArguments,
  readCorpus,
  readFitOn,
  readOut,
  readOutputs,
  readSeed,
  readShared,
  readText,
  readThreads,
  readTransform,
  readVectors,
  type SharedArguments,
  type TextArguments,
  type TransformArgument,
  type VectorArguments,
} from './argumentReaders';
import { type CompareArguments, parseCompare } from './compareArguments';
import {
  ANALYSIS_EXPORT_OPTIONS,
  type AnalysisExports,
  type ExportArguments,
  parseExport,
  readAnalysisExports,
} from './exportArguments';
import { helpText, LATER_COMMANDS } from './help';
import { listWords, type OptionTable, parseOptions } from './options';
import { type ProjectionArgument, readProjection } from './umapPlanes';

/** What the user asked for, checked as far as that is possible without opening a file. */
export type CommandArguments =
  | { readonly command: 'help'; readonly text: string }
  | { readonly command: 'version' }
  | AnalyzeArguments
  | EncodeArguments
  | FitArguments
  | ApplyArguments
  | ExportArguments
  | CompareArguments;

export interface AnalyzeArguments extends SharedArguments {
  readonly command: 'analyze';
  readonly corpus: CorpusArguments;
  readonly transform: TransformArgument;
  /** "self", or a file of texts or vectors */
  readonly fitOn: string;
  readonly seed: number;
  readonly outputs: OutputArguments;
  readonly exports: AnalysisExports;
  readonly projection: ProjectionArgument;
}

export interface EncodeArguments extends SharedArguments {
  readonly command: 'encode';
  readonly text: TextArguments;
  /** .npy file (.npz for all layers), or `-` */
  readonly out: string;
}

const SHARED_OPTIONS = {
  normalize: 'value',
  seed: 'value',
  threads: 'value',
  'text-column': 'value',
  quiet: 'flag',
  debug: 'flag',
  help: 'flag',
} as const satisfies OptionTable;

/** Fits a transform on a corpus. */
export interface FitArguments extends SharedArguments {
  readonly command: 'fit';
  readonly corpus: CorpusArguments;
  /** canonical specification */
  readonly spec: string;
  readonly fitOn: string;
  readonly seed: number;
  /** .json file, or `-` */
  readonly out: string;
}

/** Puts a fitted transform on vectors. */
export interface ApplyArguments {
  readonly command: 'apply';
  /** T.json */
  readonly transformFile: string;
  readonly vectors: VectorArguments;
  /** .npy file, or `-` */
  readonly out: string;
  readonly threads: number | undefined;
  readonly quiet: boolean;
  readonly debug: boolean;
}

const ANALYZE_OPTIONS = {
  ...ENCODER_OPTIONS,
  ...SHARED_OPTIONS,
  transform: 'value',
  'fit-on': 'value',
  vectors: 'value',
  array: 'value',
  json: 'value',
  html: 'value',
  markdown: 'value',
  projection: 'value',
  ...ANALYSIS_EXPORT_OPTIONS,
} as const satisfies OptionTable;

const ENCODE_OPTIONS = { ...ENCODER_OPTIONS, ...SHARED_OPTIONS, out: 'value' } as const satisfies OptionTable;

const FIT_OPTIONS = {
  ...ENCODER_OPTIONS,
  ...SHARED_OPTIONS,
  transform: 'value',
  'fit-on': 'value',
  vectors: 'value',
  array: 'value',
  out: 'value',
} as const satisfies OptionTable;

const APPLY_OPTIONS = {
  vectors: 'value',
  array: 'value',
  out: 'value',
  seed: 'value',
  threads: 'value',
  quiet: 'flag',
  debug: 'flag',
  help: 'flag',
} as const satisfies OptionTable;

/**
 * Reads the command line (without node and script).
 * @throws IsoscopeError `usage`: one sentence that names the option and what is allowed
 */
export function parseArguments(argv: readonly string[]): CommandArguments {
  const command = argv.at(0);
  const rest = argv.slice(1);
  switch (command) {
    case undefined:
      throw new IsoscopeError('usage', 'A command is needed, such as isoscope analyze notes.txt; see isoscope --help.');
    case '--help':
    case '-h':
    case 'help':
      return { command: 'help', text: helpText(rest.at(0)) };
    case '--version':
    case '-V':
      return { command: 'version' };
    case 'analyze':
    case 'encode':
    case 'fit':
    case 'apply':
    case 'export':
    case 'compare':
      if (rest.includes('--help') || rest.includes('-h')) return { command: 'help', text: helpText(command) };
      return PARSERS[command](rest);
    default:
      throw unknownCommand(command);
  }
}

const PARSERS = {
  analyze: parseAnalyze,
  encode: parseEncode,
  fit: parseFit,
  apply: parseApply,
  export: parseExport,
  compare: parseCompare,
};

function parseAnalyze(argv: readonly string[]): AnalyzeArguments {
  const options = parseOptions(argv, ANALYZE_OPTIONS, 'analyze');
  const corpus = readCorpus(options, 'analyze');
  const transform = readTransform(options.value('transform') ?? 'none');
  const fitOn = readFitOn(options, corpus);
  if ('file' in transform && fitOn !== 'self') {
    throw new IsoscopeError('usage', `--fit-on has nothing to fit: ${transform.file} is fitted already.`);
  }
  const shared = readShared(options);
  const outputs = readOutputs(options);
  if (shared.encoder.layer === 'all' && (outputs.html ?? outputs.markdown) !== undefined) {
    throw new IsoscopeError(
      'usage',
      '--layer all is shown as a table in the terminal or written with --json; a page or Markdown report is of one layer.',
    );
  }
  return {
    command: 'analyze',
    corpus,
    ...shared,
    transform,
    fitOn,
    seed: readSeed(options),
    outputs,
    exports: readAnalysisExports(options, shared.encoder.layer === 'all'),
    projection: readProjection(options),
  };
}

function parseEncode(argv: readonly string[]): EncodeArguments {
  const options = parseOptions(argv, ENCODE_OPTIONS, 'encode');
  const text = readText(options, 'encode');
  if (text === undefined) {
    throw new IsoscopeError('usage', 'isoscope encode needs a text file, or - for standard input.');
  }
  // Nothing is random here; the option is common to all commands and checked all the same.
  readSeed(options);
  const shared = readShared(options);
  const format = shared.encoder.layer === 'all' ? '.npz' : '.npy';
  return { command: 'encode', text, out: readOut(options, 'encode', format), ...shared };
}

function parseFit(argv: readonly string[]): FitArguments {
  const options = parseOptions(argv, FIT_OPTIONS, 'fit');
  const corpus = readCorpus(options, 'fit');
  const given = options.value('transform');
  if (given === undefined) {
    throw new IsoscopeError('usage', 'isoscope fit needs --transform SPEC, such as --transform pca:k=128.');
  }
  const transform = readTransform(given);
  if ('file' in transform) throw new IsoscopeError('usage', `--transform ${transform.file} is fitted already.`);
  const shared = readShared(options);
  if (shared.encoder.layer === 'all') {
    throw new IsoscopeError('usage', 'A transform is fitted on one layer: name it, such as --layer last.');
  }
  return {
    command: 'fit',
    corpus,
    spec: transform.spec,
    fitOn: readFitOn(options, corpus),
    seed: readSeed(options),
    out: readOut(options, 'fit', '.json'),
    ...shared,
  };
}

function parseApply(argv: readonly string[]): ApplyArguments {
  const options = parseOptions(argv, APPLY_OPTIONS, 'apply');
  const transformFile = options.positionals.at(0);
  const surplus = options.positionals.at(1);
  const vectors = readVectors(options);
  if (transformFile === undefined || transformFile === '') {
    throw new IsoscopeError('usage', 'isoscope apply needs a fitted transform, T.json.');
  }
  if (surplus !== undefined) {
    throw new IsoscopeError('usage', `isoscope apply takes one T.json; "${surplus}" is one too many.`);
  }
  if (vectors === undefined) throw new IsoscopeError('usage', 'isoscope apply needs --vectors FILE.npy.');
  if (vectors.path === '-' && transformFile === '-') {
    throw new IsoscopeError('usage', 'Standard input cannot be both the transform and the vectors.');
  }
  readSeed(options);
  return {
    command: 'apply',
    transformFile,
    vectors,
    out: readOut(options, 'apply', '.npy'),
    threads: readThreads(options),
    quiet: options.has('quiet'),
    debug: options.has('debug'),
  };
}

function unknownCommand(command: string): IsoscopeError {
  if (LATER_COMMANDS.includes(command)) {
    return new IsoscopeError('usage', `isoscope ${command} is not in this version.`);
  }
  const what = command.startsWith('-')
    ? `A command comes first, before ${command}`
    : `There is no command "${command}"`;
  return new IsoscopeError('usage', `${what}: use ${listWords(Object.keys(PARSERS))}; see isoscope --help.`);
}
