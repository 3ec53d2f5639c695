import { AIMED_PAIRS } from '../geometry/aimedPairs';
import { IsoscopeError } from '../protocol/errors';
import type { Note, Snapshot } from '../protocol/snapshot';

/** One number of two snapshots. */
export interface ComparedNumber {
  /** as in the snapshot, e.g. "raw.cosineQuantiles.0.95"; of arrays the first three entries, counted from 0 */
  readonly key: string;
  readonly a: number | null;
  readonly b: number | null;
  /** b − a; 0 where it is rounding; `null` where one is */
  readonly difference: number | null;
}

/** Entries of an array that are compared. */
const COMPARED_ENTRIES = 3;
/** How many neighbours were asked for, and which dimension it is, are no quantities. */
const NO_QUANTITIES = /\.k$|\.rogueDimensions\.\d+\.dimension$/;
/** Parts of a snapshot that hold numbers to compare, in the order to show. */
const PARTS = ['raw', 'transformed', 'text', 'comparison'] as const;

/** Float32 rows leave about 1e-7, relative to themselves or, in numbers that are differences of numbers of size 1, to 1. */
const RELATIVE_ROUNDING = 1e-6;
const ABSOLUTE_ROUNDING = 1e-7;
/** Lengths near 0 are differences of lengths of the size of the vectors'. */
const LENGTHS: ReadonlySet<string> = new Set(['normStd', 'meanVectorNorm', 'meanNorm']);
/** Numbers in the unit of the data: nothing absolute is small. */
const IN_UNITS: ReadonlySet<string> = new Set(['eigenvalues', 'totalVariance']);

/**
 * Every number of two snapshots of the same lines, side by side.
 * @param force also of different lines
 * @throws IsoscopeError `input` for snapshots of different lines
 */
export function compareSnapshots(
  a: Snapshot,
  b: Snapshot,
  names: readonly [string, string],
  force: boolean,
): { readonly rows: readonly ComparedNumber[]; readonly notes: readonly Note[] } {
  const isSameCorpus = a.corpus.sha256 === b.corpus.sha256;
  if (!isSameCorpus && !force) {
    throw new IsoscopeError(
      'input',
      `${names[0]} and ${names[1]} are snapshots of different lines (${sourceOf(a)}, ${sourceOf(b)}): compare those of the same text, or use --force.`,
    );
  }
  // Without a transform the transformed space is the raw one.
  const isCompleted = (a.transformed === null) !== (b.transformed === null);
  const numbersA = numbersOf(isCompleted ? completed(a) : a);
  const numbersB = numbersOf(isCompleted ? completed(b) : b);
  const keys = new Set([...numbersA.keys(), ...numbersB.keys()]);
  const rows = [...keys].map((key): ComparedNumber => {
    const [valueA, valueB] = [numbersA.get(key) ?? null, numbersB.get(key) ?? null];
    return { key, a: valueA, b: valueB, difference: differenceOf(key, valueA, valueB, numbersA, numbersB) };
  });
  return { rows: inOrder(rows), notes: notesOn(a, b, isSameCorpus) };
}

function completed(snapshot: Snapshot): Snapshot {
  const { transformed, raw, text, transform } = snapshot;
  if (transformed !== null || transform.spec !== 'none') return snapshot;
  return { ...snapshot, transformed: raw, ...(text && { text: { ...text, transformed: text.raw } }) };
}

function sourceOf({ corpus: { source, sha256 } }: Snapshot): string {
  return `${source}, sha256 ${sha256.slice(0, 12)}…`;
}

/** Numbers and nulls by key. */
function numbersOf(snapshot: Snapshot): Map<string, number | null> {
  const numbers = new Map<string, number | null>();
  const visit = (value: unknown, key: string): void => {
    if (NO_QUANTITIES.test(key)) return;
    // A number that JSON cannot hold (1e999) comes out as infinite.
    if (typeof value === 'number') numbers.set(key, Number.isFinite(value) ? value : null);
    else if (value === null) numbers.set(key, null);
    else if (Array.isArray(value)) value.slice(0, COMPARED_ENTRIES).forEach((item, i) => visit(item, `${key}.${i}`));
    else if (typeof value === 'object') {
      for (const [name, item] of Object.entries(value)) visit(item, `${key}.${name}`);
    }
  };
  for (const part of PARTS) {
    const value = snapshot[part];
    if (value !== null && value !== undefined) visit(value, part);
  }
  return numbers;
}

function differenceOf(
  key: string,
  a: number | null,
  b: number | null,
  numbersA: ReadonlyMap<string, number | null>,
  numbersB: ReadonlyMap<string, number | null>,
): number | null {
  if (a === null || b === null) return null;
  const difference = b - a;
  const [part, name] = key.split('.');
  let unit = 1;
  if (LENGTHS.has(name)) {
    unit = Math.max(numbersA.get(`${part}.meanNorm`) ?? 0, numbersB.get(`${part}.meanNorm`) ?? 0);
  } else if (IN_UNITS.has(name)) {
    unit = 0;
  }
  const rounding = Math.max(RELATIVE_ROUNDING * Math.max(Math.abs(a), Math.abs(b)), ABSOLUTE_ROUNDING * unit);
  return Math.abs(difference) <= rounding ? 0 : difference;
}

/** Part by part; within one in the order of the snapshots. */
function inOrder(rows: readonly ComparedNumber[]): ComparedNumber[] {
  return PARTS.flatMap((part) => rows.filter(({ key }) => key.startsWith(`${part}.`)));
}

function notesOn(a: Snapshot, b: Snapshot, isSameCorpus: boolean): Note[] {
  const notes: Note[] = [];
  if (!isSameCorpus) {
    notes.push({
      code: 'different-corpora',
      message: 'The snapshots are of different lines: a difference may be one of the text.',
    });
  }
  for (const [name, own, other] of [
    ['A', a, b],
    ['B', b, a],
  ] as const) {
    if (own.transform.spec === 'none' && other.transformed !== null) {
      notes.push({
        code: 'raw-as-transformed',
        message: `${name} has no transform: its raw space stands for the transformed one.`,
      });
    }
  }
  if (a.seed !== b.seed && drawsPairs(a)) {
    notes.push({
      code: 'different-seeds',
      message: `The snapshots drew their pairs with seeds ${String(a.seed)} and ${String(b.seed)}: what stands on drawn pairs differs by chance.`,
    });
  }
  return notes;
}

/** More pairs than are taken one and all. */
function drawsPairs({ raw: { count } }: Snapshot): boolean {
  return (count * (count - 1)) / 2 > AIMED_PAIRS;
}
