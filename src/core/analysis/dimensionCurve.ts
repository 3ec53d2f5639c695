import { breathe } from '../geometry/breathe';
import { HUBNESS_K } from '../geometry/hubness';
import type { Matrix64 } from '../linalg/matrix';
import { createRandom, sampleWithoutReplacement } from '../linalg/random';
import type { StepProgress } from '../protocol/engineProtocol';
import { IsoscopeError } from '../protocol/errors';
import type { DimensionCurve, DimensionCurveMethod } from '../protocol/lab';
import { applyTransform } from '../transform/applyTransform';
import { fitTransform } from '../transform/fitTransform';
import { parseTransformSpec } from '../transform/spec';
import type { Transform } from '../transform/transform';
import type { Analysis } from './analysis';
import { meanAgreement, sampleNeighbours, type SampleNeighbours } from './sampleNeighbours';
import { varianceShares } from './varianceKept';

/** Rows that the agreement stands on: their neighbours among each other take 10 ms a setting. */
const SAMPLE_ROWS = 2000;

export interface CurveOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: StepProgress) => void) | undefined;
}

const METHODS: readonly { readonly method: DimensionCurveMethod['method']; readonly specOf: (k: number) => string }[] =
  [
    { method: 'truncate', specOf: (k) => `truncate:k=${String(k)}` },
    { method: 'pca', specOf: (k) => `pca:k=${String(k)},gamma=0` },
    { method: 'whiten', specOf: (k) => `pca:k=${String(k)}` },
    { method: 'random', specOf: (k) => `random:k=${String(k)}` },
  ];

/**
 * What k of the d dimensions keep, by four ways of choosing them: the share of the raw rows' variance within their span, and how far each sampled row's
 * nearest (cosine, among the sample) are those of the full raw space. Transforms are fitted as the analysis fits its own.
 * @throws AbortError when cancelled (checked between settings)
 */
export async function measureDimensionCurve(analysis: Analysis, options: CurveOptions = {}): Promise<DimensionCurve> {
  const { signal, onProgress } = options;
  const { raw, products } = analysis;
  const sizes = curveSizes(raw.matrix.columns);
  const sample = sampleOf(analysis);
  const neighbourCount = sample.rows > HUBNESS_K ? HUBNESS_K : 0;
  const full = neighbourCount > 0 ? await sampleNeighbours(sample, neighbourCount, products, signal) : null;
  const methods: DimensionCurveMethod[] = [];
  const notes = new Map<string, string>();
  let done = 0;
  for (const { method, specOf } of METHODS) {
    const varianceKept = await varianceShares(analysis, method, sizes, signal);
    const agreement: (number | null)[] = [];
    for (const size of sizes) {
      await breathe(signal);
      onProgress?.({ done: done++, total: METHODS.length * sizes.length });
      const transform = await fitOrExplain(analysis, specOf(size), notes, signal);
      agreement.push(transform && full && (await agreementAfter(analysis, transform, sample, full, signal)));
    }
    methods.push({ method, specs: Array.from(sizes, specOf), varianceKept, agreement });
  }
  onProgress?.({ done, total: done });
  return {
    sizes,
    methods,
    sampleCount: sample.rows,
    neighbourCount,
    notes: Array.from(notes, ([message, code]) => ({ code, message })),
  };
}

/** Powers of two and what lies half-way between them, up to d, and d itself. */
export function curveSizes(dimension: number): Uint32Array {
  const sizes = new Set<number>();
  for (let power = 1; power < dimension; power *= 2) {
    sizes.add(power);
    const between = power * 1.5;
    if (power > 1 && between < dimension) sizes.add(between);
  }
  if (dimension > 0) sizes.add(dimension);
  return Uint32Array.from(sizes).sort();
}

async function agreementAfter(
  { products }: Analysis,
  transform: Transform,
  sample: Matrix64,
  full: SampleNeighbours,
  signal: AbortSignal | undefined,
): Promise<number | null> {
  const reduced = await applyTransform(transform, sample, products, signal);
  return meanAgreement(full, await sampleNeighbours(reduced, full.k, products, signal));
}

/** `null` where these rows do not allow the fit; the reason once. */
async function fitOrExplain(
  { fitData }: Analysis,
  spec: string,
  notes: Map<string, string>,
  signal: AbortSignal | undefined,
): Promise<Transform | null> {
  try {
    const { transform } = await fitTransform(parseTransformSpec(spec), signal ? { ...fitData, signal } : fitData);
    return transform;
  } catch (error) {
    if (!(error instanceof IsoscopeError) || error.reason !== 'input') throw error;
    notes.set(error.message, 'transform-not-fitted');
    return null;
  }
}

/** Rows of the raw space, float64: all, or as many as the limit drawn with the analysis' seed. */
function sampleOf({ raw: { matrix }, seed }: Analysis): Matrix64 {
  const { data, rows, columns } = matrix;
  if (rows <= SAMPLE_ROWS) return { data: Float64Array.from(data), rows, columns };
  const drawn = sampleWithoutReplacement(createRandom(seed), rows, SAMPLE_ROWS);
  const sample = new Float64Array(drawn.length * columns);
  drawn.forEach((row, at) => sample.set(data.subarray(row * columns, (row + 1) * columns), at * columns));
  return { data: sample, rows: drawn.length, columns };
}
