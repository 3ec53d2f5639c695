import path from 'node:path';
import type { EncoderChoice } from '../protocol/engineProtocol';
import { IsoscopeError } from '../protocol/errors';
import { formatTransformSpec, parseTransformSpec } from '../transform/spec';
import { helpText, LATER_COMMANDS } from './help';
import { listWords, type OptionTable, parseOptions, type ParsedOptions, readChoice, readWholeNumber } from './options';

/** What the user asked for, checked as far as that is possible without opening a file. */
export type CommandArguments =
  | { readonly command: 'help'; readonly text: string }
  | { readonly command: 'version' }
  | AnalyzeArguments
  | EncodeArguments;

interface SharedArguments {
  /** encoder file names are absolute */
  readonly encoder: EncoderChoice;
  /** default: physical cores */
  readonly threads: number | undefined;
  readonly quiet: boolean;
  readonly debug: boolean;
}

/** Where the rows come from: at least one of `text` and `vectors`. */
export interface CorpusArguments {
  readonly text: TextArguments | undefined;
  readonly vectors: VectorArguments | undefined;
}

export interface TextArguments {
  /** a path, or `-` */
  readonly path: string;
  /** a column's name or number (from 1) of a table; `undefined` = every line is a sentence */
  readonly column: string | undefined;
}

export interface VectorArguments {
  readonly path: string;
  readonly array: string | undefined;
}

export interface AnalyzeArguments extends SharedArguments {
  readonly command: 'analyze';
  readonly corpus: CorpusArguments;
  /** canonical specification */
  readonly transform: string;
  /** "self", or a file of texts or vectors */
  readonly fitOn: string;
  readonly seed: number;
  /** files to write; `-` = standard output; all `undefined` = a report for the terminal */
  readonly outputs: { readonly json?: string; readonly html?: string; readonly markdown?: string };
}

export interface EncodeArguments extends SharedArguments {
  readonly command: 'encode';
  readonly text: TextArguments;
  /** .npy file, or `-` */
  readonly out: string;
}

const POOLINGS = [
  'cls',
  'pooler',
  'mean',
  'max',
  'last-token',
  'weighted-mean',
  'mean-sqrt-len',
  'first-last',
  'last-2',
] as const;

const ENCODER_OPTIONS = {
  encoder: 'value',
  variant: 'value',
  layer: 'value',
  pooling: 'value',
  prefix: 'value',
} as const satisfies OptionTable;

const SHARED_OPTIONS = {
  normalize: 'value',
  seed: 'value',
  threads: 'value',
  'text-column': 'value',
  quiet: 'flag',
  debug: 'flag',
  help: 'flag',
} as const satisfies OptionTable;

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
} as const satisfies OptionTable;

const ENCODE_OPTIONS = { ...ENCODER_OPTIONS, ...SHARED_OPTIONS, out: 'value' } as const satisfies OptionTable;

/** Seeds are 32-bit numbers: what the random numbers can tell apart. */
const LARGEST_SEED = 2 ** 32 - 1;
const MOST_THREADS = 256;

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
      if (rest.includes('--help') || rest.includes('-h')) return { command: 'help', text: helpText(command) };
      return command === 'analyze' ? parseAnalyze(rest) : parseEncode(rest);
    default:
      throw unknownCommand(command);
  }
}

function parseAnalyze(argv: readonly string[]): AnalyzeArguments {
  const options = parseOptions(argv, ANALYZE_OPTIONS, 'analyze');
  const corpus = readCorpus(options);
  const fitOn = readFileName(options, 'fit-on') ?? 'self';
  if (fitOn === '-' && (corpus.text?.path === '-' || corpus.vectors?.path === '-')) {
    throw new IsoscopeError('usage', 'Standard input cannot be both the corpus and what the transform is fitted on.');
  }
  return {
    command: 'analyze',
    corpus,
    ...readShared(options),
    transform: readTransform(options.value('transform') ?? 'none'),
    fitOn,
    seed: readWholeNumber('seed', options.value('seed') ?? '0', 0, LARGEST_SEED),
    outputs: readOutputs(options),
  };
}

function parseEncode(argv: readonly string[]): EncodeArguments {
  const options = parseOptions(argv, ENCODE_OPTIONS, 'encode');
  const text = readText(options, 'encode');
  if (text === undefined) {
    throw new IsoscopeError('usage', 'isoscope encode needs a text file, or - for standard input.');
  }
  const out = readFileName(options, 'out');
  if (out === undefined) throw new IsoscopeError('usage', 'isoscope encode needs --out FILE.npy for the vectors.');
  const extension = path.extname(out).toLowerCase();
  if (['.npz', '.csv', '.tsv', '.json', '.jsonl', '.parquet', '.safetensors', '.txt'].includes(extension)) {
    throw new IsoscopeError('usage', `--out writes a .npy file, not ${extension}.`);
  }
  readWholeNumber('seed', options.value('seed') ?? '0', 0, LARGEST_SEED);
  return { command: 'encode', text, out, ...readShared(options) };
}

