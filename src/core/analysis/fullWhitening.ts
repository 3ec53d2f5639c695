import { parseTransformSpec, type SingleSpec, type TransformSpec } from '../transform/spec';

/**
 * All variances of the rows that it is fitted on come out equal (or 0): the eigenvectors of the result are arbitrary, and so is
 * what is measured along them.
 * @param specText as a fitted transform has it; one that is no specification (a trained head) is no whitening
 */
export function isFullWhitening(specText: string): boolean {
  const spec = readSpec(specText);
  if (spec === null) return false;
  const parts: readonly SingleSpec[] = spec.kind === 'composition' ? spec.parts : [spec];
  // Whitened rows are centred: centring them again changes nothing.
  const last = parts.findLast(({ kind }) => kind !== 'center');
  return (
    last?.kind === 'whitening' && last.gamma === 1 && last.beta === 1 && last.eps === 0 && last.shrinkage === 'none'
  );
}

function readSpec(text: string): TransformSpec | null {
  try {
    return parseTransformSpec(text);
  } catch {
    return null;
  }
}
