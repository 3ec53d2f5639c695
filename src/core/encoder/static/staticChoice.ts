import path from 'node:path';
import type { EncoderChoice } from '../../protocol/engineProtocol';
import { IsoscopeError } from '../../protocol/errors';

/** Ways from the vectors of a sentence's words to its own. `sif-weights` is `sif` without the removal of the common component. */
export const wordPoolings = ['mean', 'sif', 'sif-weights', 'max'] as const;
export type WordPooling = (typeof wordPoolings)[number];

/** Of a Model2Vec folder: its rows are weighted already, and its token ids do not tell frequencies. */
export const tokenRowPoolings = ['mean', 'max'] as const satisfies readonly WordPooling[];

/**
 * Refuses settings that speak of a transformer.
 * @returns the pooling that was asked for, else the mean
 * @throws IsoscopeError `usage`
 */
export function readStaticChoice<T extends WordPooling>(choice: EncoderChoice, offered: readonly T[]): T | 'mean' {
  const { encoder, layer, pooling = 'mean', variant } = choice;
  const name = path.basename(encoder);
  if (layer !== undefined && layer !== 'last') {
    throw new IsoscopeError('usage', `${name} holds static vectors, which have no layers: leave --layer ${layer} out.`);
  }
  if (variant !== undefined) {
    throw new IsoscopeError('usage', `${name} holds static vectors and no ONNX files: leave --variant ${variant} out.`);
  }
  const found = offered.find((candidate) => candidate === pooling);
  if (found !== undefined) return found;
  throw new IsoscopeError(
    'usage',
    `${name} holds static vectors, which can be pooled with ${offered.join(', ')}, not "${pooling}".`,
  );
}
