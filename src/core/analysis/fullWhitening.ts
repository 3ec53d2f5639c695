import type { SingleSpec, TransformSpec } from '../transform/spec';

/**
 * All variances of the rows that it is fitted on come out equal (or 0): the eigenvectors of the result are arbitrary, and so is
 * what is measured along them.
 */
export function isFullWhitening(spec: TransformSpec): boolean {
  const parts: readonly SingleSpec[] = spec.kind === 'composition' ? spec.parts : [spec];
  // Whitened rows are centred: centring them again changes nothing.
  const last = parts.findLast(({ kind }) => kind !== 'center');
  return (
    last?.kind === 'whitening' && last.gamma === 1 && last.beta === 1 && last.eps === 0 && last.shrinkage === 'none'
  );
}
