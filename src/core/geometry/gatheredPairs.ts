import { type Kernels, withKernels } from '../linalg/kernels';
import type { Matrix } from '../linalg/matrix';
import { breathe } from './breathe';
import { loadUnitRow, type PairBatch } from './pairBatch';
import type { DrawnPairs } from './pairSample';

/** Bytes of rows that are at hand at a time: pairs come block by block of their second row, and the block stays in the cache of one core. */
const BLOCK_BYTES = 3 * 2 ** 18;
/** Pairs of one call of the kernel, all with the same first row. */
const RUN_PAIRS = 1024;
const BATCH_PAIRS = 2 ** 17;

type PairKernels = Kernels<ReturnType<typeof layoutOf>>;

/**
 * Inner products of the unit rows of drawn pairs, one by one: for pairs that are few among all.
 * @param inverse 1/length of each row, 0 for a row of length 0, whose pairs are left out
 * @param apart columns left out of the sums
 * @param visit gets a batch whose arrays are reused afterwards
 */
export async function visitGatheredPairs(
  matrix: Matrix,
  inverse: Float64Array,
  pairs: DrawnPairs,
  apart: readonly number[],
  visit: (batch: PairBatch) => void,
  signal?: AbortSignal,
): Promise<void> {
  const { rows, columns: d } = matrix;
  const rowBytes = Math.max(1, d) * matrix.data.BYTES_PER_ELEMENT;
  const blockRows = Math.min(rows, Math.max(1, Math.floor(BLOCK_BYTES / rowBytes)));
  await withKernels(layoutOf(matrix, blockRows, pairs.pairCount), async (kernels) => {
    const { first, second, found } = kernels.arrays;
    const starts = orderByBlock(pairs, inverse, blockRows, first, second);
    for (let start = 0, index = 0; start < rows; start += blockRows, index++) {
      const load = loadBlock(kernels, matrix, inverse, apart, start, Math.min(start + blockRows, rows));
      for (let from = starts[index]; from < starts[index + 1]; from += BATCH_PAIRS) {
        await breathe(signal);
        const end = Math.min(from + BATCH_PAIRS, starts[index + 1]);
        const batch = {
          count: end - from,
          first: first.subarray(from, end),
          second: second.subarray(from, end),
          products: found.subarray(0, end - from),
        };
        for (let run = 0; run < batch.count;) {
          const runEnd = endOfRun(batch.first, run);
          load(batch.first[run]);
          multiplyRun(kernels, matrix, inverse, batch, run, runEnd, start);
          run = runEnd;
        }
        visit(batch);
      }
    }
  });
}

function layoutOf({ data, columns: d }: Matrix, blockRows: number, pairCount: number) {
  const isNarrow = data instanceof Float32Array;
  return {
    row: ['float64', d],
    narrowRow: ['float32', isNarrow ? d : 0],
    narrowBlock: ['float32', isNarrow ? blockRows * d : 0],
    block: ['float64', isNarrow ? 0 : blockRows * d],
    chosen: ['int32', RUN_PAIRS],
    first: ['int32', pairCount],
    second: ['int32', pairCount],
    found: ['float64', Math.min(BATCH_PAIRS, pairCount)],
  } as const;
}

/**
 * Brings rows start … end − 1 to the block, with 0 in the columns `apart`: as they are in float32, whose products float64 holds whatever their size, and as
 * unit rows in float64.
 * @returns brings one row of the matrix to where the kernel wants it
 */
function loadBlock(
  kernels: PairKernels,
  { data, columns: d }: Matrix,
  inverse: Float64Array,
  apart: readonly number[],
  start: number,
  end: number,
): (row: number) => void {
  const { row, narrowRow, narrowBlock, block } = kernels.arrays;
  let loaded = -1;
  if (!(data instanceof Float32Array)) {
    for (let j = start; j < end; j++) {
      loadUnitRow(data, j * d, inverse[j], apart, block.subarray((j - start) * d, (j - start + 1) * d));
    }
    return (i) => {
      if (i !== loaded) loadUnitRow(data, i * d, inverse[i], apart, row);
      loaded = i;
    };
  }
  narrowBlock.set(data.subarray(start * d, end * d));
  for (const k of apart) for (let at = k; at < (end - start) * d; at += d) narrowBlock[at] = 0;
  return (i) => {
    if (i === loaded) return;
    narrowRow.set(data.subarray(i * d, (i + 1) * d));
    for (const k of apart) narrowRow[k] = 0;
    kernels.widen(narrowRow.byteOffset, row.byteOffset, d);
    loaded = i;
  };
}

/**
 * The pairs by the block of their second row, and as they came within it, so by first row: counting sort into `first` and `second`. Pairs that have a row of
 * length 0 are left out.
 * @returns where each block starts, and where the last one ends
 */
function orderByBlock(
  pairs: DrawnPairs,
  inverse: Float64Array,
  blockRows: number,
  first: Int32Array,
  second: Int32Array,
): Int32Array {
  const blockOf = Int32Array.from(inverse, (_, row) => Math.floor(row / blockRows));
  const starts = new Int32Array(Math.ceil(pairs.rowCount / blockRows) + 1);
  const isKept = (at: number): boolean => inverse[pairs.first[at]] > 0 && inverse[pairs.second[at]] > 0;
  for (let at = 0; at < pairs.pairCount; at++) if (isKept(at)) starts[blockOf[pairs.second[at]] + 1]++;
  for (let block = 1; block < starts.length; block++) starts[block] += starts[block - 1];
  const next = starts.slice();
  for (let at = 0; at < pairs.pairCount; at++) {
    if (!isKept(at)) continue;
    const place = next[blockOf[pairs.second[at]]]++;
    first[place] = pairs.first[at];
    second[place] = pairs.second[at];
  }
  return starts;
}

/** Where the stretch of equal numbers ends that begins at `start`, as far as a call of the kernel reaches. */
function endOfRun(values: Int32Array, start: number): number {
  const last = Math.min(values.length, start + RUN_PAIRS);
  let end = start + 1;
  while (end < last && values[end] === values[start]) end++;
  return end;
}

function multiplyRun(
  { arrays: { row, narrowBlock, block, chosen }, chosenInnerProducts32, chosenInnerProducts64 }: PairKernels,
  { data, columns: d }: Matrix,
  inverse: Float64Array,
  /** its products lie in the kernels' memory */
  { first, second, products }: PairBatch,
  start: number,
  end: number,
  firstRow: number,
): void {
  const count = end - start;
  const found = products.subarray(start, end);
  for (let at = 0; at < count; at++) chosen[at] = second[start + at] - firstRow;
  if (data instanceof Float32Array) {
    chosenInnerProducts32(row.byteOffset, narrowBlock.byteOffset, d, chosen.byteOffset, count, found.byteOffset);
    const factor = inverse[first[start]];
    for (let at = 0; at < count; at++) found[at] *= factor * inverse[second[start + at]];
  } else {
    chosenInnerProducts64(row.byteOffset, block.byteOffset, d, chosen.byteOffset, count, found.byteOffset);
  }
}
