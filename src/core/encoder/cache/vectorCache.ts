import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { CacheStatus } from '../../protocol/engineProtocol';
import { failureMessage } from '../../protocol/errors';
import { listSegments, removeLeastRecentlyUsed } from './cacheFiles';
import { openCacheSpace, type CacheSpace } from './cacheSpace';
import { countEntries, readHeader, withFile } from './segmentFile';
import {
  BLOCK_HEADER_BYTES,
  type CachedVector,
  HEADER_BYTES,
  KEY_BYTES,
  type KeyedVector,
  MAX_DIMENSION,
  TABLE_ENTRY_BYTES,
} from './segmentFormat';
import { SEGMENT_NAME } from './segmentWriter';

/**
 * Vectors on disk, shared by all processes that name the same folder. It is a help and never a hindrance: nothing here throws; a folder that cannot be read or written
 * is as good as none, which is said once. Keys are `cacheKey`s.
 */
export interface VectorCache {
  /** as given */
  readonly folder: string;
  readonly limitBytes: number;
  /** whether each of the keys is there */
  has(identity: string, dimension: number, keys: readonly string[]): Promise<boolean[]>;
  /** in the order of the keys; `undefined` for those that are not there, or damaged */
  read(identity: string, dimension: number, keys: readonly string[]): Promise<(CachedVector | undefined)[]>;
  /** Takes the vectors, which must not change any more; they are on disk after the next `flush`, or when enough have come together. */
  write(identity: string, entries: readonly KeyedVector[]): Promise<void>;
  flush(): Promise<void>;
  /** of the vectors that are held for an encoder; `null` when there are none */
  dimensionOf(identity: string): Promise<number | null>;
  status(): Promise<CacheStatus>;
  /** Removes all vectors, those of other processes too. */
  clear(): Promise<void>;
}

export interface VectorCacheOptions {
  /** made when the first vector is written */
  readonly folder: string;
  /** of all files together; kept after every write */
  readonly limitBytes: number;
  /** receives a sentence, once, when the folder cannot be used */
  readonly log: (line: string) => void;
}

/** The format's version is part of the place: another one neither reads nor disturbs these files. */
const FORMAT_FOLDER = 'vectors-1';
/** Vectors go to disk when so many of an encoder have come together, or after so long: what a kill may cost. */
const HELD_BYTES = 2 ** 18;
const HELD_MS = 200;
/** What an entry takes in a file beside its numbers, at most: where it is alone in its segment. */
const ENTRY_OVERHEAD_BYTES = HEADER_BYTES + BLOCK_HEADER_BYTES + TABLE_ENTRY_BYTES;
const LARGEST_SEGMENT_BYTES = 2 ** 24;
const SMALLEST_SEGMENT_BYTES = 2 ** 14;
/** Entries of all indices together (120 bytes each): those of encoders used longest ago are read anew when they are needed. */
const INDEXED_ENTRIES = 400_000;

/** Key of a sentence: exact (UTF-16), and of one size however long it is. */
export function cacheKey(identity: string, sentence: string): string {
  const hash = createHash('sha256').update(identity).update('\0').update(sentence, 'utf16le');
  return hash.digest().toString('latin1', 0, KEY_BYTES);
}

export function createVectorCache(options: VectorCacheOptions): VectorCache {
  return new DiskCache(options);
}

class DiskCache implements VectorCache {
  readonly folder: string;
  readonly limitBytes: number;
  readonly #log: (line: string) => void;
  readonly #root: string;
  /** the least recently used first */
  readonly #spaces = new Map<string, CacheSpace>();
  readonly #held = new Map<string, KeyedVector[]>();
  #heldBytes = 0;
  #heldSince = Infinity;
  /** upper bound of the files' size as far as this process knows */
  #knownBytes = Infinity;
  /** since the files of other processes were counted */
  #writtenBytes = 0;
  #isWritable = true;
  #last: Promise<unknown> = Promise.resolve();

  constructor({ folder, limitBytes, log }: VectorCacheOptions) {
    this.folder = folder;
    this.limitBytes = limitBytes;
    this.#log = log;
    this.#root = path.join(folder, FORMAT_FOLDER);
  }

