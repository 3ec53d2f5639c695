import { readdir, rm, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import { readHeader, readVectors, scanSegment, withFile } from './segmentFile';
import type { CachedVector, EntryPlace, KeyedVector } from './segmentFormat';
import { createSegmentWriter, SEGMENT_NAME } from './segmentWriter';

/** The vectors of one encoder on disk, with an index of them in memory. */
export interface CacheSpace {
  readonly dimension: number;
  readonly entryCount: number;
  /** Takes in what other processes have written or removed. */
  refresh(): Promise<void>;
  has(key: string): boolean;
  /** In the order of the keys; `undefined` for those that are not there, or not whole. */
  read(keys: readonly string[]): Promise<(CachedVector | undefined)[]>;
  /** Indexed by the next `refresh`. @throws when the disk is full, the folder read-only … */
  write(entries: readonly KeyedVector[]): Promise<void>;
  /** The files are gone, or about to be. */
  forget(): void;
}

interface Segment {
  readonly name: string;
  byteLength: number;
  /** where the next scan begins */
  end: number;
  isDamaged: boolean;
}

interface IndexedEntry {
  readonly segment: Segment;
  readonly place: EntryPlace;
}

/** So many small segments, each the work of an earlier process, are joined into one. */
const MANY_SMALL_SEGMENTS = 12;
const SMALL_SEGMENT_BYTES = 2 ** 18;
/** … and smaller than this share of the largest. */
const SMALL_SHARE = 1 / 8;
/** A file without a header is removed when nobody can be about to write it any more. */
const HEADER_GRACE_MS = 60_000;
/** Entries that are joined at once: bounds the memory. */
const JOINED_AT_ONCE = 1000;

export interface CacheSpaceOptions {
  readonly folder: string;
  /** sha256 of the encoder's identity, 32 bytes */
  readonly identity: Uint8Array;
  readonly dimension: number;
  readonly segmentBytes: number;
  readonly isWritable: () => boolean;
}

/** Opens the folder of one encoder: reads the tables of its segments, joins small ones, removes what is no segment of this encoder. Never throws for what is in it. */
export async function openCacheSpace(options: CacheSpaceOptions): Promise<CacheSpace> {
  const space = new DiskSpace(options);
  await space.refresh();
  if (options.isWritable()) await space.tidy();
  return space;
}

class DiskSpace implements CacheSpace {
  readonly dimension: number;
  readonly #options: CacheSpaceOptions;
  readonly #writer;
  readonly #segments = new Map<string, Segment>();
  readonly #index = new Map<string, IndexedEntry>();

  constructor(options: CacheSpaceOptions) {
    this.#options = options;
    this.dimension = options.dimension;
    this.#writer = createSegmentWriter(options.folder, options.identity, options.segmentBytes);
  }

  get entryCount(): number {
    return this.#index.size;
  }

  has(key: string): boolean {
    return this.#index.has(key);
  }

  async refresh(): Promise<void> {
    const files = await readdir(this.#options.folder).catch(() => []);
    // Names begin with their time: of two entries of one key the newer stays in the index.
    const names = new Set(files.filter((file) => SEGMENT_NAME.test(file)).sort());
    const gone = [...this.#segments.values()].filter(({ name }) => !names.has(name));
    this.#drop(new Set(gone));
    for (const name of names) await this.#scan(name);
  }

  async read(keys: readonly string[]): Promise<(CachedVector | undefined)[]> {
    const vectors = new Array<CachedVector | undefined>(keys.length).fill(undefined);
    let missing = await this.#readKnown(keys, Array.from(keys.keys()), vectors);
    // Another process has joined or removed segments: what was in them may be elsewhere now.
    if (missing.length > 0) {
      await this.refresh();
      missing = await this.#readKnown(keys, missing, vectors);
      for (const i of missing) this.#index.delete(keys[i]);
    }
    return vectors;
  }

  async write(entries: readonly KeyedVector[]): Promise<void> {
    await this.#writer.append(entries);
  }

  forget(): void {
    this.#writer.startAnew();
    this.#segments.clear();
    this.#index.clear();
  }

  /** Joins small segments, and what is whole of damaged ones, and removes them. */
  async tidy(): Promise<void> {
    const segments = [...this.#segments.values()];
    const damaged = segments.filter((segment) => segment.isDamaged);
    const smallBytes = Math.min(SMALL_SEGMENT_BYTES, SMALL_SHARE * this.#options.segmentBytes);
    const small = segments.filter((segment) => !segment.isDamaged && segment.byteLength < smallBytes);
    const joined = new Set([...damaged, ...(small.length >= MANY_SMALL_SEGMENTS ? small : [])]);
    if (joined.size === 0) return;
    const keys = [...this.#index].filter(([, { segment }]) => joined.has(segment)).map(([key]) => key);
    try {
      for (let start = 0; start < keys.length; start += JOINED_AT_ONCE) {
        const some = keys.slice(start, start + JOINED_AT_ONCE);
        const vectors = await this.read(some);
        await this.write(some.flatMap((key, i) => (vectors[i] ? { key, ...vectors[i] } : [])));
      }
    } catch {
      // No room for copies: the segments stay as they are.
      return;
    }
    // A process that is still writing one of them finds it gone and begins another.
    this.#drop(joined);
    for (const { name } of joined) await rm(this.#pathOf(name), { force: true }).catch(() => undefined);
  }

  /** Fills in what the index knows; returns the positions of what could not be read although it was known. */
  async #readKnown(
    keys: readonly string[],
    wanted: readonly number[],
    vectors: (CachedVector | undefined)[],
  ): Promise<number[]> {
    const bySegment = new Map<Segment, number[]>();
    for (const i of wanted) {
      const entry = this.#index.get(keys[i]);
      if (!entry) continue;
      const list = bySegment.get(entry.segment);
      if (list) list.push(i);
      else bySegment.set(entry.segment, [i]);
    }
    const failed: number[] = [];
    for (const [segment, positions] of bySegment) {
      const places = positions.map((i) => this.#index.get(keys[i])!.place);
      const place = this.#pathOf(segment.name);
      const found = await withFile(place, 'r', (file) => readVectors(file, places, this.dimension)).catch(() => null);
      positions.forEach((i, k) => {
        vectors[i] = found?.[k] ?? undefined;
        if (vectors[i] === undefined) failed.push(i);
      });
      // Least recently used goes first: a segment's time is that of its last use. A folder that is read-only keeps its times.
      const now = new Date();
      if (found) await utimes(place, now, now).catch(() => undefined);
    }
    return failed;
  }

  async #scan(name: string): Promise<void> {
    const known = this.#segments.get(name);
    const place = this.#pathOf(name);
    const file = await stat(place).catch(() => null);
    if (file?.isFile() !== true || known?.isDamaged || file.size === known?.byteLength) return;
    const scanned = await withFile(place, 'r', async (handle) => {
      const dimension = known ? this.dimension : await readHeader(handle, this.#options.identity);
      if (dimension !== this.dimension) return { isForeign: dimension !== undefined };
      return scanSegment(handle, known?.end ?? 0, this.dimension);
    }).catch(() => null);
    if (scanned === null) return;
    if ('isForeign' in scanned) {
      const isOld = Date.now() - file.mtimeMs > HEADER_GRACE_MS;
      if ((scanned.isForeign || isOld) && this.#options.isWritable()) {
        await rm(place, { force: true }).catch(() => undefined);
      }
      return;
    }
    const segment = known ?? { name, byteLength: 0, end: 0, isDamaged: false };
    this.#segments.set(name, segment);
    segment.byteLength = file.size;
    segment.end = scanned.end;
    segment.isDamaged = scanned.isDamaged;
    for (const entry of scanned.entries) this.#index.set(entry.key, { segment, place: entry });
  }

  #drop(segments: ReadonlySet<Segment>): void {
    if (segments.size === 0) return;
    for (const { name } of segments) this.#segments.delete(name);
    for (const [key, { segment }] of this.#index) if (segments.has(segment)) this.#index.delete(key);
  }

  #pathOf(name: string): string {
    return path.join(this.#options.folder, name);
  }
}
