import { breathe } from '../geometry/breathe';
import { requireFinite } from '../geometry/finite';
import { type FloatArray, type Matrix, rowRange } from '../linalg/matrix';
import type { Products } from '../linalg/products';
import { assertNever, IsoscopeError } from '../protocol/errors';
import { type RowChunk, withRowChunk } from './rowChunk';
import { checkDimension, partsOf, type SingleTransform, type Transform } from './transform';

/** Numbers in one chunk, 2 MB: few enough for the processor's caches (all rows at once took 1.6 times as long at d = 384) … */
const CHUNK_NUMBERS = 1 << 18;
/** … but as many rows as a product needs for full speed, as long as they take no more than 8 MB. */
const PRODUCT_ROWS = 640;
const MOST_NUMBERS = 1 << 20;

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
  const chunkRows = Math.min(rows, chunkRowsFor(widest));
  await withRowChunk(chunkRows, widest, async (chunk) => {
    for (let start = 0; start < rows; start += chunkRows) {
      await breathe(signal);
      const end = Math.min(start + chunkRows, rows);
      const target = result.subarray(start * outputColumns, end * outputColumns);
      chunk.load(rowRange(matrix, start, end));
      for (const part of parts) await applyPart(part, chunk, products, part === parts.at(-1) ? target : undefined);
      if (!chunk.store(target)) throw notFinite(transform, matrix);
    }
  });
  return { data: result, rows, columns: outputColumns };
}

function chunkRowsFor(columns: number): number {
  const rowsFor = (numbers: number): number => Math.max(1, Math.floor(numbers / Math.max(1, columns)));
  return Math.max(rowsFor(CHUNK_NUMBERS), Math.min(PRODUCT_ROWS, rowsFor(MOST_NUMBERS)));
}

/** @param target where the rows go after the last part */
async function applyPart(
  part: SingleTransform,
  chunk: RowChunk,
  products: Products,
  target: FloatArray | undefined,
): Promise<void> {
  switch (part.kind) {
    case 'identity':
      return;
    case 'center':
      chunk.subtract(part.mean);
      return;
    case 'scale':
      chunk.subtract(part.mean);
      chunk.scale(part.factors);
      return;
    case 'remove-directions':
      chunk.subtract(part.mean);
      await chunk.removeDirections(part.directions, products);
      return;
    case 'affine':
      if (part.mean !== null) chunk.subtract(part.mean);
      await chunk.multiply(part.weights, products, target instanceof Float64Array ? target : undefined);
      return;
    case 'truncate':
      chunk.keepColumns(part.outputDimension);
      return;
    case 'unit-length':
      chunk.scaleToUnitLength();
      return;
    default:
      assertNever(part);
  }
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