  has(identity: string, dimension: number, keys: readonly string[]): Promise<boolean[]> {
    return this.#inTurn(async () => {
      const space = await this.#openFresh(identity, dimension);
      return keys.map((key) => space?.has(key) === true);
    });
  }

  read(identity: string, dimension: number, keys: readonly string[]): Promise<(CachedVector | undefined)[]> {
    return this.#inTurn(async () => {
      const space = await this.#openFresh(identity, dimension);
      return space === null ? keys.map(() => undefined) : space.read(keys);
    });
  }

  async write(identity: string, entries: readonly KeyedVector[]): Promise<void> {
    if (!this.#isWritable || entries.length === 0 || this.limitBytes <= 0) return;
    const held = this.#held.get(identity) ?? [];
    this.#held.set(identity, held);
    for (const entry of entries) {
      held.push(entry);
      this.#heldBytes += entry.vector.byteLength;
    }
    this.#heldSince = Math.min(this.#heldSince, performance.now());
    const isMuch = this.#heldBytes > HELD_BYTES * this.#held.size;
    if (isMuch || performance.now() - this.#heldSince > HELD_MS) await this.flush();
  }

  flush(): Promise<void> {
    return this.#inTurn(() => this.#writeHeld());
  }

  dimensionOf(identity: string): Promise<number | null> {
    return this.#inTurn(async () => {
      const hash = hashIdentity(identity);
      const known = this.#spaces.get(hash.toString('hex'));
      if (known !== undefined && known.entryCount > 0) return known.dimension;
      const folder = this.#folderOf(hash);
      const names = await readdir(folder).catch(() => []);
      for (const name of names.filter((file) => SEGMENT_NAME.test(file))) {
        const dimension = await withFile(path.join(folder, name), 'r', (file) => readHeader(file, hash)).catch(
          () => null,
        );
        if (dimension != null) return dimension;
      }
      return null;
    });
  }

  status(): Promise<CacheStatus> {
    return this.#inTurn(async () => {
      await this.#writeHeld();
      let byteLength = 0;
      let entryCount = 0;
      for (const file of await listSegments(this.#root)) {
        const identity = Buffer.from(path.basename(path.dirname(file.path)), 'hex');
        byteLength += file.byteLength;
        entryCount +=
          (await withFile(file.path, 'r', async (handle) => {
            const dimension = await readHeader(handle, identity);
            return dimension == null ? 0 : countEntries(handle, dimension);
          }).catch(() => 0)) ?? 0;
      }
      return { folder: this.folder, byteLength, entryCount, limitBytes: this.limitBytes };
    });
  }

  clear(): Promise<void> {
    return this.#inTurn(async () => {
      this.#dropHeld();
      await removeLeastRecentlyUsed(this.#root, 0);
      for (const space of this.#spaces.values()) space.forget();
      this.#spaces.clear();
      this.#knownBytes = Infinity;
      // There may be room now.
      this.#isWritable = true;
    });
  }

  /** Reads and writes take turns: a space is never read while it is joined or cleared by this process. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }

  /** With what other processes have added since. */
  async #openFresh(identity: string, dimension: number): Promise<CacheSpace | null> {
    const space = await this.#open(identity, dimension);
    await space?.refresh();
    return space;
  }

  /** The vectors of an encoder; `null` for a dimension that no cache can hold. */
  async #open(identity: string, dimension: number): Promise<CacheSpace | null> {
    if (!(dimension >= 1 && dimension <= MAX_DIMENSION)) return null;
    const hash = hashIdentity(identity);
    const name = hash.toString('hex');
    let space = this.#spaces.get(name);
    if (space?.dimension !== dimension) {
      space = await openCacheSpace({
        folder: this.#folderOf(hash),
        identity: hash,
        dimension,
        segmentBytes: this.#segmentBytes(),
        isWritable: () => this.#isWritable,
      });
    }
    this.#spaces.delete(name);
    this.#spaces.set(name, space);
    this.#boundIndices();
    return space;
  }

  async #writeHeld(): Promise<void> {
    const batches = [...this.#held];
    this.#dropHeld();
    try {
      for (const [identity, entries] of batches) {
        const space = await this.#open(identity, entries[0].vector.length);
        await space?.write(entries);
        const bytes = entries.reduce((sum, { vector }) => sum + vector.byteLength + ENTRY_OVERHEAD_BYTES, 0);
        this.#knownBytes += bytes;
        this.#writtenBytes += bytes;
      }
    } catch (error) {
      this.#isWritable = false;
      this.#dropHeld();
      this.#log(
        `The cache of vectors in ${this.folder} cannot be written (${failureMessage(error)}): vectors are made anew in each session until it can.`,
      );
    }
    if (batches.length > 0) await this.#keepLimit();
  }

  async #keepLimit(): Promise<void> {
    if (this.#knownBytes <= this.limitBytes && this.#writtenBytes < this.limitBytes / 32) return;
    const total = (await listSegments(this.#root)).reduce((sum, { byteLength }) => sum + byteLength, 0);
    const isTooLarge = total > this.limitBytes;
    // Some room to spare, so that this is not done after every write.
    this.#knownBytes = isTooLarge ? await removeLeastRecentlyUsed(this.#root, 0.95 * this.limitBytes) : total;
    this.#writtenBytes = 0;
  }

  #dropHeld(): void {
    this.#held.clear();
    this.#heldBytes = 0;
    this.#heldSince = Infinity;
  }

  #boundIndices(): void {
    let total = [...this.#spaces.values()].reduce((sum, { entryCount }) => sum + entryCount, 0);
    for (const [name, { entryCount }] of [...this.#spaces].slice(0, -1)) {
      if (total <= INDEXED_ENTRIES) break;
      this.#spaces.delete(name);
      total -= entryCount;
    }
  }

  /** Small enough that what goes first is a small part. */
  #segmentBytes(): number {
    return Math.min(LARGEST_SEGMENT_BYTES, Math.max(SMALLEST_SEGMENT_BYTES, Math.floor(this.limitBytes / 16)));
  }

  #folderOf(hash: Buffer): string {
    return path.join(this.#root, hash.toString('hex'));
  }
}

function hashIdentity(identity: string): Buffer {
  return createHash('sha256').update(identity).digest();
}
