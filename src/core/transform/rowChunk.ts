import { type Kernels, withKernels } from '../linalg/kernels';
import type { FloatArray, Matrix, Matrix64 } from '../linalg/matrix';
import type { Products } from '../linalg/products';
import { removeDirections } from './rowOperations';

type ChunkKernels = Kernels<ReturnType<typeof layoutOf>>;

/** Runs `work` with a chunk that holds up to `rows` rows of up to `widest` columns. */
export function withRowChunk<Result>(
  rows: number,
  widest: number,
  work: (chunk: RowChunk) => Promise<Result>,
): Promise<Result> {
  return withKernels(layoutOf(rows * widest, widest), (kernels) => work(new RowChunk(kernels)));
}

function layoutOf(numbers: number, widest: number) {
  return {
    narrow: ['float32', numbers],
    chunk: ['float64', numbers],
    spare: ['float64', numbers],
    vector: ['float64', widest],
  } as const;
}

/** Some rows in float64 while the parts of a transform change them, in the memory of the kernels: no part allocates. */
export class RowChunk {
  private readonly kernels: ChunkKernels;
  private rows = 0;
  private columns = 0;
  /** shape [rows, columns] */
  private data: Float64Array;
  /** what the next product is written to */
  private spare: Float64Array;

  constructor(kernels: ChunkKernels) {
    this.kernels = kernels;
    this.data = kernels.arrays.chunk;
    this.spare = kernels.arrays.spare;
  }

  load({ data, rows, columns }: Matrix): void {
    const { chunk, spare, narrow } = this.kernels.arrays;
    this.rows = rows;
    this.columns = columns;
    this.data = chunk;
    this.spare = spare;
    if (data instanceof Float32Array) {
      narrow.set(data);
      this.kernels.widen(narrow.byteOffset, chunk.byteOffset, data.length);
    } else {
      chunk.set(data);
    }
  }

  /** Each row minus `mean`. */
  subtract(mean: Float64Array): void {
    this.kernels.subtractFromRows(this.data.byteOffset, this.rows, this.columns, this.addressOf(mean));
  }

  /** Column j times factors[j]. */
  scale(factors: Float64Array): void {
    this.kernels.scaleColumns(this.data.byteOffset, this.rows, this.columns, this.addressOf(factors));
  }

  /** Each row divided by its length; a row of length 0 stays. */
  scaleToUnitLength(): void {
    this.kernels.scaleToUnitLength(this.data.byteOffset, this.rows, this.columns);
  }

  /** Each row minus its projections on orthonormal `directions` [D, d]. */
  removeDirections(directions: Matrix64, products: Products): Promise<void> {
    return removeDirections(this.matrix(), directions, products);
  }

  /** Each row times `weights`. @param into where the product is wanted; nothing but `store` may follow then */
  async multiply(weights: Matrix64, products: Products, into?: Float64Array): Promise<void> {
    const target = into ?? this.spare.subarray(0, this.rows * weights.columns);
    await products.multiply(this.matrix(), weights, target);
    if (into) {
      this.data = into;
    } else {
      [this.data, this.spare] = [this.spare, this.data];
    }
    this.columns = weights.columns;
  }

  /** The first `count` columns. */
  keepColumns(count: number): void {
    const { data, rows, columns } = this;
    for (let row = 1; row < rows; row++) data.copyWithin(row * count, row * columns, row * columns + count);
    this.columns = count;
  }

  /** Writes the rows to `target`, in its precision. @returns whether all numbers are finite */
  store(target: FloatArray): boolean {
    const { data, kernels } = this;
    if (data === target) return Number.isFinite(sumOf(data));
    const sum = kernels.sumOfNumbers(data.byteOffset, target.length);
    if (target instanceof Float32Array) {
      const { narrow } = kernels.arrays;
      kernels.narrow(data.byteOffset, narrow.byteOffset, target.length);
      target.set(narrow.subarray(0, target.length));
    } else {
      target.set(data.subarray(0, target.length));
    }
    return Number.isFinite(sum);
  }

  private matrix(): Matrix64 {
    const { data, rows, columns } = this;
    return { data: data.subarray(0, rows * columns), rows, columns };
  }

  private addressOf(vector: Float64Array): number {
    this.kernels.arrays.vector.set(vector);
    return this.kernels.arrays.vector.byteOffset;
  }
}

/** Not finite as soon as one of the values is not. Four sums: one alone would wait for each addition to finish. */
function sumOf(values: Float64Array): number {
  const even = values.length - (values.length % 4);
  let [a, b, c, d] = [0, 0, 0, 0];
  for (let i = 0; i < even; i += 4) {
    a += values[i];
    b += values[i + 1];
    c += values[i + 2];
    d += values[i + 3];
  }
  for (let i = even; i < values.length; i++) a += values[i];
  return a + b + (c + d);
}
