import { pairCosines } from '../geometry/pairProducts';
import { lengthOf } from '../geometry/rowNorms';
import { cosineQuantiles, countInBins } from '../geometry/similarityDistribution';
import { effectiveRank, isoScore } from '../geometry/spectrum';
import type { Matrix } from '../linalg/matrix';
import type { Preview } from '../protocol/views';
import { fitTransform } from '../transform/fitTransform';
import { formatTransformSpec, parseTransformSpec } from '../transform/spec';
import type { Analysis } from './analysis';
import { spaceOfFactors, spaceOfTransform } from './previewSpace';
import { rotatedFactorsOf, withoutRotation } from './rotatedFactors';
import { floorOf, HISTOGRAM_BINS } from './space';

/**
 * What another transform would show, within a frame or two: spectrum and plane from the moments of all rows, cosines from at most
 * 2,000 rows and 20,000 pairs of them (fixed, so that a slider moves the picture and not the sample). Nearest neighbours are left out.
 * @throws IsoscopeError `usage` for a wrong specification, `input` where these rows do not allow the fit; AbortError when cancelled
 */
export async function previewTransform(analysis: Analysis, specText: string, signal?: AbortSignal): Promise<Preview> {
  const start = performance.now();
  const spec = parseTransformSpec(specText);
  const canonical = formatTransformSpec(spec);
  const { raw, fitData, isFittedOnSelf, products, previewMemory } = analysis;
  if (spec.kind === 'none') return previewOfRaw(analysis, canonical, start);

  const fit = await fitTransform(
    isFittedOnSelf ? withoutRotation(spec) : spec,
    signal ? { ...fitData, signal } : fitData,
  );
  signal?.throwIfAborted();
  const rotated = isFittedOnSelf ? rotatedFactorsOf(spec, raw, fit.factors) : null;
  const space = rotated
    ? await spaceOfFactors(analysis, rotated)
    : await spaceOfTransform(analysis, fit.transform, signal);
  signal?.throwIfAborted();

  const dimension = rotated?.rotation?.columns ?? fit.transform.outputDimension;
  const eigenvalues = new Float64Array(dimension);
  eigenvalues.set(space.values);
  const cosines = (await pairCosines(space.sample, previewMemory.pairs, products, signal)).sort();
  return {
    spec: canonical,
    view: {
      plane: space.plane,
      planeVarianceShare: [shareOf(eigenvalues, 0), shareOf(eigenvalues, 1)],
      cosines: {
        binCount: HISTOGRAM_BINS,
        randomPairs: countInBins(cosines, HISTOGRAM_BINS),
        randomPairCount: cosines.length,
        nearest: null,
        nearestCount: 0,
        floor: floorOf(cosineQuantiles(cosines)),
      },
      eigenvalues,
    },
    averageCosine: averageCosineOf(space.sample),
    effectiveRank: effectiveRank(eigenvalues),
    isoScore: isoScore(eigenvalues),
    dimension,
    notes: fit.notes.map(({ code, message }) => ({ code, message })),
    elapsedMs: performance.now() - start,
  };
}

/** "none" is measured already. */
function previewOfRaw({ raw }: Analysis, spec: string, start: number): Preview {
  const { averageCosine, effectiveRank, isoScore, dimension } = raw.geometry;
  const numbers = { averageCosine, effectiveRank, isoScore, dimension };
  return { spec, view: raw.view, ...numbers, notes: [], elapsedMs: performance.now() - start };
}

function shareOf(eigenvalues: Float64Array, axis: number): number {
  const total = eigenvalues.reduce((sum, value) => sum + value, 0);
  return total > 0 && axis < eigenvalues.length ? eigenvalues[axis] / total : 0;
}

/** Mean cosine over all pairs i ≠ j of the rows of length > 0: (‖Σx̂‖² − M)/(M² − M); `null` for M < 2. */
function averageCosineOf({ data, rows, columns }: Matrix): number | null {
  const unitSum = new Float64Array(columns);
  let count = 0;
  for (let row = 0; row < rows; row++) {
    const start = row * columns;
    const length = lengthOf(data, start, start + columns);
    if (length === 0) continue;
    count++;
    const inverse = 1 / length;
    for (let i = 0; i < columns; i++) unitSum[i] += data[start + i] * inverse;
  }
  if (count < 2) return null;
  const squared = unitSum.reduce((sum, value) => sum + value * value, 0);
  return (squared - count) / (count * (count - 1));
}
