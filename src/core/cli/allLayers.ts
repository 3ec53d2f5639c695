import type { Encoder, EncoderFamily, FamilyMember } from '../encoder/encoder';
import { exploreRemembering, type VectorStore } from '../encoder/rememberVectors';
import { IsoscopeError } from '../protocol/errors';
import type { CommandIo } from './commandIo';

/**
 * Encodes sentences for all layers of a model, 0 (embedding output) to L, in one pass, into the store.
 * @param encoder of the last layer, in the pooling that is wanted
 * @returns L
 * @throws IsoscopeError `usage` for a pooling that names its own layers, or an encoder without layers; `encoder` where they cannot be told; AbortError
 */
export async function encodeLayersInto(
  store: VectorStore,
  encoder: Encoder,
  sentences: readonly string[],
  { signal, onProgress }: Pick<CommandIo, 'signal' | 'onProgress'>,
): Promise<number> {
  const { family, members } = layersOf(encoder);
  await exploreRemembering({ ...encoder, family }, members, sentences, store, {
    signal,
    onProgress: (done, total) => {
      onProgress({ stage: 'encoding', done, total });
    },
  });
  return members.length - 1;
}

/** @throws IsoscopeError as `encodeLayersInto` */
export function layersOf({ family, offer, summary: { pooling, id } }: Encoder): {
  readonly family: EncoderFamily;
  readonly members: readonly FamilyMember[];
} {
  if (pooling === 'pooler' || pooling === 'first-last' || pooling === 'last-2') {
    throw new IsoscopeError('usage', `--layer all needs a pooling of one layer: ${pooling} names its own.`);
  }
  if (!family) throw new IsoscopeError('usage', `${id} has no layers to choose from: leave out --layer all.`);
  if (offer?.layerCount == null) {
    throw new IsoscopeError(
      'encoder',
      `The inner layers of ${id} cannot be told with certainty, and so not all of them either: use --layer last.`,
    );
  }
  // Block L is the last member, and is called so.
  return { family, members: family.members.filter((member) => member.pooling === pooling) };
}
