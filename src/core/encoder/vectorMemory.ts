/** Vectors of sentences seen before, the least recently used going first. */
export interface VectorMemory {
  readonly byteLength: number;
  readonly limitBytes: number;
  /** counts as a use */
  get(key: string): RememberedVector | undefined;
  /** does not count as a use */
  has(key: string): boolean;
  set(key: string, remembered: RememberedVector): void;
  clear(): void;
}

export interface RememberedVector {
  readonly vector: Float32Array;
  /** whether the sentence was cut at the maximum number of tokens */
  readonly isTruncated: boolean;
}

/** What an entry takes of the process beside its numbers: key, objects, a buffer of its own, a place in the map (measured in Node 20: 330 bytes of heap, 850 in all). */
const ENTRY_OVERHEAD_BYTES = 850;

/** Memory of one vector, bookkeeping included. */
export function entryBytes(dimension: number): number {
  return 4 * dimension + ENTRY_OVERHEAD_BYTES;
}

/** @param limitBytes of memory, bookkeeping included; an entry larger than that is not kept */
export function createVectorMemory(limitBytes: number): VectorMemory {
  // A Map keeps the order of insertion: what is used is inserted anew, so the first key is the least recently used.
  const entries = new Map<string, RememberedVector>();
  let byteLength = 0;
  const forget = (key: string, { vector }: RememberedVector) => {
    entries.delete(key);
    byteLength -= vector.byteLength + ENTRY_OVERHEAD_BYTES;
  };
  return {
    limitBytes,
    get byteLength() {
      return byteLength;
    },
    get(key) {
      const found = entries.get(key);
      if (found) {
        entries.delete(key);
        entries.set(key, found);
      }
      return found;
    },
    has: (key) => entries.has(key),
    set(key, remembered) {
      const known = entries.get(key);
      if (known) forget(key, known);
      entries.set(key, remembered);
      byteLength += remembered.vector.byteLength + ENTRY_OVERHEAD_BYTES;
      for (const [oldest, vector] of entries) {
        if (byteLength <= limitBytes) break;
        forget(oldest, vector);
      }
    },
    clear() {
      entries.clear();
      byteLength = 0;
    },
  };
}
