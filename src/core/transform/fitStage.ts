import { computeMoments } from '../geometry/moments';
import type { Matrix } from '../linalg/matrix';
import type { Products } from '../linalg/products';
import { IsoscopeError } from '../protocol/errors';
import type { FittedOn, Note } from '../protocol/snapshot';
import { applyTransform } from './applyTransform';
import { createFitMemory, type FitMemory } from './fitMemory';
import type { SpectralFactors } from './spectralFactors';
import type { Transform } from './transform';
import { type LinearMoments, transformMoments } from './transformMoments';

/** What a transform is fitted on. */
export interface FitData {
  /** of the rows, shape [N, d] */
  readonly moments: LinearMoments;
  /** the rows themselves; `null` where only moments are known: enough for all but Ledoit–Wolf and for a fit after l2 */
  readonly rows: Matrix | null;
  readonly products: Products;
  /** provenance of the rows, written into the transform */
  readonly fittedOn: FittedOn;
  /** of random projections; default 0 */
  readonly seed?: number;
  /** shared by all fits on these very rows; without one each fit decomposes anew */
  readonly memory?: FitMemory;
  readonly signal?: AbortSignal;
}

/** A transform, what a reader must know of it, and what a slider can reuse. */
export interface FitResult<T extends Transform = Transform> {
  readonly transform: T;
  readonly notes: readonly Note[];
  /** of a whitening that stands alone; else `null` */
  readonly factors: SpectralFactors | null;
}

/**
 * The data as one part of a composition meets it. What nobody asks for is never computed; signals come with the question,
 * because a stage outlives the request that made it.
 */
export interface FitStage {
  readonly dimension: number;
  readonly moments: (signal: AbortSignal | undefined) => Promise<LinearMoments>;
  /** @throws IsoscopeError `input` where the rows are not at hand */
  readonly rows: (signal: AbortSignal | undefined) => Promise<Matrix>;
  readonly products: Products;
  readonly fittedOn: FittedOn;
  readonly seed: number;
  readonly memory: FitMemory;
}

export function firstStage(data: FitData): FitStage {
  const { moments, rows, products, fittedOn } = data;
  return {
    dimension: moments.dimension,
    moments: () => Promise.resolve(moments),
    rows: () => (rows === null ? Promise.reject(missingRows()) : Promise.resolve(rows)),
    products,
    fittedOn,
    seed: data.seed ?? 0,
    memory: data.memory ?? createFitMemory(),
  };
}

/**
 * The data after `transform`: moments carried over where it is affine, else taken from the rows; rows, where asked for, in
 * float64, so that no rounding between two parts decides a rank.
 */
export function stageAfter(stage: FitStage, transform: Transform): FitStage {
  const { products } = stage;
  const rows = async (signal: AbortSignal | undefined): Promise<Matrix> => {
    const { data, ...shape } = await stage.rows(signal);
    return applyTransform(transform, { ...shape, data: Float64Array.from(data) }, products, signal);
  };
  let known: LinearMoments | undefined;
  return {
    ...stage,
    dimension: transform.outputDimension,
    async moments(signal) {
      known ??= await imageOfMoments(signal);
      return known;
    },
    rows,
    memory: createFitMemory(),
  };

  async function imageOfMoments(signal: AbortSignal | undefined): Promise<LinearMoments> {
    const image =
      transform.kind === 'unit-length'
        ? null
        : await transformMoments(transform, await stage.moments(signal), products);
    return image ?? computeMoments(await rows(signal), products, signal);
  }
}

function missingRows(): IsoscopeError {
  return new IsoscopeError(
    'input',
    'This transform needs the vectors themselves, and only their moments are at hand: use shrinkage=oas instead of lw, and put l2 last.',
  );
}
