import { Matrix as MlMatrix } from 'ml-matrix';
import { matrixOf } from '../src/core/linalg/matrix';
import { openProducts } from '../src/core/linalg/onnxProducts';
import { createRandom } from '../src/core/linalg/random';
import { openNodeRuntime } from '../src/core/runtime/nodeRuntime';
import { physicalCores } from '../src/core/runtime/threads';
import { noNumpy, timeNumpy } from './peers/numpy';
import { milliseconds, ratio, shortest } from './peers/stopwatch';

// XᵀX in float64: ours (ONNX Runtime's Gemm) on one thread and on all cores, NumPy on one thread (which
// knows that the product is symmetric and computes half of it), ml-matrix (JavaScript); then exact nearest neighbours.

const repetitions = 5;
const largestForMlMatrix = 2000;

function normals(count: number): Float64Array {
  const random = createRandom(count);
  return Float64Array.from({ length: count }, () => random.normal());
}

async function compareGram(rows: number, columns: number): Promise<boolean> {
  const data = normals(rows * columns);
  const x = matrixOf(data, rows, columns);
  const one = await openProducts(await openNodeRuntime({ threads: 1 }));
  const all = await openProducts(await openNodeRuntime());
  await one.gram(x);
  await all.gram(x);
  const oneThread = await shortest(repetitions, () => one.gram(x));
  const allThreads = await shortest(repetitions, () => all.gram(x));
  const numpy = timeNumpy('x.T @ x', data, rows, columns, repetitions);
  const mlMatrix = rows <= largestForMlMatrix ? await timeMlMatrix(data, rows, columns) : undefined;
  console.log(
    [
      `${String(rows)} × ${String(columns)}`.padEnd(13),
      milliseconds(oneThread).padStart(9),
      milliseconds(allThreads).padStart(9),
      milliseconds(numpy).padStart(9),
      ratio(oneThread, numpy).padStart(7),
      milliseconds(mlMatrix).padStart(10),
    ].join(' '),
  );
  return numpy !== undefined;
}

function timeMlMatrix(data: Float64Array, rows: number, columns: number): Promise<number> {
  const x = MlMatrix.from1DArray(rows, columns, data);
  return shortest(1, () => x.transpose().mmul(x));
}

async function timeNeighbours(rows: number, columns: number, k: number): Promise<void> {
  const x = matrixOf(Float32Array.from(normals(rows * columns)), rows, columns);
  const itself = Int32Array.from({ length: rows }, (_, i) => i);
  const products = await openProducts(await openNodeRuntime());
  await products.largestInnerProducts(x, x, 1, itself);
  const time = await shortest(2, () => products.largestInnerProducts(x, x, k, itself));
  console.log(`${String(k)} nearest of ${String(rows)} × ${String(columns)}: ${milliseconds(time)} ms`);
}

async function main(): Promise<void> {
  console.log(`XᵀX, float64      1 thread ${String(physicalCores())} threads  numpy/ms   ratio ml-matrix/ms`);
  let hasNumpy = true;
  for (const [rows, columns] of [
    [2000, 384],
    [10_000, 384],
    [20_000, 768],
  ] as const) {
    hasNumpy = await compareGram(rows, columns);
  }
  if (!hasNumpy) console.log(noNumpy);
  await timeNeighbours(10_000, 384, 10);
}

void main();
