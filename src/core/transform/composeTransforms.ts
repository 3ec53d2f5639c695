import { IsoscopeError } from '../protocol/errors';
import { partsOf, type SingleTransform, type Transform } from './transform';

/**
 * One transform that applies `transforms` in order. Flat whatever the nesting, so composing is associative to the bit;
 * parts that do nothing vanish. `fittedOn` is that of the first part that was fitted; each part keeps its own.
 * @param transforms at least one
 * @throws IsoscopeError `input` when the dimensions do not follow one another
 */
export function composeTransforms(...transforms: readonly [Transform, ...Transform[]]): Transform {
  const all = transforms.flatMap(partsOf);
  let before = all[0];
  for (const part of all.slice(1)) {
    if (part.inputDimension !== before.outputDimension) {
      throw new IsoscopeError(
        'input',
        `"${part.spec}" takes vectors of ${String(part.inputDimension)} dimensions but "${before.spec}" before it gives ` +
          `${String(before.outputDimension)}: fit the second on the output of the first.`,
      );
    }
    before = part;
  }
  const parts = all.filter((part) => part.kind !== 'identity');
  if (parts.length === 0) return all[0];
  if (parts.length === 1) return parts[0];
  return compositionOf(parts);
}

function compositionOf(parts: readonly SingleTransform[]): Transform {
  return {
    kind: 'composition',
    spec: parts.map((part) => part.spec).join('+'),
    inputDimension: parts[0].inputDimension,
    outputDimension: parts[parts.length - 1].outputDimension,
    fittedOn: parts.find((part) => part.fittedOn !== null)?.fittedOn ?? null,
    parts,
  };
}
