import { breathe } from '../geometry/breathe';
import { requireFinite } from '../geometry/finite';
import type { FloatArray, Matrix, Matrix64 } from '../linalg/matrix';
import type { Products } from '../linalg/products';
import { assertNever, IsoscopeError } from '../protocol/errors';
import { firstColumns, removeDirections, scaleColumns, scaleToUnitLength, subtractFromRows } from './rowOperations';
import { checkDimension, partsOf, type SingleTransform, type Transform } from './transform';

/**
 * Numbers in one chunk, 2 MB: rows enough for a matrix product at full speed, and small enough for caches and for the runtime to hand out the same
 * memory again (chunks of 8 MB took 1.3 times as long at d = 384, all rows at once 2.2 times).
 */
const CHUNK_NUMBERS = 1 << 18;

/**
 * The rows of `matrix` after the transform. Computed in float64 chunk by chunk, all parts of a composition at once, and
 * rounded to the precision of `matrix` once, at the end: a direction whose variance is 1e-12 of the largest survives.
 * @param matrix shape [n, d]
 * @returns shape [n, outputDimension]; `matrix` itself for the identity
 * @throws IsoscopeError `input` when d is not the transform's or the rows hold NaN or infinite numbers; AbortError when cancelled (checked between chunks)
 */
export async function applyTransform<Data extends FloatArray>(
  transform: Transform,
  matrix: Matrix<Data>,
  products: Products,
  signal?: AbortSignal,
): Promise<Matrix<Data>> {
  checkDimension(transform, matrix.columns);
  const parts = partsOf(transform).filter((part) => part.kind !== 'identity');
  if (parts.length === 0) return matrix;
  const { rows, columns } = matrix;
  const outputColumns = transform.outputDimension;
  const result = zerosLike(matrix.data, rows * outputColumns);
  const widest = Math.max(columns, ...parts.map((part) => part.outputDimension));
  const chunkRows = Math.min(rows, Math.max(1, Math.floor(CHUNK_NUMBERS / widest)));
  const scratch = new Float64Array(chunkRows * columns);
  for (let start = 0; start < rows; start += chunkRows) {
    await breathe(signal);
    const end = Math.min(start + chunkRows, rows);
    const data = scratch.subarray(0, (end - start) * columns);
    data.set(matrix.data.subarray(start * columns, end * columns));
    let chunk: Matrix64 = { data, rows: end - start, columns };
    for (const part of parts) chunk = await applyPart(part, chunk, products);
    if (!Number.isFinite(sumOf(chunk.data))) throw notFinite(transform, matrix);
    result.set(chunk.data, start * outputColumns);
  }
  return { data: result, rows, columns: outputColumns };
}

/** One part on one float64 chunk, which it may overwrite. */
async function applyPart(part: SingleTransform, chunk: Matrix64, products: Products): Promise<Matrix64> {
  switch (part.kind) {
    case 'identity':
      return chunk;
    case 'center':
      subtractFromRows(chunk, part.mean);
      return chunk;
    case 'scale':
      subtractFromRows(chunk, part.mean);
      scaleColumns(chunk, part.factors);
      return chunk;
    case 'remove-directions':
      subtractFromRows(chunk, part.mean);
      await removeDirections(chunk, part.directions, products);
      return chunk;
    case 'affine':
      if (part.mean !== null) subtractFromRows(chunk, part.mean);
      return products.multiply(chunk, part.weights);
    case 'truncate':
      return firstColumns(chunk, part.outputDimension);
    case 'unit-length':
      scaleToUnitLength(chunk);
      return chunk;
    default:
      return assertNever(part);
  }
}

/** Not finite as soon as one of the values is not: one addition per number tells. */
function sumOf(values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum;
}

function notFinite(transform: Transform, matrix: Matrix): IsoscopeError {
  requireFinite(matrix);
  return new IsoscopeError(
    'input',
    `The transform "${transform.spec}" takes these vectors out of the range of numbers: scale them.`,
  );
}

function zerosLike<Data extends FloatArray>(like: Data, length: number): Data {
  return (like instanceof Float32Array ? new Float32Array(length) : new Float64Array(length)) as Data;
}
