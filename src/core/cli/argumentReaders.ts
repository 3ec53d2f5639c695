import path from 'node:path';
import type { EncoderChoice } from '../protocol/engineProtocol';
import { IsoscopeError } from '../protocol/errors';
import { formatTransformSpec, parseTransformSpec } from '../transform/spec';
import { ENDPOINT_OPTIONS, type EndpointArguments, readEndpoint } from './endpointArguments';
import { type OptionTable, type ParsedOptions, readChoice, readWholeNumber } from './options';

export interface SharedArguments {
  /** encoder file names are absolute; of an endpoint only the address */
  readonly encoder: EncoderChoice;
  /** of an encoder that is an address */
  readonly endpoint: EndpointArguments | undefined;
  /** where vectors are kept for the next run; absolute. Default: nowhere */
  readonly cacheFolder: string | undefined;
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

/** A specification in canonical form, or the file of a fitted transform. */
export type TransformArgument = { readonly spec: string } | { readonly file: string };

/** Files to write; `-` = standard output; none = a report for the terminal. */
export interface OutputArguments {
  readonly json?: string;
  readonly html?: string;
  readonly markdown?: string;
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
  'sif',
  'sif-weights',
] as const;

export const ENCODER_OPTIONS = {
  encoder: 'value',
  variant: 'value',
  layer: 'value',
  pooling: 'value',
  prefix: 'value',
  cache: 'value',
  ...ENDPOINT_OPTIONS,
} as const satisfies OptionTable;

/** Seeds are 32-bit numbers: what the random numbers can tell apart. */
const LARGEST_SEED = 2 ** 32 - 1;
const MOST_THREADS = 256;

/** Other formats of vectors and tables: a name that ends so promises something. */
const KNOWN_FORMATS = ['.npy', '.npz', '.csv', '.tsv', '.json', '.jsonl', '.parquet', '.safetensors', '.txt'];

/** @throws IsoscopeError `usage` without a corpus, or with options that have no meaning for it */
export function readCorpus(options: ParsedOptions, command: string): CorpusArguments {
  const text = readText(options, command);
  const vectors = readVectors(options);
  if (text === undefined && vectors === undefined) {
    throw new IsoscopeError(
      'usage',
      `isoscope ${command} needs a text file, - for standard input, or --vectors FILE.npy.`,
    );
  }
  if (vectors === undefined) return { text, vectors };
  for (const name of Object.keys(ENCODER_OPTIONS)) {
    if (options.has(name)) {
      throw new IsoscopeError('usage', `--${name} says how to encode text, and with --vectors nothing is encoded.`);
    }
  }
  if (vectors.path === '-' && text?.path === '-') {
    throw new IsoscopeError('usage', 'Standard input cannot be both the text and the vectors.');
  }
  return { text, vectors };
}

export function readVectors(options: ParsedOptions): VectorArguments | undefined {
  const path = readFileName(options, 'vectors');
  const array = options.value('array');
  if (path !== undefined) return { path, array };
  if (array !== undefined) throw new IsoscopeError('usage', '--array goes with --vectors FILE.');
  return undefined;
}

export function readText(options: ParsedOptions, command: string): TextArguments | undefined {
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

export function readShared(options: ParsedOptions): SharedArguments {
  const encoder = readFileName(options, 'encoder') ?? 'embedded';
  const variant = readFileName(options, 'variant');
  const layer = options.value('layer');
  const pooling = options.value('pooling');
  const prefix = options.value('prefix');
  const cache = readFileName(options, 'cache');
  const endpoint = readEndpoint(options, encoder);
  return {
    endpoint,
    encoder: {
      encoder: encoder === 'embedded' || endpoint !== undefined ? encoder : path.resolve(encoder),
      ...(variant !== undefined && { variant }),
      ...(layer !== undefined && { layer: readLayer(layer) }),
      ...(pooling !== undefined && { pooling: readChoice('pooling', pooling, POOLINGS) }),
      ...(prefix !== undefined && { prefix }),
      normalize: readChoice('normalize', options.value('normalize') ?? 'auto', ['auto', 'yes', 'no']),
    },
    cacheFolder: cache === undefined ? undefined : path.resolve(cache),
    threads: readThreads(options),
    quiet: options.has('quiet'),
    debug: options.has('debug'),
  };
}

function readLayer(value: string): string | number {
  if (value === 'last' || value === 'all') return value;
  if (/^\d{1,4}$/.test(value)) return Number(value);
  throw new IsoscopeError('usage', `--layer is last, all or a block number from 0, not "${value}".`);
}

export function readTransform(value: string): TransformArgument {
  if (value.toLowerCase().endsWith('.json')) return { file: value };
  return { spec: formatTransformSpec(parseTransformSpec(value)) };
}

export function readOutputs(options: ParsedOptions): OutputArguments {
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

/** @throws IsoscopeError `usage` when standard input is asked for twice */
export function readFitOn(options: ParsedOptions, corpus: CorpusArguments): string {
  const fitOn = readFileName(options, 'fit-on') ?? 'self';
  if (fitOn.startsWith('folds:')) {
    throw new IsoscopeError('usage', '--fit-on is self or a file here, not folds, which belong to evaluate.');
  }
  if (fitOn === '-' && (corpus.text?.path === '-' || corpus.vectors?.path === '-')) {
    throw new IsoscopeError('usage', 'Standard input cannot be both the corpus and what the transform is fitted on.');
  }
  return fitOn;
}

export function readSeed(options: ParsedOptions): number {
  return readWholeNumber('seed', options.value('seed') ?? '0', 0, LARGEST_SEED);
}

export function readThreads(options: ParsedOptions): number | undefined {
  const threads = options.value('threads');
  return threads === undefined ? undefined : readWholeNumber('threads', threads, 1, MOST_THREADS);
}

/** The file of --out; a name that says another format is refused rather than betrayed. */
export function readOut(options: ParsedOptions, command: string, format: '.npy' | '.npz' | '.json'): string {
  const out = readFileName(options, 'out');
  if (out === undefined) throw new IsoscopeError('usage', `isoscope ${command} needs --out FILE${format}.`);
  const extension = path.extname(out).toLowerCase();
  const isOther = extension !== format && KNOWN_FORMATS.includes(extension);
  // A fitted transform is told from a specification by its name.
  if (isOther || (format === '.json' && extension !== format && out !== '-')) {
    throw new IsoscopeError(
      'usage',
      format === '.npz'
        ? `--layer all gives one array per layer: --out is a .npz file then, not "${out}".`
        : `--out of isoscope ${command} is a ${format} file, not "${out}".`,
    );
  }
  return out;
}
