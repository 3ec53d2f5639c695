import { IsoscopeError } from '../protocol/errors';
import { type OutputArguments, readOutputs, readSeed, readThreads } from './argumentReaders';
import { type OptionTable, parseOptions } from './options';

/** Two of a kind. */
export interface CompareArguments {
  readonly command: 'compare';
  readonly kind: 'snapshots' | 'vectors';
  /** paths; one of them may be `-` */
  readonly a: string;
  readonly b: string;
  /** also snapshots of different lines */
  readonly force: boolean;
  readonly array: string | undefined;
  readonly seed: number;
  readonly threads: number | undefined;
  readonly outputs: OutputArguments;
  readonly quiet: boolean;
  readonly debug: boolean;
}

const COMPARE_OPTIONS = {
  force: 'flag',
  array: 'value',
  seed: 'value',
  json: 'value',
  markdown: 'value',
  threads: 'value',
  quiet: 'flag',
  debug: 'flag',
  help: 'flag',
} as const satisfies OptionTable;

/** @throws IsoscopeError `usage` unless there are two files of one kind, and options that have a meaning for them */
export function parseCompare(argv: readonly string[]): CompareArguments {
  const options = parseOptions(argv, COMPARE_OPTIONS, 'compare');
  const [a, b, surplus] = [0, 1, 2].map((i) => options.positionals.at(i));
  if (a === undefined || b === undefined || a === '' || b === '') {
    throw new IsoscopeError('usage', 'isoscope compare needs two files, A.json B.json or A.npy B.npy.');
  }
  if (surplus !== undefined) {
    throw new IsoscopeError('usage', `isoscope compare takes two files; "${surplus}" is one too many.`);
  }
  if (a === '-' && b === '-') throw new IsoscopeError('usage', 'Standard input cannot be both A and B.');
  const kind = kindOf(a, b);
  const array = options.value('array');
  const force = options.has('force');
  if (kind === 'snapshots' && array !== undefined) {
    throw new IsoscopeError('usage', '--array goes with files of vectors, not with snapshots.');
  }
  if (kind === 'vectors' && force) {
    throw new IsoscopeError('usage', '--force goes with snapshots: vectors do not say which lines they are of.');
  }
  return {
    command: 'compare',
    kind,
    a,
    b,
    force,
    array,
    seed: readSeed(options),
    threads: readThreads(options),
    outputs: readOutputs(options),
    quiet: options.has('quiet'),
    debug: options.has('debug'),
  };
}

/** Standard input is of the other's kind. */
function kindOf(a: string, b: string): CompareArguments['kind'] {
  const [isA, isB] = [a, b].map((file) => (file === '-' ? null : file.toLowerCase().endsWith('.json')));
  if (isA !== null && isB !== null && isA !== isB) {
    const [snapshot, other] = isA ? [a, b] : [b, a];
    throw new IsoscopeError(
      'usage',
      `${snapshot} is a snapshot by its name and ${other} is not: compare two snapshots (.json) or two files of vectors.`,
    );
  }
  return (isA ?? isB) ? 'snapshots' : 'vectors';
}