function readCorpus(options: ParsedOptions): CorpusArguments {
  const text = readText(options, 'analyze');
  const vectorFile = readFileName(options, 'vectors');
  const array = options.value('array');
  if (text === undefined && vectorFile === undefined) {
    throw new IsoscopeError(
      'usage',
      'isoscope analyze needs a text file, - for standard input, or --vectors FILE.npy.',
    );
  }
  if (vectorFile === undefined) {
    if (array !== undefined) throw new IsoscopeError('usage', '--array goes with --vectors FILE.npz.');
    return { text, vectors: undefined };
  }
  for (const name of Object.keys(ENCODER_OPTIONS)) {
    if (options.has(name)) {
      throw new IsoscopeError('usage', `--${name} says how to encode text, and with --vectors nothing is encoded.`);
    }
  }
  if (vectorFile === '-' && text?.path === '-') {
    throw new IsoscopeError('usage', 'Standard input cannot be both the text and the vectors.');
  }
  return { text, vectors: { path: vectorFile, array } };
}

function readText(options: ParsedOptions, command: string): TextArguments | undefined {
  const file = options.positionals.at(0);
  const second = options.positionals.at(1);
  const column = options.value('text-column');
  if (second !== undefined) {
    throw new IsoscopeError('usage', `isoscope ${command} takes one INPUT; "${second}" is one too many.`);
  }
  if (file === '') throw new IsoscopeError('usage', 'INPUT is an empty file name.');
  if (file === undefined) {
    if (column !== undefined)
      throw new IsoscopeError('usage', '--text-column names a column of INPUT, which is missing.');
    return undefined;
  }
  if (column === '' || column === '0') {
    throw new IsoscopeError('usage', "--text-column is a column's name or its number, from 1.");
  }
  return { path: file, column };
}

function readShared(options: ParsedOptions): SharedArguments {
  const encoder = readFileName(options, 'encoder') ?? 'embedded';
  const variant = readFileName(options, 'variant');
  const layer = options.value('layer');
  const pooling = options.value('pooling');
  const prefix = options.value('prefix');
  const threads = options.value('threads');
  return {
    encoder: {
      encoder: encoder === 'embedded' ? encoder : path.resolve(encoder),
      ...(variant !== undefined && { variant }),
      ...(layer !== undefined && { layer: readLayer(layer) }),
      ...(pooling !== undefined && { pooling: readChoice('pooling', pooling, POOLINGS) }),
      ...(prefix !== undefined && { prefix }),
      normalize: readChoice('normalize', options.value('normalize') ?? 'auto', ['auto', 'yes', 'no']),
    },
    threads: threads === undefined ? undefined : readWholeNumber('threads', threads, 1, MOST_THREADS),
    quiet: options.has('quiet'),
    debug: options.has('debug'),
  };
}

function readLayer(value: string): string | number {
  if (value === 'last' || value === 'all') return value;
  if (/^\d{1,4}$/.test(value)) return Number(value);
  throw new IsoscopeError('usage', `--layer is last, all or a block number from 0, not "${value}".`);
}

function readTransform(value: string): string {
  // A fitted transform is a file; whether this version reads it is said where it is opened.
  if (value.toLowerCase().endsWith('.json')) return value;
  return formatTransformSpec(parseTransformSpec(value));
}

function readOutputs(options: ParsedOptions): AnalyzeArguments['outputs'] {
  const outputs: { json?: string; html?: string; markdown?: string } = {};
  for (const name of ['json', 'html', 'markdown'] as const) {
    const file = readFileName(options, name);
    if (file === undefined) continue;
    const other = (['json', 'html', 'markdown'] as const).find(
      (earlier) => outputs[earlier] !== undefined && path.resolve(outputs[earlier]) === path.resolve(file),
    );
    if (other !== undefined) {
      throw new IsoscopeError(
        'usage',
        `--${other} and --${name} cannot both write ${file === '-' ? 'standard output' : file}.`,
      );
    }
    outputs[name] = file;
  }
  return outputs;
}

function readFileName(options: ParsedOptions, name: string): string | undefined {
  const value = options.value(name);
  if (value === '') throw new IsoscopeError('usage', `--${name} is an empty file name.`);
  return value;
}

function unknownCommand(command: string): IsoscopeError {
  if (LATER_COMMANDS.includes(command)) {
    return new IsoscopeError('usage', `isoscope ${command} is not in this version.`);
  }
  const what = command.startsWith('-')
    ? `A command comes first, before ${command}`
    : `There is no command "${command}"`;
  return new IsoscopeError('usage', `${what}: use ${listWords(['analyze', 'encode'])}; see isoscope --help.`);
}
