import { requireFinite } from '../geometry/finite';
import { decomposeMoments } from '../geometry/moments';
import { countRank, deadDimensions } from '../geometry/rank';
import { type Matrix64, zeros64 } from '../linalg/matrix';
import { createRandom } from '../linalg/random';
import { assertNever, IsoscopeError } from '../protocol/errors';
import type { Note } from '../protocol/snapshot';
import { composeTransforms } from './composeTransforms';
import { noVariance, requireAtMost, requireRows } from './fitChecks';
import { COVARIANCE, type FitMemory } from './fitMemory';
import { type FitData, type FitResult, type FitStage, firstStage, stageAfter } from './fitStage';
import { fitWhitening } from './fitWhitening';
import { type CompositionSpec, formatTransformSpec, type SingleSpec, type TransformSpec } from './spec';
import type { SingleTransform } from './transform';
import type { LinearMoments } from './transformMoments';

/**
 * Fits a transform on rows of shape [N, d]: from their moments alone, except Ledoit–Wolf (one pass over the rows) and what
 * follows an l2. Divisor N − 1 throughout. Deterministic in the data and the seed.
 * @throws IsoscopeError `usage` where the specification does not fit the dimensions, `input` where the rows do not suffice
 */
export async function fitTransform(spec: TransformSpec, data: FitData): Promise<FitResult> {
  requireFinite({ data: data.moments.mean, rows: 1, columns: data.moments.dimension });
  const stage = firstStage(data);
  return spec.kind === 'composition' ? fitComposition(spec, stage, data.signal) : fitSingle(spec, stage, data.signal);
}

/** Each part on the output of those before it. */
async function fitComposition(spec: CompositionSpec, first: FitStage, signal?: AbortSignal): Promise<FitResult> {
  const head: CompositionSpec = { kind: 'composition', parts: spec.parts.slice(0, -1) };
  // A slider mostly moves the last part: what stands before it is kept.
  const before = await first.memory.recallStage(formatTransformSpec(head), () => fitInOrder(head, first, signal));
  const last = await fitSingle(spec.parts[spec.parts.length - 1], before.stage, signal);
  const [start, ...rest] = before.transforms;
  return {
    transform: composeTransforms(start, ...rest, last.transform),
    notes: [...before.notes, ...last.notes],
    factors: null,
  };
}

interface FittedHead {
  readonly transforms: readonly SingleTransform[];
  readonly notes: readonly Note[];
  /** the data after them */
  readonly stage: FitStage;
}

async function fitInOrder(spec: CompositionSpec, first: FitStage, signal?: AbortSignal): Promise<FittedHead> {
  const transforms: SingleTransform[] = [];
  const notes: Note[] = [];
  let stage = first;
  for (const part of spec.parts) {
    const fitted = await fitSingle(part, stage, signal);
    transforms.push(fitted.transform);
    notes.push(...fitted.notes);
    stage = stageAfter(stage, fitted.transform);
  }
  return { transforms, notes, stage };
}

async function fitSingle(spec: SingleSpec, stage: FitStage, signal?: AbortSignal): Promise<FitResult<SingleTransform>> {
  const { dimension } = stage;
  const text = formatTransformSpec(spec);
  const base = { spec: text, inputDimension: dimension, outputDimension: dimension };
  switch (spec.kind) {
    case 'none':
      return plain({ ...base, kind: 'identity', fittedOn: null });
    case 'l2':
      return plain({ ...base, kind: 'unit-length', fittedOn: null });
    case 'truncate':
      requireAtMost(spec.k, dimension, text);
      return plain({ ...base, kind: 'truncate', outputDimension: spec.k, fittedOn: null });
    case 'random':
      requireAtMost(spec.k, dimension, text);
      return plain({
        ...base,
        kind: 'affine',
        outputDimension: spec.k,
        fittedOn: null,
        mean: null,
        weights: gaussianProjection(dimension, spec.k, stage.seed),
        details: { rank: null, shrinkage: null, seed: stage.seed },
      });
    case 'center': {
      const { mean } = requireRows(await stage.moments(signal), 1, text);
      return plain({ ...base, kind: 'center', fittedOn: stage.fittedOn, mean });
    }
    case 'zscore': {
      const moments = requireRows(await stage.moments(signal), 2, text);
      const { factors, notes } = standardScores(moments);
      return { ...plain({ ...base, kind: 'scale', fittedOn: stage.fittedOn, mean: moments.mean, factors }), notes };
    }
    case 'abtt': {
      requireAtMost(spec.directions, dimension, text);
      const moments = requireRows(await stage.moments(signal), 2, text);
      const directions = topDirections(spec.directions, moments, stage.memory, text);
      return plain({
        ...base,
        kind: 'remove-directions',
        fittedOn: stage.fittedOn,
        mean: moments.mean,
        directions,
      });
    }
    case 'whitening':
      return fitWhitening(spec, stage, signal);
    default:
      return assertNever(spec);
  }
}

function plain(transform: SingleTransform): FitResult<SingleTransform> {
  return { transform, notes: [], factors: null };
}

/**
 * Independent N(0, 1/k) weights, drawn row by row: squared lengths and inner products are kept in expectation
 * (Johnson & Lindenstrauss; Dasgupta & Gupta 2003). Nothing is centred: a control leaves the mean as it is.
 * @returns shape [d, k]
 */
function gaussianProjection(dimension: number, k: number, seed: number): Matrix64 {
  const random = createRandom(seed);
  const scale = 1 / Math.sqrt(k);
  const weights = zeros64(dimension, k);
  for (let at = 0; at < weights.data.length; at++) weights.data[at] = random.normal() * scale;
  return weights;
}

/** 1/sd per dimension (divisor N − 1), 0 for a dead one. */
function standardScores(moments: LinearMoments): { factors: Float64Array; notes: Note[] } {
  const { count, dimension, scatter } = moments;
  const variances = Float64Array.from({ length: dimension }, (_, i) => scatter.data[i * dimension + i] / (count - 1));
  const dead = deadDimensions(variances);
  const factors = variances.map((variance) => 1 / Math.sqrt(variance));
  for (const index of dead) factors[index] = 0;
  if (dead.length === 0) return { factors, notes: [] };
  const message =
    dead.length === dimension
      ? 'No dimension varies, so all z-scores are 0.'
      : `${String(dead.length)} of ${String(dimension)} dimensions do not vary (sd ≤ 1e-6 of the largest): their z-scores are 0.`;
  return { factors, notes: [{ code: 'dead-dimensions', message, keys: ['transformed'] }] };
}

/**
 * The first eigenvectors of the covariance (Mu & Viswanath 2018), shape [count, d].
 * @throws IsoscopeError `input` where nothing would be left but rounding
 */
function topDirections(count: number, moments: LinearMoments, memory: FitMemory, text: string): Matrix64 {
  const { values, vectors } = memory.recallEigen(COVARIANCE, () => decomposeMoments(moments));
  const rank = countRank(values);
  if (rank === 0) throw noVariance(moments.count, text);
  if (count >= rank) {
    throw new IsoscopeError(
      'input',
      `Transform "${text}" would take away every direction in which the ${String(moments.count)} rows vary (${String(rank)} of them): ` +
        (rank > 1 ? `use d=${String(rank - 1)} or less.` : 'fit it on rows that differ in more ways.'),
    );
  }
  return { data: vectors.data.slice(0, count * vectors.columns), rows: count, columns: vectors.columns };
}
