import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Matrix64 } from '../../linalg/matrix';
import type { Products } from '../../linalg/products';
import type { Note } from '../../protocol/snapshot';
import type { EncodedSentences, EncodeOptions } from '../encoder';
import { normalizeVector } from '../pooling';
import { averageRows, type Averaging } from './averages';
import type { RowMemory } from './rowMemory';
import { createComponentFinder, removeComponent, type CommonComponent } from './sif';
import { vocabularyNotes } from './vocabularyNotes';
import { readSequences, type WordSequence } from './wordSequences';

/** What turns sentences into averages of rows. */
export interface StaticParts {
  readonly dimension: number;
  readonly noun: 'words' | 'tokens';
  readonly averaging: Averaging;
  /** opened when the corpus' first component is to be removed; `null` where it stays */
  readonly products: (() => Promise<Products>) | null;
  readonly isNormalized: boolean;
  /** a reader of sentences; what it remembers lasts as long as one corpus */
  readonly createReader: () => (sentence: string) => Omit<WordSequence, 'repeats'>;
  readonly memory: RowMemory;
}

/** Numbers of the float64 vectors of a slice of sentences, at most: 16 MB. */
const SLICE_NUMBERS = 2 ** 21;
const SLICE_SENTENCES = 1_024;

/** Sentences → vectors, in slices; twice over the corpus when its common component is removed, so that only one slice is held in float64. */
export async function encodeStatic(
  parts: StaticParts,
  sentences: readonly string[],
  { signal, onProgress }: EncodeOptions,
): Promise<EncodedSentences> {
  const pause = async () => {
    await nextTurn();
    signal?.throwIfAborted();
  };
  const { dimension } = parts;
  const sequences = await readSequences(sentences, parts.createReader(), pause);
  const { distinct, numberOf } = sequences;
  const passes = parts.products === null ? 1 : 2;
  const onSlice = (done: number) => onProgress?.(Math.floor(done / passes), distinct.length);
  onSlice(0);

  const component = await findComponent(parts, distinct, pause, onSlice);
  const results = new Float32Array(distinct.length * dimension);
  await forEachSlice(parts, distinct, pause, ({ data }, start, end) => {
    for (let i = start; i < end; i++) {
      const vector = data.subarray((i - start) * dimension, (i - start + 1) * dimension);
      if (component?.direction) removeComponent(vector, component.direction);
      if (parts.isNormalized) normalizeVector(vector);
      results.set(vector, i * dimension);
    }
    onSlice((passes - 1) * distinct.length + end);
  });
  return {
    vectors: { data: spread(results, numberOf, dimension), rows: sentences.length, columns: dimension },
    truncatedRows: Uint32Array.from(numberOf.keys()).filter((row) => distinct[numberOf[row]].isTruncated),
    notes: [...vocabularyNotes(sequences, parts.noun), ...componentNotes(component, sentences.length)],
  };
}

async function findComponent(
  parts: StaticParts,
  distinct: readonly WordSequence[],
  pause: () => Promise<void>,
  onSlice: (done: number) => void,
): Promise<CommonComponent | null> {
  if (parts.products === null) return null;
  const finder = createComponentFinder(parts.dimension, await parts.products());
  await forEachSlice(parts, distinct, pause, async (vectors, start, end) => {
    const repeats = distinct.slice(start, end).map((sequence) => sequence.repeats);
    await finder.add(vectors, repeats);
    onSlice(end);
  });
  return finder.find();
}

async function forEachSlice(
  { averaging, memory, dimension }: StaticParts,
  distinct: readonly WordSequence[],
  pause: () => Promise<void>,
  use: (vectors: Matrix64, start: number, end: number) => void | Promise<void>,
): Promise<void> {
  const length = Math.max(1, Math.min(SLICE_SENTENCES, Math.floor(SLICE_NUMBERS / dimension)));
  for (let start = 0; start < distinct.length; start += length) {
    await pause();
    const end = Math.min(start + length, distinct.length);
    await use(await averageRows(distinct.slice(start, end), averaging, memory, dimension, pause), start, end);
  }
}

/** Rows of distinct sentences → rows of all sentences; the same memory where no sentence repeats. */
function spread(results: Float32Array, numberOf: Uint32Array, dimension: number): Float32Array {
  if (results.length === numberOf.length * dimension) return results;
  const all = new Float32Array(numberOf.length * dimension);
  numberOf.forEach((number, row) => {
    all.set(results.subarray(number * dimension, (number + 1) * dimension), row * dimension);
  });
  return all;
}

function componentNotes(component: CommonComponent | null, count: number): Note[] {
  if (component === null) return [];
  const message =
    component.direction === null
      ? 'SIF: all vectors are zero, so there is no common component to remove.'
      : `SIF: the first singular vector of these ${count} sentences, which held ${(100 * component.share).toFixed(0)} % of their squared length, was removed; ` +
        'another set of sentences loses another one, so vectors of two runs are not in the same space.';
  return [{ code: 'common-component', message }];
}
