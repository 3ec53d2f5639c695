import { cacheKey, type VectorCache } from './cache/vectorCache';
import type { EncodedBatch, EncodedSentences, EncodeOptions, Encoder, EncoderFamily, FamilyMember } from './encoder';
import type { RememberedVector, VectorMemory } from './vectorMemory';

/** Where vectors are kept: in memory first, on disk for the next session. */
export interface VectorStore {
  readonly memory: VectorMemory;
  /** `null` where nothing is kept on disk */
  readonly cache: VectorCache | null;
}

/** Sentences asked of the disk at once: bounds the memory, and a cancel is heard between them. */
const READ_AT_ONCE = 2000;

/**
 * Encodes only the sentences that the store does not hold for this encoder, and keeps them as they come: what a cancelled or killed call has encoded is not lost.
 * @returns as `encoder.encode`, with the number of distinct sentences that had to be encoded
 * @throws as `encoder.encode`
 */
export async function encodeRemembering(
  encoder: Encoder,
  sentences: readonly string[],
  store: VectorStore,
  options: EncodeOptions = {},
): Promise<EncodedSentences & { readonly encodedCount: number }> {
  if (!encoder.isRemembered) {
    return { ...(await encoder.encode(sentences, options)), encodedCount: new Set(sentences).size };
  }
  const { dimension } = encoder.summary;
  const data = new Float32Array(sentences.length * dimension);
  const isTruncated = new Uint8Array(sentences.length);
  const distinct = groupRows(sentences, encoder.identity);
  const fill = ({ rows }: DistinctSentence, { vector, isTruncated: wasCut }: RememberedVector) => {
    for (const row of rows) {
      data.set(vector, row * dimension);
      isTruncated[row] = Number(wasCut);
    }
  };
  const unknown = await recall(encoder, distinct, store, options.signal, fill);
  const notes = unknown.length === 0 ? undefined : await encodeUnknown(encoder, unknown, store, options, fill);
  return {
    vectors: { data, rows: sentences.length, columns: dimension },
    truncatedRows: Uint32Array.from(isTruncated.keys()).filter((row) => isTruncated[row] === 1),
    encodedCount: unknown.length,
    ...(notes && { notes }),
  };
}

interface DistinctSentence {
  readonly sentence: string;
  readonly key: string;
  readonly rows: number[];
}

function groupRows(sentences: readonly string[], identity: string): DistinctSentence[] {
  const distinct = new Map<string, DistinctSentence>();
  sentences.forEach((sentence, row) => {
    const known = distinct.get(sentence);
    if (known) known.rows.push(row);
    else distinct.set(sentence, { sentence, key: cacheKey(identity, sentence), rows: [row] });
  });
  return [...distinct.values()];
}

/** Fills in what the store holds, and returns the others. */
async function recall(
  { identity, summary: { dimension } }: Encoder,
  distinct: readonly DistinctSentence[],
  { memory, cache }: VectorStore,
  signal: AbortSignal | undefined,
  fill: (item: DistinctSentence, vector: RememberedVector) => void,
): Promise<DistinctSentence[]> {
  const absent: DistinctSentence[] = [];
  for (const item of distinct) {
    const found = memory.get(item.key);
    if (found?.vector.length === dimension) fill(item, found);
    else absent.push(item);
  }
  if (cache === null) return absent;
  const unknown: DistinctSentence[] = [];
  for (let start = 0; start < absent.length; start += READ_AT_ONCE) {
    signal?.throwIfAborted();
    const some = absent.slice(start, start + READ_AT_ONCE);
    const found = await cache.read(
      identity,
      dimension,
      some.map(({ key }) => key),
    );
    some.forEach((item, i) => {
      const vector = found[i];
      if (vector === undefined) unknown.push(item);
      else {
        fill(item, vector);
        memory.set(item.key, vector);
      }
    });
  }
  return unknown;
}

