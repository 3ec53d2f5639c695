import type { EncodedSentences, EncodeOptions, Encoder } from '../encoder';
import { encodeRemembering, exploreRemembering, type VectorStore } from '../rememberVectors';
import { chooseMembers } from './exploredMembers';

/** Share of the memory of vectors that one exploration may fill. */
const EXPLORED_SHARE = 0.9;

/**
 * As `encodeRemembering`; what has to be encoded is encoded for other layers and poolings of the model as well, so that they are there afterwards: all of them, or as many
 * as the memory takes.
 * @throws as `Encoder.encode`
 */
export async function encodeExploring(
  encoder: Encoder,
  sentences: readonly string[],
  store: VectorStore,
  options: Pick<EncodeOptions, 'signal' | 'onProgress'> = {},
): Promise<EncodedSentences & { readonly encodedCount: number }> {
  const { family, identity, summary } = encoder;
  if (!family || !encoder.isRemembered) return encodeRemembering(encoder, sentences, store, options);
  const members = chooseMembers(family.members, {
    identity,
    pooling: summary.pooling,
    count: new Set(sentences).size,
    dimension: summary.dimension,
    budgetBytes: EXPLORED_SHARE * store.memory.limitBytes,
  });
  const explored = await exploreRemembering({ ...encoder, family }, members, sentences, store, options);
  const encoded = await encodeRemembering(encoder, sentences, store, options);
  return { ...encoded, encodedCount: Math.max(explored, encoded.encodedCount) };
}
