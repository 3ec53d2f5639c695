import { covarianceOf, decomposeMoments } from '../geometry/moments';
import { countRank, deadDimensions } from '../geometry/rank';
import { type Matrix64, zeros64 } from '../linalg/matrix';
import type { SymmetricEigen } from '../linalg/symmetricEigen';
import { decomposeSymmetric } from '../linalg/symmetricEigenSolver';
import { assertNever } from '../protocol/errors';
import { noVariance, requireAtMost, requireRows } from './fitChecks';
import { COVARIANCE } from './fitMemory';
import type { FitResult, FitStage } from './fitStage';
import { lowerFactor } from './lowerFactor';
import { ledoitWolfIntensity, oasIntensity, sumFourthPowers } from './shrinkage';
import { formatTransformSpec, type WhiteningSpec } from './spec';
import type { SpectralFactors } from './spectralFactors';
import type { AffineTransform } from './transform';
import type { LinearMoments } from './transformMoments';
import { notesOnWhitening } from './whiteningNotes';

/**
 * (x − βμ) E (Λ + ε)^(−γ/2): Λ, E of Σ (divisor N − 1), shrunk first, plus (1 − β)² μᵀμ. Without ε only the columns whose λ
 * does not count as 0 (real shrinkage leaves none that does). From that root A of Σ⁻¹, shape [d, k], the five methods of
 * Kessy, Lewin & Strimmer (2018, row-vector form), so that they differ by a rotation and cosines agree, at any rank:
 * - pca: A. zca: A E_kᵀ. cholesky: the lower-trapezoidal L with L Lᵀ = A Aᵀ, the Cholesky factor of Σ⁻¹ at full rank.
 * - pca-cor, zca-cor: G, Θ of the correlations V^(−½) Σ V^(−½) in place of E, Λ; A = V^(−½) G (Θ + ε)^(−½). Dead dimensions
 *   (V counts as 0) get weight 0.
 * @throws IsoscopeError `usage` for k > d, `input` for fewer than two rows or rows without variance
 */
export async function fitWhitening(
  spec: WhiteningSpec,
  stage: FitStage,
  signal?: AbortSignal,
): Promise<FitResult<AffineTransform>> {
  const { dimension } = stage;
  const text = formatTransformSpec(spec);
  if (spec.k !== null) requireAtMost(spec.k, dimension, text);
  const moments = requireRows(await stage.moments(signal), 2, text);
  const shrinkage = await shrinkageIntensity(spec, moments, stage, signal);
  const spectrum = decompose(spec, moments, shrinkage ?? 0, stage);
  if (!(spectrum.values[0] > 0)) {
    throw noVariance(moments.count, text);
  }
  const rank = countRank(spectrum.values);
  const columns = Math.min(spec.k ?? dimension, spec.eps > 0 ? dimension : rank);
  const scales = spectrum.values.slice(0, columns).map((value) => (value + spec.eps) ** (-spec.gamma / 2));
  const factors: SpectralFactors = {
    shift: spec.beta === 1 ? moments.mean : moments.mean.map((value) => spec.beta * value),
    basis: spectrum.basis,
    scales,
    variances: spectrum.variances?.slice(0, columns).map((value, i) => value * scales[i] * scales[i]) ?? null,
  };
  const weights = await weightsOf(spec, spectrum, scales, stage);
  return {
    transform: {
      kind: 'affine',
      spec: text,
      inputDimension: dimension,
      outputDimension: weights.columns,
      fittedOn: stage.fittedOn,
      mean: factors.shift,
      weights,
      details: { rank, shrinkage, seed: null },
    },
    notes: notesOnWhitening({ spec, count: moments.count, dimension, rank, columns, variances: factors.variances }),
    factors,
  };
}

interface WhiteningSpectrum {
  /** λ (or θ), descending, ≥ 0, after shrinkage and β, before ε */
  readonly values: Float64Array;
  /** component directions as rows: E, or G V^(−½) */
  readonly basis: Matrix64;
  /** orthonormal rows that turn components back to dimensions: E, or G */
  readonly back: Matrix64;
  /** variances of the rows along `basis`, where it decorrelates them */
  readonly variances: Float64Array | null;
}

