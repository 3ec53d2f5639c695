import type { ModelSession, Runtime, Tensor } from '../runtime/runtime';
import { findLargestInnerProducts } from './largestInnerProducts';
import type { FloatArray, Matrix, Matrix32, Matrix64 } from './matrix';
import { gramGraph, largestProductsGraph, multiplyGraph, multiplyTransposedGraph } from './productGraphs';
import type { Products } from './products';
import { addSymmetricProduct } from './symmetricProduct';

type OpenSession = () => Promise<ModelSession>;

interface PerPrecision {
  readonly float32: OpenSession;
  readonly float64: OpenSession;
}

/**
 * {@link Products} through ONNX Runtime: each product is a graph of one or two operators, opened at its first use.
 * @throws RangeError where shapes do not fit, TypeError where precisions are mixed
 */
export function openProducts(runtime: Runtime): Promise<Products> {
  const gram = openOnce(runtime, 'gram', () => gramGraph('float64'));
  const largest = openOnce(runtime, 'largest inner products', largestProductsGraph);
  const multiply = perPrecision(runtime, 'product', multiplyGraph);
  const multiplyTransposed = perPrecision(runtime, 'transposed product', multiplyTransposedGraph);

  return Promise.resolve({
    gram: async (x) => symmetrized(await runProduct(await gram(), { x }, x.columns, x.columns, x.rows)),

    addSymmetricProduct: async (x, sum) => {
      requireEqual(sum.rows, x.rows, 'rows of the sum', 'rows of the matrix');
      requireEqual(sum.columns, x.rows, 'columns of the sum', 'rows of the matrix');
      await addSymmetricProduct(await multiplyTransposed.float64(), x, sum);
    },

    multiply: (a, b, into) => {
      requireEqual(a.columns, b.rows, 'columns of the first matrix', 'rows of the second');
      return runPair(multiply, a, b, b.columns, into);
    },

    multiplyTransposed: (a, b, into) => {
      requireEqual(a.columns, b.columns, 'columns of the first matrix', 'columns of the second');
      return runPair(multiplyTransposed, a, b, b.rows, into);
    },

    largestInnerProducts: async (queries, keys, k, exclude, signal) => {
      requireEqual(queries.columns, keys.columns, 'columns of the queries', 'columns of the keys');
      if (exclude) requireEqual(exclude.length, queries.rows, 'excluded rows', 'queries');
      return findLargestInnerProducts(await largest(), queries, keys, k, exclude, signal);
    },
  });
}

/** Opens the graph at the first call; later calls share it. A failed attempt is not kept. */
function openOnce(runtime: Runtime, name: string, graph: () => Uint8Array): OpenSession {
  let opening: Promise<ModelSession> | undefined;
  return () => {
    opening ??= runtime.open(graph(), { name }).catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    return opening;
  };
}

function perPrecision(
  runtime: Runtime,
  name: string,
  graph: (type: 'float32' | 'float64') => Uint8Array,
): PerPrecision {
  return {
    float32: openOnce(runtime, `${name} (float32)`, () => graph('float32')),
    float64: openOnce(runtime, `${name} (float64)`, () => graph('float64')),
  };
}

async function runPair<M extends Matrix32 | Matrix64>(
  sessions: PerPrecision,
  a: M,
  b: M,
  columns: number,
  into: FloatArray | undefined,
): Promise<M> {
  const type = precisionOf(a);
  if (precisionOf(b) !== type) throw new TypeError('Both matrices of a product must have the same precision.');
  if (into) requireEqual(into.length, a.rows * columns, 'numbers to write to', 'numbers of the product');
  return (await runProduct<FloatArray>(await sessions[type](), { a, b }, a.rows, columns, a.columns, into)) as M;
}

/**
 * @param summed the length of the axis that is summed over: where it is 0, so is the product
 * @param into what the product is written to; default: new memory
 */
async function runProduct<Data extends FloatArray>(
  session: ModelSession,
  operands: Readonly<Record<string, Matrix<Data>>>,
  rows: number,
  columns: number,
  summed: number,
  into?: Data,
): Promise<Matrix<Data>> {
  const [operand] = Object.values(operands);
  const type = precisionOf(operand);
  // ONNX Runtime takes no empty matrices.
  if (rows === 0 || columns === 0 || summed === 0) {
    const length = rows * columns;
    const data = into?.fill(0) ?? (type === 'float32' ? new Float32Array(length) : new Float64Array(length));
    return { data: data as Data, rows, columns };
  }
  const feeds: Record<string, Tensor> = {};
  for (const [name, matrix] of Object.entries(operands)) {
    feeds[name] = { type, dims: [matrix.rows, matrix.columns], data: matrix.data };
  }
  if (into) {
    await session.run(feeds, { product: { type, dims: [rows, columns], data: into } });
    return { data: into, rows, columns };
  }
  const { product } = await session.run(feeds);
  return { data: product.data as FloatArray as Data, rows, columns };
}

function precisionOf(matrix: Matrix): 'float32' | 'float64' {
  return matrix.data instanceof Float32Array ? 'float32' : 'float64';
}

/** The upper triangle on both sides: a blocked product sums (i, j) and (j, i) in different orders. */
function symmetrized(square: Matrix64): Matrix64 {
  const { data, rows: n } = square;
  for (let i = 1; i < n; i++) for (let j = 0; j < i; j++) data[i * n + j] = data[j * n + i];
  return square;
}

function requireEqual(left: number, right: number, leftName: string, rightName: string): void {
  if (left !== right) throw new RangeError(`${String(left)} ${leftName} do not fit ${String(right)} ${rightName}`);
}