async function encodeUnknown(
  encoder: Encoder,
  unknown: readonly DistinctSentence[],
  store: VectorStore,
  options: EncodeOptions,
  fill: (item: DistinctSentence, vector: RememberedVector) => void,
): Promise<EncodedSentences['notes']> {
  const isKept = new Uint8Array(unknown.length);
  const keep = async (batch: EncodedBatch) => {
    batch.rows.forEach((row) => (isKept[row] = 1));
    await remember(store, encoder.identity, unknown, batch, fill);
  };
  try {
    const { vectors, truncatedRows, notes } = await encoder.encode(
      unknown.map(({ sentence }) => sentence),
      { ...options, onBatch: keep },
    );
    const truncated = new Set(truncatedRows);
    const rest = Array.from(unknown.keys()).filter((i) => isKept[i] === 0);
    const { columns } = vectors;
    await keep({
      rows: rest,
      vectors: rest.map((i) => vectors.data.subarray(i * columns, (i + 1) * columns)),
      isTruncated: rest.map((i) => truncated.has(i)),
    });
    return notes;
  } finally {
    await store.cache?.flush();
  }
}

/** Puts vectors into both levels of the store, in memory of their own. */
async function remember(
  { memory, cache }: VectorStore,
  identity: string,
  sentences: readonly { readonly key: string }[],
  batch: EncodedBatch,
  fill?: (item: DistinctSentence, vector: RememberedVector) => void,
): Promise<void> {
  const entries = batch.rows.map((row, i) => ({
    key: sentences[row].key,
    vector: batch.vectors[i].slice(),
    isTruncated: batch.isTruncated[i],
  }));
  entries.forEach((entry, i) => {
    fill?.(sentences[batch.rows[i]] as DistinctSentence, entry);
    memory.set(entry.key, entry);
  });
  await cache?.write(identity, entries);
}

/**
 * One pass that makes the vectors of several layers and poolings and keeps all of them: afterwards each of them is there without encoding.
 * @returns the number of distinct sentences that had to be encoded
 * @throws as `encoder.encode`; what a cancelled call has encoded is not lost
 */
export async function exploreRemembering(
  encoder: Encoder & { readonly family: EncoderFamily },
  members: readonly FamilyMember[],
  sentences: readonly string[],
  store: VectorStore,
  options: Pick<EncodeOptions, 'signal' | 'onProgress'> = {},
): Promise<number> {
  const distinct = [...new Set(sentences)];
  const isUnknown = new Uint8Array(distinct.length);
  const wanted: FamilyMember[] = [];
  for (const member of members) {
    options.signal?.throwIfAborted();
    const held = await areHeld(store, member.identity, encoder.summary.dimension, distinct);
    if (held.every(Boolean)) continue;
    wanted.push(member);
    held.forEach((isHeld, i) => (isUnknown[i] |= Number(!isHeld)));
  }
  const unknown = distinct.filter((_, i) => isUnknown[i] === 1);
  if (unknown.length === 0) return 0;
  const keys = new Map(
    wanted.map(({ identity }) => [identity, unknown.map((sentence) => ({ key: cacheKey(identity, sentence) }))]),
  );
  try {
    await encoder.family.encode(unknown, wanted, {
      ...options,
      onBatch: ({ identity }, batch) => remember(store, identity, keys.get(identity) ?? [], batch),
    });
  } finally {
    await store.cache?.flush();
  }
  return unknown.length;
}

/** @param dimension of most members; those with another one are asked of the memory alone */
async function areHeld(
  { memory, cache }: VectorStore,
  identity: string,
  dimension: number,
  sentences: readonly string[],
): Promise<boolean[]> {
  const keys = sentences.map((sentence) => cacheKey(identity, sentence));
  const isHeld = keys.map((key) => memory.has(key));
  if (cache === null || isHeld.every(Boolean)) return isHeld;
  const onDisk = await cache.has(identity, (await cache.dimensionOf(identity)) ?? dimension, keys);
  return keys.map((_, i) => isHeld[i] || onDisk[i]);
}
