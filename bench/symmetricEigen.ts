import { EigenvalueDecomposition, Matrix as MlMatrix } from 'ml-matrix';
import { buildWasm } from '../scripts/buildWasm';
import { createRandom } from '../src/core/linalg/random';
import { decomposeSymmetric, warmUpEigenSolver } from '../src/core/linalg/symmetricEigenSolver';
import { noNumpy, timeNumpy } from './peers/numpy';
import { milliseconds, ratio, shortest } from './peers/stopwatch';

// Eigenvalues and eigenvectors of symmetric matrices: ours (WebAssembly, one thread, warm), NumPy's eigh (LAPACK, one thread), ml-matrix (JavaScript).
// The bound to keep: at most twice NumPy's time at 384 and 768.

const rounds = 3;
const repetitions = 4;
const largestForMlMatrix = 768;

/** Nothing deflates: the hardest case for divide and conquer. */
function randomSymmetric(n: number): Float64Array {
  const random = createRandom(n);
  const data = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) data[i * n + j] = data[j * n + i] = random.normal();
  return data;
}

/** Like an encoder's: standard deviations falling as a power law, mixed by random reflections, and rank n − 1. */
function covariance(n: number): Float64Array {
  const random = createRandom(n);
  const data = new Float64Array(n * n);
  for (let i = 0; i < n - 1; i++) data[i * n + i] = (i + 1) ** -1.2;
  for (let reflection = 0; reflection < 8; reflection++) reflect(data, n, () => random.normal());
  return data;
}

/** H A H with H = I − 2vvᵀ/vᵀv. */
function reflect(a: Float64Array, n: number, draw: () => number): void {
  const v = Float64Array.from({ length: n }, draw);
  const square = v.reduce((sum, x) => sum + x * x, 0);
  const product = v.map((_, i) => v.reduce((sum, x, j) => sum + a[i * n + j] * x, 0));
  const share = v.reduce((sum, x, i) => sum + x * product[i], 0) / square;
  const w = product.map((x, i) => (2 * (x - share * v[i])) / square);
  for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) a[i * n + j] = a[j * n + i] -= v[i] * w[j] + w[i] * v[j];
}

async function compare(name: string, data: Float64Array, n: number): Promise<boolean> {
  const ourMatrix = { data, rows: n, columns: n };
  let ours = Infinity;
  let numpy: number | undefined;
  // In turns, so that a busy minute of the machine meets both.
  for (let round = 0; round < rounds; round++) {
    ours = Math.min(ours, await shortest(repetitions, () => decomposeSymmetric(ourMatrix)));
    const theirs = timeNumpy('np.linalg.eigh(x)', data, n, n, repetitions);
    if (theirs !== undefined) numpy = Math.min(numpy ?? Infinity, theirs);
  }
  const mlMatrix =
    n <= largestForMlMatrix
      ? await shortest(
          1,
          () => new EigenvalueDecomposition(MlMatrix.from1DArray(n, n, data), { assumeSymmetric: true }),
        )
      : undefined;
  console.log(
    [
      name.padEnd(12),
      String(n).padStart(5),
      milliseconds(ours).padStart(9),
      milliseconds(numpy).padStart(9),
      ratio(ours, numpy).padStart(7),
      milliseconds(mlMatrix).padStart(10),
    ].join(' '),
  );
  return numpy !== undefined;
}

async function main(): Promise<void> {
  await buildWasm();
  const start = performance.now();
  warmUpEigenSolver();
  console.log(`warm-up ${milliseconds(performance.now() - start)} ms`);
  console.log('matrix           n   ours/ms numpy/ms   ratio ml-matrix/ms');
  let hasNumpy = true;
  for (const n of [128, 384, 768, 1024]) {
    hasNumpy = await compare('random', randomSymmetric(n), n);
    await compare('covariance', covariance(n), n);
  }
  if (!hasNumpy) console.log(noNumpy);
}

void main();
