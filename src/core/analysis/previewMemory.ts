import { samplePairs, type PairSample } from '../geometry/pairSample';
import type { Matrix, Matrix64 } from '../linalg/matrix';
import type { Products } from '../linalg/products';
import { createRandom, sampleWithoutReplacement } from '../linalg/random';
import { subtractFromRows } from '../transform/rowOperations';
import type { SpectralFactors } from '../transform/spectralFactors';

/** Rows that a preview's cosines stand on. */
export const PREVIEW_ROWS = 2000;
/** Pairs of them: the standard error of a quantile is about 0.003 of its rank. */
export const PREVIEW_PAIRS = 20_000;

/** What the previews of one analysis share: a slider asks sixty times a second. Filled at the first preview. */
export interface PreviewMemory {
  /** rows of the analysis that the sample holds, ascending; `null` = all */
  readonly sampleRows: Uint32Array | null;
  /** the sampled rows, float64; a copy that may be overwritten */
  readonly copySample: () => Matrix64;
  readonly pairs: PairSample;
  /** the sampled rows in the coordinates of the factors, (x − shift) basisᵀ; kept while `basis` is the same object */
  readonly project: (factors: Pick<SpectralFactors, 'basis' | 'shift'>) => Promise<Matrix64>;
}

/** @param seed of the sampled rows and pairs */
export function createPreviewMemory(vectors: Matrix, seed: number, products: Products): PreviewMemory {
  const { rows: count, columns } = vectors;
  const sampleRows = count <= PREVIEW_ROWS ? null : sampleWithoutReplacement(createRandom(seed), count, PREVIEW_ROWS);
  const rows = sampleRows?.length ?? count;
  let pairs: PairSample | undefined;
  let projection: { readonly basis: Matrix64; readonly projected: Promise<Matrix64> } | undefined;

  const copySample = (): Matrix64 => {
    const data = new Float64Array(rows * columns);
    for (let row = 0; row < rows; row++) {
      const start = (sampleRows?.[row] ?? row) * columns;
      data.set(vectors.data.subarray(start, start + columns), row * columns);
    }
    return { data, rows, columns };
  };
  const project = ({ basis, shift }: Pick<SpectralFactors, 'basis' | 'shift'>): Promise<Matrix64> => {
    if (projection?.basis !== basis) {
      const sample = copySample();
      subtractFromRows(sample, shift);
      projection = { basis, projected: products.multiplyTransposed(sample, basis) };
    }
    return projection.projected;
  };
  return {
    sampleRows,
    copySample,
    get pairs() {
      return (pairs ??= samplePairs(rows, seed, PREVIEW_PAIRS));
    },
    project,
  };
}
