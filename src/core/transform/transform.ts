import type { Matrix64 } from '../linalg/matrix';
import { IsoscopeError } from '../protocol/errors';
import type { FittedOn } from '../protocol/snapshot';

/**
 * A fitted transform: plain data, one meaning, no hidden state. Row-vector convention, rows x of `inputDimension` numbers
 * become rows y of `outputDimension` numbers (`applyTransform`). To add a kind: a member here, and the compiler leads to
 * the places that must know it.
 */
export type Transform = SingleTransform | CompositionTransform;

export type SingleTransform =
  | IdentityTransform
  | CenterTransform
  | ScaleTransform
  | RemoveDirectionsTransform
  | AffineTransform
  | TruncateTransform
  | UnitLengthTransform;

interface TransformBase {
  /** canonical specification, e.g. "pca:k=128" */
  readonly spec: string;
  readonly inputDimension: number;
  readonly outputDimension: number;
  /** `null` where nothing is learnt from rows (none, l2, truncate, random) */
  readonly fittedOn: FittedOn | null;
}

/** y = x */
export interface IdentityTransform extends TransformBase {
  readonly kind: 'identity';
}

/** y = x − mean */
export interface CenterTransform extends TransformBase {
  readonly kind: 'center';
  /** shape [d] */
  readonly mean: Float64Array;
}

/** y = (x − mean) ∘ factors */
export interface ScaleTransform extends TransformBase {
  readonly kind: 'scale';
  /** shape [d] */
  readonly mean: Float64Array;
  /** 1/sd (divisor N − 1), 0 for dead dimensions; shape [d] */
  readonly factors: Float64Array;
}

/** y = c − (c Dᵀ) D, c = x − mean */
export interface RemoveDirectionsTransform extends TransformBase {
  readonly kind: 'remove-directions';
  /** shape [d] */
  readonly mean: Float64Array;
  /** orthonormal rows, shape [D, d] */
  readonly directions: Matrix64;
}

/** y = (x − mean) W */
export interface AffineTransform extends TransformBase {
  readonly kind: 'affine';
  /** what is taken off first (βμ); `null` = nothing; shape [d] */
  readonly mean: Float64Array | null;
  /** shape [d, k] */
  readonly weights: Matrix64;
  readonly details: AffineDetails;
}

/** How the weights came about, beyond what `spec` says. */
export interface AffineDetails {
  /** directions of the fit that carry variance (their λ does not count as 0); `null` where none was looked at */
  readonly rank: number | null;
  /** intensity of the shrinkage, 0…1; `null` without shrinkage */
  readonly shrinkage: number | null;
  /** of the random numbers; `null` where none were drawn */
  readonly seed: number | null;
}

/** y = the first `outputDimension` numbers of x */
export interface TruncateTransform extends TransformBase {
  readonly kind: 'truncate';
}

/** y = x/‖x‖; a row of length 0 stays as it is */
export interface UnitLengthTransform extends TransformBase {
  readonly kind: 'unit-length';
}

/** Parts applied in order; never nested. */
export interface CompositionTransform extends TransformBase {
  readonly kind: 'composition';
  readonly parts: readonly SingleTransform[];
}

/** The parts in the order of their application; of a single transform, itself. */
export function partsOf(transform: Transform): readonly SingleTransform[] {
  return transform.kind === 'composition' ? transform.parts : [transform];
}

/** @throws IsoscopeError `input` when rows of `dimension` numbers do not fit the transform */
export function checkDimension(transform: Transform, dimension: number): void {
  if (transform.inputDimension !== dimension) {
    throw new IsoscopeError(
      'input',
      `The transform "${transform.spec}" was made for vectors of ${String(transform.inputDimension)} dimensions, these have ` +
        `${String(dimension)}: use vectors of the same encoder, layer and pooling, or fit it anew.`,
    );
  }
}
