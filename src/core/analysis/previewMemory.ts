import type { Matrix, Matrix64 } from '../linalg/matrix';
import type { Products } from '../linalg/products';
import { createRandom, sampleWithoutReplacement, type Random } from '../linalg/random';
import { subtractFromRows } from '../transform/rowOperations';
import type { SpectralFactors } from '../transform/spectralFactors';

/** Rows that a preview's cosines stand on. */
export const PREVIEW_ROWS = 1024;

/** What the previews of one analysis share: a slider asks sixty times a second. Filled at the first preview. */
export interface PreviewMemory {
  /** rows of the analysis that the sample holds, ascending; `null` = all */
  readonly sampleRows: Uint32Array | null;
  /** the sampled rows, float64; a copy that may be overwritten */
  readonly copySample: () => Matrix64;
  /** the sampled rows in random order, as positions in the sample: neighbours in the text are mixed */
  readonly order: Uint32Array;
  /** the sampled rows in the coordinates of the factors, (x − shift) basisᵀ; kept while `basis` is the same object */
  readonly project: (factors: Pick<SpectralFactors, 'basis' | 'shift'>) => Promise<Matrix64>;
}

/** @param seed of the sampled rows and their order */
export function createPreviewMemory(vectors: Matrix, seed: number, products: Products): PreviewMemory {
  const { rows: count, columns } = vectors;
  const random = createRandom(seed);
  const sampleRows = count <= PREVIEW_ROWS ? null : sampleWithoutReplacement(random, count, PREVIEW_ROWS);
  const rows = sampleRows?.length ?? count;
  const order = shuffled(rows, random);
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
    order,
    project,
  };
}

/** 0 … count − 1 in random order (Fisher and Yates). */
function shuffled(count: number, random: Random): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  for (let last = count - 1; last > 0; last--) {
    const other = random.integer(last + 1);
    [order[last], order[other]] = [order[other], order[last]];
  }
  return order;
}
