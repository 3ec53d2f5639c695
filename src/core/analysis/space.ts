import { measureGeometry, type GeometryInput, type GeometryMeasurement } from '../geometry/measureGeometry';
import { countInBins } from '../geometry/similarityDistribution';
import type { Matrix } from '../linalg/matrix';
import type { Products } from '../linalg/products';
import { projectToPlane } from '../projection/principalPlane';
import type { AnalysisProgress } from '../protocol/engineProtocol';
import type { Geometry } from '../protocol/snapshot';
import type { CosineHistogram, SpaceView } from '../protocol/views';

/** One space, raw or transformed: its rows, what was measured of them, what is drawn of them. */
export interface Space extends GeometryMeasurement {
  /** shape [N, d] */
  readonly matrix: Matrix;
  readonly view: SpaceView;
}

export interface SpaceOptions {
  readonly products: Products;
  readonly seed: number;
  /** rows in the plane; `null` = all */
  readonly shownRows: Uint32Array | null;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: AnalysisProgress) => void) | undefined;
}

/** A hundredth of cosine each: as fine as the numbers that are read off. */
export const HISTOGRAM_BINS = 200;

/** Measures a space and draws it. */
export async function measureSpace(input: GeometryInput, options: SpaceOptions): Promise<Space> {
  const { matrix } = input;
  const { products, seed, shownRows, signal, onProgress } = options;
  const measured = await measureGeometry(input, {
    products,
    seed,
    ...(signal && { signal }),
    onStep: (done, total) => onProgress?.({ stage: input.space === 'raw' ? 'geometry' : 'transform', done, total }),
  });
  const { moments, eigen, geometry } = measured;
  onProgress?.({ stage: 'projection', done: 0, total: 1 });
  const { plane, varianceShare } = await projectToPlane(
    matrix,
    moments,
    eigen,
    products,
    shownRows ?? undefined,
    signal,
  );
  onProgress?.({ stage: 'projection', done: 1, total: 1 });
  const nearestCount = measured.nearestCosines.reduce((count, cosine) => (Number.isNaN(cosine) ? count : count + 1), 0);
  return {
    ...measured,
    matrix,
    view: {
      plane,
      planeVarianceShare: varianceShare,
      cosines: {
        binCount: HISTOGRAM_BINS,
        randomPairs: countInBins(measured.sortedCosines, HISTOGRAM_BINS),
        randomPairCount: measured.sortedCosines.length,
        nearest: nearestCount === 0 ? null : countInBins(measured.nearestCosines, HISTOGRAM_BINS),
        nearestCount,
        floor: floorOf(geometry.cosineQuantiles),
      },
      eigenvalues: Float64Array.from(geometry.eigenvalues ?? []),
    },
  };
}

/** The quantiles that a histogram marks. */
export function floorOf(quantiles: Geometry['cosineQuantiles']): CosineHistogram['floor'] {
  return quantiles && [quantiles['0.05'], quantiles['0.5'], quantiles['0.95']];
}