function decompose(spec: WhiteningSpec, moments: LinearMoments, intensity: number, stage: FitStage): WhiteningSpectrum {
  const { memory } = stage;
  if (spec.method === 'pca-cor' || spec.method === 'zca-cor') {
    const correlations = (): { inverseSds: Float64Array; correlation: Matrix64 } =>
      correlationOf(shrink(covarianceOf(moments), intensity));
    const key = `correlation, ${spec.shrinkage}`;
    const eigen = memory.recallEigen(key, () => nonNegative(decomposeSymmetric(correlations().correlation)));
    const basis = memory.recallEigen(`${key}, scaled`, () => scaledColumns(eigen, correlations().inverseSds)).vectors;
    return { values: eigen.values, basis, back: eigen.vectors, variances: intensity === 0 ? eigen.values : null };
  }
  if (spec.beta === 1) {
    // (1 − s) Σ + s·m·I has the eigenvectors of Σ.
    const { values, vectors } = memory.recallEigen(COVARIANCE, () => decomposeMoments(moments));
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const shrunk = intensity === 0 ? values : values.map((value) => (1 - intensity) * value + intensity * mean);
    return { values: shrunk, basis: vectors, back: vectors, variances: values };
  }
  const { values, vectors } = memory.recallEigen(`beta ${String(spec.beta)}, ${spec.shrinkage}`, () => {
    const secondMoment = shrink(covarianceOf(moments), intensity);
    addOuterProduct(secondMoment, moments.mean, (1 - spec.beta) ** 2);
    return nonNegative(decomposeSymmetric(secondMoment));
  });
  return { values, basis: vectors, back: vectors, variances: null };
}

async function shrinkageIntensity(
  spec: WhiteningSpec,
  moments: LinearMoments,
  stage: FitStage,
  signal: AbortSignal | undefined,
): Promise<number | null> {
  switch (spec.shrinkage) {
    case 'none':
      return null;
    case 'oas':
      return oasIntensity(moments);
    case 'lw':
      return stage.memory.recallNumber('ledoit-wolf', async () =>
        ledoitWolfIntensity(moments, await sumFourthPowers(await stage.rows(signal), moments.mean, signal)),
      );
    default:
      return assertNever(spec.shrinkage);
  }
}

async function weightsOf(
  spec: WhiteningSpec,
  spectrum: WhiteningSpectrum,
  scales: Float64Array,
  stage: FitStage,
): Promise<Matrix64> {
  const root = scaledTranspose(spectrum.basis, scales);
  switch (spec.method) {
    case 'pca':
    case 'pca-cor':
      return root;
    case 'cholesky':
      return lowerFactor(root, stage.products);
    case 'zca':
    case 'zca-cor': {
      const { data, columns } = spectrum.back;
      const kept = { data: data.subarray(0, scales.length * columns), rows: scales.length, columns };
      return stage.products.multiply(root, kept);
    }
    default:
      return assertNever(spec.method);
  }
}

/** (1 − s) Σ + s·(tr Σ/d)·I, in place. */
function shrink(covariance: Matrix64, intensity: number): Matrix64 {
  if (intensity === 0) return covariance;
  const { data, columns } = covariance;
  let trace = 0;
  for (let i = 0; i < columns; i++) trace += data[i * columns + i];
  for (let at = 0; at < data.length; at++) data[at] *= 1 - intensity;
  for (let i = 0; i < columns; i++) data[i * columns + i] += (intensity * trace) / columns;
  return covariance;
}

/** Correlations of the live dimensions; a dead dimension has row, column and inverse standard deviation 0. */
function correlationOf(covariance: Matrix64): { inverseSds: Float64Array; correlation: Matrix64 } {
  const { data, columns } = covariance;
  const variances = Float64Array.from({ length: columns }, (_, i) => data[i * columns + i]);
  const inverseSds = variances.map((variance) => 1 / Math.sqrt(variance));
  for (const dimension of deadDimensions(variances)) inverseSds[dimension] = 0;
  const correlation = zeros64(columns, columns);
  for (let i = 0; i < columns; i++) {
    for (let j = 0; j < columns; j++) {
      correlation.data[i * columns + j] = data[i * columns + j] * (inverseSds[i] * inverseSds[j]);
    }
    correlation.data[i * columns + i] = inverseSds[i] === 0 ? 0 : 1;
  }
  return { inverseSds, correlation };
}

function addOuterProduct({ data, columns }: Matrix64, v: Float64Array, factor: number): void {
  for (let i = 0; i < columns; i++) {
    for (let j = 0; j < columns; j++) data[i * columns + j] += factor * (v[i] * v[j]);
  }
}

function nonNegative({ values, vectors }: SymmetricEigen): SymmetricEigen {
  return { values: values.map((value) => Math.max(0, value)), vectors };
}

function scaledColumns({ values, vectors }: SymmetricEigen, factors: Float64Array): SymmetricEigen {
  const data = vectors.data.map((value, at) => value * factors[at % vectors.columns]);
  return { values, vectors: { ...vectors, data } };
}

/** The first rows of `basis` as columns, each times its scale: shape [d, scales]. */
function scaledTranspose(basis: Matrix64, scales: Float64Array): Matrix64 {
  const count = scales.length;
  const weights = zeros64(basis.columns, count);
  for (let component = 0; component < count; component++) {
    const start = component * basis.columns;
    for (let i = 0; i < basis.columns; i++)
      weights.data[i * count + component] = basis.data[start + i] * scales[component];
  }
  return weights;
}
