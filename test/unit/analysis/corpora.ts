import { matrixOf, type Matrix, type Matrix32, type Matrix64 } from '../../../src/core/linalg/matrix';
import { createRandom } from '../../../src/core/linalg/random';
import type { Geometry, Snapshot } from '../../../src/core/protocol/snapshot';

/** Rows around a common mean, standard deviations falling as 1/√i: an anisotropic space such as raw encoders have. */
export function anisotropicRows(count: number, dimension: number, seed = 1): Matrix64 {
  const random = createRandom(seed);
  const mean = Array.from({ length: dimension }, () => 0.3 * random.normal());
  const rows = Array.from({ length: count }, () => mean.map((value, i) => value + random.normal() / Math.sqrt(i + 1)));
  return matrixOf(Float64Array.from(rows.flat()), count, dimension);
}

export function toFloat32({ data, rows, columns }: Matrix): Matrix32 {
  return matrixOf(Float32Array.from(data), rows, columns);
}

export function rowsOf(rows: readonly (readonly number[])[]): Matrix64 {
  return matrixOf(Float64Array.from(rows.flat()), rows.length, rows[0]?.length ?? 0);
}

/** The question that `analyzeVectors` gets when a test has nothing special to ask. */
export function vectorQuestion(vectors: Matrix, transform = 'none') {
  return { source: 'rows.npy', vectors, encoder: { id: 'rows.npy', sha256: 'f'.repeat(64) }, transform, seed: 0 };
}

const GEOMETRY_KEYS: Record<keyof Geometry, true> = {
  count: true,
  dimension: true,
  averageCosine: true,
  cosineQuantiles: true,
  meanNorm: true,
  normStd: true,
  meanVectorNorm: true,
  eigenvalues: true,
  totalVariance: true,
  effectiveRank: true,
  participationRatio: true,
  isoScore: true,
  stableRank: true,
  conditionNumber: true,
  componentsFor: true,
  decayExponent: true,
  partitionIsotropy: true,
  uniformity: true,
  intrinsicDimension: true,
  hubness: true,
  rogueDimensions: true,
  r2Without: true,
};

/** What is wrong with a snapshot as a contract: missing keys, numbers that JSON cannot hold, nulls that no note explains. */
export function faultsOf(snapshot: Snapshot): string[] {
  const faults: string[] = [];
  const explained = snapshot.notes.flatMap((note) => note.keys ?? []);
  const visit = (value: unknown, path: string): void => {
    if (value === undefined) faults.push(`${path} is missing`);
    else if (typeof value === 'number' && !Number.isFinite(value)) faults.push(`${path} is ${value}`);
    else if (value === null && !explained.some((key) => path === key || path.startsWith(`${key}.`))) {
      if (!isNullByContract(snapshot, path)) faults.push(`${path} is null without a note`);
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, inner] of Object.entries(value)) visit(inner, path === '' ? key : `${path}.${key}`);
    }
  };
  visit(snapshot, '');
  for (const [name, geometry] of Object.entries({ raw: snapshot.raw, transformed: snapshot.transformed })) {
    if (geometry === null) continue;
    for (const key of Object.keys(GEOMETRY_KEYS)) if (!(key in geometry)) faults.push(`${name}.${key} is missing`);
  }
  // Typed arrays would come out of JSON as objects.
  if (JSON.stringify(JSON.parse(JSON.stringify(snapshot))) !== JSON.stringify(snapshot)) faults.push('no JSON');
  if (snapshot.raw.eigenvalues !== null && !Array.isArray(snapshot.raw.eigenvalues))
    faults.push('eigenvalues are no array');
  return faults;
}

function isNullByContract({ transform }: Snapshot, path: string): boolean {
  const isUntrained = /^(none|l2|truncate|random)/.test(transform.spec);
  const isTransformed = ['transformed', 'comparison', 'text.transformed'].includes(path);
  return (isTransformed && transform.spec === 'none') || (path === 'transform.fittedOn' && isUntrained);
}
