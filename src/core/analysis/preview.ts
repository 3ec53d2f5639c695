import { effectiveRank, isoScore } from '../geometry/spectrum';
import type { Preview } from '../protocol/views';
import { fitTransform } from '../transform/fitTransform';
import { formatTransformSpec, parseTransformSpec } from '../transform/spec';
import type { Analysis } from './analysis';
import { averageCosineOf, histogramOfBlocks } from './previewCosines';
import { spaceOfFactors, spaceOfTransform } from './previewSpace';
import { rotatedFactorsOf, withoutRotation } from './rotatedFactors';

/**
 * What another transform would show, within a frame or two: spectrum and plane from the moments of all rows, cosines from at most
 * 1,024 rows (fixed, so that a slider moves the picture and not the sample). Nearest neighbours are left out.
 * @throws IsoscopeError `usage` for a wrong specification, `input` where these rows do not allow the fit; AbortError when cancelled
 */
export async function previewTransform(analysis: Analysis, specText: string, signal?: AbortSignal): Promise<Preview> {
  const start = performance.now();
  const spec = parseTransformSpec(specText);
  const canonical = formatTransformSpec(spec);
  const { raw, fitData, isFittedOnSelf, products } = analysis;
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
  return {
    spec: canonical,
    view: {
      plane: space.plane,
      planeVarianceShare: [shareOf(eigenvalues, 0), shareOf(eigenvalues, 1)],
      cosines: await histogramOfBlocks(space.units, products, signal),
      eigenvalues,
    },
    averageCosine: averageCosineOf(space.units),
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
