import type { EncoderChoice } from '../protocol/engineProtocol';
import { IsoscopeError } from '../protocol/errors';
import type { Note } from '../protocol/snapshot';
import type { FolderFacts } from './encoderPlan';
import { poolings, type Pooling } from './pooling';
import { isPooling } from './sentenceModules';
import type { GraphOutputs } from './vectorRecipe';

/** How vectors are pooled, and whether that is the folder's own way: then its Dense layers and its normalisation belong to it. */
export interface PoolingChoice {
  /** `null`: the graph has pooled already */
  readonly pooling: Pooling | null;
  readonly isOwn: boolean;
  readonly notes: readonly Note[];
}

/**
 * The pooling that is asked for, else what the folder says, else the mean.
 * @param isLastLayer whether the layer is the last one, of which the folder speaks
 * @throws IsoscopeError `usage` for an unknown name, or where the folder joins several and none is chosen
 */
export function choosePooling(
  choice: EncoderChoice,
  { modules, path }: FolderFacts,
  outputs: GraphOutputs,
  isLastLayer: boolean,
): PoolingChoice {
  const own = modules.pooling ?? (modules.namedPoolings.length === 0 ? 'mean' : null);
  if (choice.pooling !== undefined)
    return checkPooling(choice.pooling, own, modules.isSentenceTransformer, isLastLayer);
  if (outputs.lastLayer === null && isLastLayer) return { pooling: null, isOwn: true, notes: [] };
  if (own !== null) return { pooling: own, isOwn: isLastLayer, notes: [] };
  throw new IsoscopeError(
    'usage',
    `${path} joins several poolings (${modules.namedPoolings.join(', ')}), which Isoscope does not do: choose one of them with --pooling.`,
  );
}

function checkPooling(wanted: string, own: Pooling | null, isNamed: boolean, isLastLayer: boolean): PoolingChoice {
  if (!isPooling(wanted)) {
    const problem = wanted.startsWith('sif')
      ? `The pooling "${wanted}" is for files of word vectors, not for a model`
      : `There is no pooling "${wanted}"`;
    throw new IsoscopeError('usage', `${problem}: choose one of ${poolings.join(', ')}.`);
  }
  const isOwn = isLastLayer && wanted === own;
  // Wrong pooling is the most common silent error of the field.
  if (isOwn || !isNamed || own === null || !isLastLayer) return { pooling: wanted, isOwn, notes: [] };
  const message = `The model folder says pooling ${own}; the vectors here are pooled with ${wanted}, which the model was not trained for.`;
  return { pooling: wanted, isOwn, notes: [{ code: 'other-pooling', message }] };
}
