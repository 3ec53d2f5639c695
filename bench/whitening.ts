import { loadavg } from 'node:os';
import { Matrix as MlMatrix, EigenvalueDecomposition } from 'ml-matrix';
import { buildWasm } from '../scripts/buildWasm';
import { computeMoments } from '../src/core/geometry/moments';
import type { Matrix } from '../src/core/linalg/matrix';
import { openProducts } from '../src/core/linalg/onnxProducts';
import type { Products } from '../src/core/linalg/products';
import { createRandom } from '../src/core/linalg/random';
import { warmUpEigenSolver } from '../src/core/linalg/symmetricEigenSolver';
import { openNodeRuntime } from '../src/core/runtime/nodeRuntime';
import { physicalCores } from '../src/core/runtime/threads';
import { applyTransform } from '../src/core/transform/applyTransform';
import { fitTransform } from '../src/core/transform/fitTransform';
import { parseTransformSpec } from '../src/core/transform/spec';
import { timePython, type PeerTime } from './peers/python';
import { milliseconds } from './peers/stopwatch';

// Moments, spectrum, fit of a PCA whitening and its application to all rows, with products in float64: ours beside NumPy and scikit-learn on the same rows.
// Ours computes more than the peers on its way: checks every number, norms, sums of unit rows. On one thread time of the processor counts, which a busy
// machine does not stretch; on several the clock does. Ratios are the peer's time over ours.

const ROWS = 20_000;
const ROUNDS = 3;
const REPETITIONS = 3;
/** ml-matrix multiplies some 60 times slower: it gets a tenth of the rows. */
const ML_MATRIX_ROWS = 2000;

interface Peer {
  readonly name: string;
  readonly setup: string;
  readonly statement: string;
}

const peers: readonly Peer[] = [
  {
    name: 'NumPy',
    setup: '',
    statement: [
      'mean = x.mean(axis=0)',
      'centred = x - mean',
      'values, vectors = np.linalg.eigh(centred.T @ centred / (len(x) - 1))',
      'return centred @ (vectors[:, ::-1] / np.sqrt(values[::-1]))',
    ].join('\n'),
  },
  ...(['covariance_eigh', 'full'] as const).map((solver) => ({
    name: `scikit-learn PCA(${solver})`,
    setup: 'from sklearn.decomposition import PCA',
    statement: `return PCA(svd_solver="${solver}", whiten=True).fit_transform(x)`,
  })),
];

function encoderLike(rows: number, columns: number): Float64Array {
  const random = createRandom(columns);
  const data = new Float64Array(rows * columns);
  for (let at = 0; at < data.length; at++) {
    const k = at % columns;
    data[at] = random.normal() * (k + 1) ** -0.3 + (k % 50 === 0 ? 0.5 : 0.02);
  }
  return data;
}

async function whiten(matrix: Matrix, products: Products): Promise<Matrix> {
  const moments = await computeMoments(matrix, products);
  const fittedOn = { count: matrix.rows, dimension: matrix.columns, sha256: '', transductive: true };
  const fit = await fitTransform(parseTransformSpec('pca'), { moments, rows: matrix, products, fittedOn });
  return applyTransform(fit.transform, matrix, products);
}

async function timeOurs(matrix: Matrix, products: Products): Promise<PeerTime> {
  let [wall, cpu] = [Infinity, Infinity];
  for (let repetition = 0; repetition < REPETITIONS; repetition++) {
    const clock = performance.now();
    const used = process.cpuUsage();
    await whiten(matrix, products);
    const { user, system } = process.cpuUsage(used);
    [wall, cpu] = [Math.min(wall, performance.now() - clock), Math.min(cpu, (user + system) / 1000)];
  }
  return { wall, cpu };
}

async function compare(columns: number, threads: number): Promise<void> {
  const data = encoderLike(ROWS, columns);
  const products = await openProducts(await openNodeRuntime({ threads }));
  const ours64 = { data, rows: ROWS, columns };
  const ours32 = { ...ours64, data: Float32Array.from(data) };
  await whiten(ours64, products);
  const times = new Map<string, PeerTime>();
  const note = (name: string, time: PeerTime | undefined): void => {
    const known = times.get(name) ?? { wall: Infinity, cpu: Infinity };
    if (time) times.set(name, { wall: Math.min(known.wall, time.wall), cpu: Math.min(known.cpu, time.cpu) });
  };
  // In turns, so that a busy minute of the machine meets all.
  for (let round = 0; round < ROUNDS; round++) {
    note('Isoscope', await timeOurs(ours64, products));
    note('Isoscope, float32 rows', await timeOurs(ours32, products));
    for (const { name, setup, statement } of peers) {
      note(name, timePython({ setup, statement, x: data, rows: ROWS, columns, threads, repetitions: REPETITIONS }));
    }
  }
  const timeOf = ({ wall, cpu }: PeerTime): number => (threads === 1 ? cpu : wall);
  const ours = timeOf(times.get('Isoscope')!);
  const load = loadavg()[0].toFixed(1);
  console.log(`\n${String(ROWS)} × ${String(columns)}, threads: ${String(threads)} (load ${load})`);
  for (const name of ['Isoscope', 'Isoscope, float32 rows', ...peers.map((peer) => peer.name)]) {
    const time = times.get(name);
    const text = time ? `${milliseconds(timeOf(time)).padStart(8)} ms ${(timeOf(time) / ours).toFixed(2)}×` : skipped;
    console.log(`  ${name.padEnd(34)} ${text}`);
  }
}

const skipped = 'left out: not found (set PYTHON to a Python that has it)';

/** The same chain in plain JavaScript, on few rows; the eigenvectors take as long for any number of rows. */
function timeMlMatrix(columns: number): void {
  const x = MlMatrix.from1DArray(ML_MATRIX_ROWS, columns, encoderLike(ML_MATRIX_ROWS, columns));
  const start = performance.now();
  const centred = x.center('column');
  const covariance = centred
    .transpose()
    .mmul(centred)
    .div(ML_MATRIX_ROWS - 1);
  const products = performance.now();
  const eigen = new EigenvalueDecomposition(covariance, { assumeSymmetric: true });
  const decomposed = performance.now();
  const scales = eigen.realEigenvalues.map((value) => 1 / Math.sqrt(value));
  centred.mmul(eigen.eigenvectorMatrix.mulRowVector(scales));
  const applied = performance.now() - decomposed;
  const perRow = (products - start + applied) / ML_MATRIX_ROWS;
  const whole = perRow * ROWS + (decomposed - products);
  console.log(
    `  ml-matrix at d = ${String(columns)}: ${milliseconds(decomposed - products)} ms for eigenvectors, the rest for ` +
      `${String(ML_MATRIX_ROWS)} rows ${milliseconds(perRow * ML_MATRIX_ROWS)} ms: about ${milliseconds(whole)} ms for ${String(ROWS)} rows (extrapolated)`,
  );
}

async function main(): Promise<void> {
  await buildWasm();
  warmUpEigenSolver();
  console.log(
    'moments + spectrum + whitening fit + apply, float64 products; the ratio is that time over ours in float64',
  );
  for (const columns of [384, 768]) {
    for (const threads of new Set([1, physicalCores()])) await compare(columns, threads);
  }
  console.log('\nJavaScript (ml-pca decomposes with ml-matrix):');
  for (const columns of [384, 768]) timeMlMatrix(columns);
}

void main();
