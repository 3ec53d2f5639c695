/**
 * A vocabulary as three flat arrays: found by the bytes of a word, written to a file and read back as it stands. A Map of two million words takes a second to build
 * and 250 MB; this takes the time of reading 60 MB.
 */
export interface WordIndex {
  readonly count: number;
  /** UTF-8 of all words, one after the other */
  readonly text: Uint8Array;
  /** word i is `text[starts[i]]` … `text[starts[i + 1] − 1]`; length count + 1 */
  readonly starts: Uint32Array;
  /** open addressing with linear probing: 0 for a free slot, else a word's number + 1; the length is a power of two */
  readonly slots: Uint32Array;
}

export interface WordIndexBuilder {
  readonly count: number;
  /** Adds `bytes[start]` … `bytes[end − 1]`. @returns false when that word is there already */
  add(bytes: Uint8Array, start: number, end: number): boolean;
  /** the arrays cut to size; the builder is not to be used afterwards */
  finish(): WordIndex;
}

/** Number of a word, or −1. */
export function findWord(index: WordIndex, word: Uint8Array): number {
  return index.slots[findSlot(index, word, 0, word.length)] - 1;
}

export function wordAt({ text, starts }: WordIndex, number: number): string {
  return Buffer.from(text.buffer, text.byteOffset + starts[number], starts[number + 1] - starts[number]).toString(
    'utf8',
  );
}

export function createWordIndexBuilder(): WordIndexBuilder {
  let count = 0;
  let text = new Uint8Array(2 ** 16);
  let starts = new Uint32Array(2 ** 12);
  let slots = new Uint32Array(2 ** 13);

  function widenSlots(): void {
    slots = new Uint32Array(slots.length * 2);
    const index = { text, starts, slots };
    for (let i = 0; i < count; i++) slots[findSlot(index, text, starts[i], starts[i + 1])] = i + 1;
  }

  return {
    get count() {
      return count;
    },
    add(bytes, start, end) {
      const slot = findSlot({ text, starts, slots }, bytes, start, end);
      if (slots[slot] !== 0) return false;
      const from = starts[count];
      const to = from + end - start;
      if (to > text.length) {
        const longer = new Uint8Array(Math.max(to, text.length * 2));
        longer.set(text);
        text = longer;
      }
      if (count + 2 > starts.length) {
        const longer = new Uint32Array(starts.length * 2);
        longer.set(starts);
        starts = longer;
      }
      text.set(bytes.subarray(start, end), from);
      count++;
      starts[count] = to;
      slots[slot] = count;
      // Half full at most: a word that is not there is told after two looks on average.
      if (count * 2 > slots.length) widenSlots();
      return true;
    },
    finish: () => ({ count, text: text.subarray(0, starts[count]), starts: starts.subarray(0, count + 1), slots }),
  };
}

/** The slot of a word, or the free slot where it would be put. */
function findSlot(
  { text, starts, slots }: Pick<WordIndex, 'text' | 'starts' | 'slots'>,
  bytes: Uint8Array,
  start: number,
  end: number,
): number {
  const mask = slots.length - 1;
  for (let slot = hashBytes(bytes, start, end) & mask; ; slot = (slot + 1) & mask) {
    const number = slots[slot] - 1;
    if (number < 0) return slot;
    const from = starts[number];
    if (starts[number + 1] - from === end - start && isEqual(text, from, bytes, start, end)) return slot;
  }
}

function isEqual(text: Uint8Array, from: number, bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start, j = from; i < end; i++, j++) if (bytes[i] !== text[j]) return false;
  return true;
}

/** FNV-1a, with MurmurHash3's finaliser so that the low bits depend on all others. */
function hashBytes(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i], 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
