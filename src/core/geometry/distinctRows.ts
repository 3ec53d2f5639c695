import type { Matrix } from '../linalg/matrix';

/** Rows by equality: each distinct row is a group. */
export interface DistinctRows {
  /** the first row of each group, ascending */
  readonly firstRows: Int32Array;
  /** for each row the index of its group in `firstRows`; −1 for a row left out */
  readonly groupOf: Int32Array;
}

/**
 * Groups rows that are equal to the bit (−0 equals 0).
 * @param matrix shape [n, d]
 * @param scale a factor per row, length n: then scaled rows are compared, float64, and a row whose factor is 0 is left out. `null`: the rows as they stand
 */
export function groupEqualRows(matrix: Matrix, scale: Float64Array | null): DistinctRows {
  const { data, rows, columns } = matrix;
  const groupOf = new Int32Array(rows).fill(-1);
  const firstRows: number[] = [];
  const hashes: number[] = [];
  // A hash table with chains: bucket → group, group → next group of the bucket.
  const buckets = new Int32Array(2 ** Math.ceil(Math.log2(rows + 1) + 1)).fill(-1);
  const next: number[] = [];
  const row64 = new Float64Array(columns);
  const words = new Uint32Array(row64.buffer);

  for (let row = 0; row < rows; row++) {
    const factor = scale ? scale[row] : 1;
    if (factor === 0) continue;
    // Adding 0 turns −0 into 0.
    for (let k = 0; k < columns; k++) row64[k] = data[row * columns + k] * factor + 0;
    const hash = hashOf(words);
    const bucket = hash & (buckets.length - 1);
    let group = buckets[bucket];
    while (group >= 0 && !(hashes[group] === hash && equalsRow(firstRows[group]))) group = next[group];
    if (group < 0) {
      group = firstRows.length;
      firstRows.push(row);
      hashes.push(hash);
      next.push(buckets[bucket]);
      buckets[bucket] = group;
    }
    groupOf[row] = group;
  }
  return { firstRows: Int32Array.from(firstRows), groupOf };

  function equalsRow(other: number): boolean {
    const factor = scale ? scale[other] : 1;
    for (let k = 0; k < columns; k++) if (data[other * columns + k] * factor !== row64[k]) return false;
    return true;
  }
}

/** FNV-1a over 32-bit words, finished so that the low bits depend on all of them. */
function hashOf(words: Uint32Array): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < words.length; at++) {
    hash = Math.imul(hash ^ words[at], 0x01000193);
    // Float32 numbers held as float64 end in zero bits, which multiplication alone carries upwards only.
    hash ^= hash >>> 15;
  }
  return hash >>> 0;
}
