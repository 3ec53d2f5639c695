import type { EncoderSummary } from '../protocol/snapshot';
import type { Runtime } from '../runtime/runtime';
import type { EncoderPlan } from './encoderPlan';

/**
 * What a snapshot says of an encoder.
 * @param folder its name and the digest of its graph: a function that keeps the whole folder would keep the bytes of the graph alive
 */
export function summarizeEncoder(
  folder: { readonly id: string; readonly graph: { readonly sha256: string } },
  { layer, pooling, isNormalized, maxTokens }: EncoderPlan['settings'],
  { backend, threads }: Runtime,
  dimension: number,
): EncoderSummary {
  const { id, graph } = folder;
  return {
    id,
    sha256: graph.sha256,
    dimension,
    layer,
    pooling,
    normalized: isNormalized,
    maxTokens,
    backend,
    threads,
  };
}
