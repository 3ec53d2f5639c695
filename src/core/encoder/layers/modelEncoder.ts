import type { EncoderChoice } from '../../protocol/engineProtocol';
import type { Runtime } from '../../runtime/runtime';
import { encodeBatches, probeDimension } from '../encodeBatches';
import type { Encoder, EncoderFamily, FamilyEncodeOptions, FamilyMember } from '../encoder';
import { collectParts } from '../encoderParts';
import { modelNotes, planEncoder, type EncoderPlan } from '../encoderPlan';
import { summarizeEncoder } from '../encoderSummary';
import { encodeSentences, type EncoderParts } from '../onnxEncoder';
import { outputsOf } from '../vectorRecipe';
import type { BorrowedModel } from './modelPool';
import type { SharedModel } from './sharedModel';

export interface ModelEncoderOptions {
  /** the length of an encoder's vectors, where it is known from earlier: then the graph is loaded when a vector is to be made, and not before */
  readonly dimensionOf?: ((identity: string) => Promise<number | null>) | undefined;
}

/**
 * The encoder of a choice over a model that others may share.
 * @throws IsoscopeError `usage` for a layer or pooling that the model does not have, `encoder` when its graph does not run
 */
export async function createModelEncoder(
  choice: EncoderChoice,
  borrowed: BorrowedModel,
  runtime: Runtime,
  { dimensionOf }: ModelEncoderOptions,
): Promise<Encoder> {
  const { model } = borrowed;
  const plan = await planEncoder(choice, model.facts, runtime);
  const known = (await dimensionOf?.(plan.identity)) ?? null;
  const dimension =
    known ?? (await withParts(model, plan, outputsOf(plan.recipe), (parts) => probeDimension(parts, parts)));
  model.dropBytes();
  const summary = summarizeEncoder(model.facts.folder, plan.settings, runtime, dimension);
  const family = await readFamily(choice, model, plan, runtime);
  return {
    summary,
    identity: plan.identity,
    notes: [...plan.notes, ...modelNotes(model.facts)],
    offer: plan.offer,
    isRemembered: true,
    ...(family && { family }),
    encode: (sentences, options = {}) =>
      withParts(model, plan, outputsOf(plan.recipe), (parts) => encodeSentences(parts, dimension, sentences, options)),
    dispose: () => borrowed.release(),
  };
}

function withParts<T>(
  model: SharedModel,
  plan: EncoderPlan,
  outputs: readonly string[],
  use: (parts: EncoderParts) => Promise<T>,
): Promise<T> {
  const { folder, graph } = model.facts;
  return model.withSession(outputs, (session) =>
    use(collectParts(folder, graph, plan, session, model.tokenizer(plan.settings.maxTokens))),
  );
}

type PlannedMember = FamilyMember & { readonly plan: EncoderPlan };

/** All layers and poolings on offer; `undefined` where there is one only. */
async function readFamily(
  choice: EncoderChoice,
  model: SharedModel,
  { offer }: EncoderPlan,
  runtime: Runtime,
): Promise<EncoderFamily | undefined> {
  if (offer.poolings.length === 0) return undefined;
  const inner = Array.from({ length: offer.layerCount ?? 0 }, (_, layer) => layer);
  const members: PlannedMember[] = [];
  for (const pooling of offer.poolings) {
    const isOfLast = pooling === 'pooler' || pooling === 'first-last' || pooling === 'last-2';
    for (const layer of isOfLast ? (['last'] as const) : ([...inner, 'last'] as const)) {
      const plan = await planEncoder({ ...choice, layer, pooling }, model.facts, runtime);
      members.push({ layer, pooling, identity: plan.identity, plan });
    }
  }
  return {
    members,
    encode: (sentences, wanted, options) =>
      encodeMembers(model, wanted as readonly PlannedMember[], sentences, options),
  };
}

async function encodeMembers(
  model: SharedModel,
  members: readonly PlannedMember[],
  sentences: readonly string[],
  { onBatch, ...options }: FamilyEncodeOptions,
): Promise<void> {
  if (members.length === 0) return;
  const plans = members.map(({ plan }) => plan);
  const outputs = [...new Set(plans.flatMap(({ recipe }) => outputsOf(recipe)))];
  const makers = plans.map(({ recipe, settings: { head, isNormalized } }) => ({ recipe, head, isNormalized }));
  // Prefix and length are those of the choice, the same for all.
  await withParts(model, plans[0], outputs, (parts) =>
    encodeBatches(
      parts,
      makers,
      sentences,
      options,
      async ({ sentences: batch, vectors }, { firstRows, isTruncated }) => {
        const rows = batch.map((sentence) => firstRows[sentence]);
        const truncated = batch.map((sentence) => isTruncated[sentence]);
        for (const [i, member] of members.entries()) {
          const made = vectors[i].map((vector) => Float32Array.from(vector));
          await onBatch(member, { rows, vectors: made, isTruncated: truncated });
        }
      },
    ),
  );
}
