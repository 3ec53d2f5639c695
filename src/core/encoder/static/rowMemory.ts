/** Rows of word vectors that were read, as long as they fit. */
export interface RowMemory {
  /** Makes the rows available: `data` from `offsetOf(number)` on. What was made available before may be gone. */
  load(numbers: Uint32Array): Promise<void>;
  readonly data: Float32Array;
  offsetOf(number: number): number;
}

/** 160,000 rows of 300 numbers. */
const MEMORY_BYTES = 192 * 2 ** 20;

/**
 * @param read reads rows with ascending numbers into an array, from a place on (counted in rows)
 * @param limitBytes rows beyond that make all others go; one `load` may take more
 */
export function createRowMemory(
  dimension: number,
  read: (numbers: Uint32Array, into: Float32Array, at: number) => Promise<void>,
  limitBytes = MEMORY_BYTES,
): RowMemory {
  const places = new Map<number, number>();
  let data = new Float32Array(0);

  function makeRoom(rows: number): void {
    const wanted = rows * dimension;
    if (wanted <= data.length) return;
    const longer = new Float32Array(Math.max(wanted, Math.min(data.length * 2, limitBytes / 4)));
    longer.set(data.subarray(0, places.size * dimension));
    data = longer;
  }

  return {
    get data() {
      return data;
    },
    offsetOf: (number) => places.get(number)! * dimension,
    async load(numbers) {
      const wanted = new Set(numbers);
      let missing = [...wanted].filter((number) => !places.has(number));
      if (missing.length === 0) return;
      if ((places.size + missing.length) * dimension * 4 > limitBytes) {
        places.clear();
        missing = [...wanted];
      }
      makeRoom(places.size + missing.length);
      const sorted = Uint32Array.from(missing).sort();
      const first = places.size;
      await read(sorted, data, first);
      sorted.forEach((number, i) => places.set(number, first + i));
    },
  };
}
