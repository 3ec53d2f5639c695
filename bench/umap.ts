import { UMAP } from 'umap-js';
import { directionsOf } from '../src/core/geometry/neighbours';
import { matrixOf, type Matrix32 } from '../src/core/linalg/matrix';
import { openProducts } from '../src/core/linalg/onnxProducts';
import { createRandom } from '../src/core/linalg/random';
import { defaultEpochs, layOutGraph } from '../src/core/projection/umap/layOutGraph';
import { findNeighbourGraph } from '../src/core/projection/umap/neighbourGraph';
import { UMAP_MIN_DIST, UMAP_NEIGHBOURS } from '../src/core/protocol/umap';
import { openNodeRuntime } from '../src/core/runtime/nodeRuntime';
import { physicalCores } from '../src/core/runtime/threads';
import { timePython } from './peers/python';

// UMAP of clustered unit rows in seconds, from vectors to coordinates: ours (exact neighbours by ONNX Runtime, layout on one thread) beside umap-js (approximate neighbours, JavaScript) and umap-learn (approximate neighbours, compiled by Numba before the clock runs).
// Kept: of the 15 nearest by cosine in the full space, the share that is among the 15 nearest on the plane, over a sample of rows.

const dimension = 384;
const rowCounts = process.argv.slice(2).map(Number);

async function main(): Promise<void> {
  console.log(`rows × ${dimension}     search/s  layout/s     all/s   ours/peer   kept`);
  for (const rows of rowCounts.length > 0 ? rowCounts : [2_000, 20_000]) await compare(clusters(rows));
}

async function compare(matrix: Matrix32): Promise<void> {
  const products = await openProducts(await openNodeRuntime());
  const { rows } = matrix;
  const { points } = directionsOf(matrix);
  const sample = Array.from({ length: 200 }, (_, i) => Math.floor((i * rows) / 200));

  const start = performance.now();
  const graph = await findNeighbourGraph(points, UMAP_NEIGHBOURS, products);
  const searched = performance.now();
  const epochs = defaultEpochs(rows);
  const layout = await layOutGraph(graph, { seed: 0, epochs });
  const end = performance.now();
  const ours = end - start;
  const neighboursOf = (row: number): Int32Array =>
    graph.neighbours.subarray(row * UMAP_NEIGHBOURS + 1, (row + 1) * UMAP_NEIGHBOURS);
  print(`${rows} ours`, searched - start, end - searched, ours, undefined, kept(layout, sample, neighboursOf));

  const vectors = Array.from({ length: rows }, (_, row) =>
    Array.from(matrix.data.subarray(row * dimension, (row + 1) * dimension)),
  );
  const random = createRandom(0);
  const umapJs = new UMAP({
    nNeighbors: UMAP_NEIGHBOURS,
    minDist: UMAP_MIN_DIST,
    nEpochs: epochs,
    random: () => random.next(),
  });
  const jsStart = performance.now();
  umapJs.initializeFit(vectors);
  const initialized = performance.now();
  for (let epoch = 0; epoch < epochs; epoch++) umapJs.step();
  const jsEnd = performance.now();
  const plane = Float32Array.from(umapJs.getEmbedding().flat());
  const theirs = jsEnd - jsStart;
  print(
    'umap-js',
    initialized - jsStart,
    jsEnd - initialized,
    theirs,
    ours / theirs,
    kept(plane, sample, neighboursOf),
  );
  compareWithUmapLearn(matrix, ours);
}

/** Seeded it runs on one thread, as ours does; without a seed its threads write over each other, and every run is another. */
function compareWithUmapLearn({ data, rows }: Matrix32, ours: number): void {
  for (const [name, seed, threads] of [
    ['umap-learn, seeded', '0', 1],
    [`umap-learn, ${physicalCores()} threads`, 'None', physicalCores()],
  ] as const) {
    const time = timePython({
      setup: `
import warnings
warnings.filterwarnings("ignore")
import numba, umap
numba.set_num_threads(${threads})
def fit(rows, seed):
    return umap.UMAP(n_neighbors=${UMAP_NEIGHBOURS}, min_dist=${UMAP_MIN_DIST}, metric="cosine", random_state=seed).fit_transform(rows)
fit(x[:5000], ${seed})`,
      statement: `fit(x, ${seed})`,
      x: data,
      rows,
      columns: dimension,
      threads,
      repetitions: 1,
    });
    if (time === undefined) {
      console.log('no Python with umap-learn was found (set PYTHON to one): no comparison with it');
      return;
    }
    print(name, undefined, undefined, time.wall, ours / time.wall, undefined);
  }
}

function print(
  name: string,
  search: number | undefined,
  layout: number | undefined,
  all: number,
  times: number | undefined,
  share: number | undefined,
): void {
  const seconds = (time: number | undefined): string => (time === undefined ? '–' : (time / 1000).toFixed(1));
  console.log(
    [
      name.padEnd(22),
      seconds(search).padStart(9),
      seconds(layout).padStart(9),
      seconds(all).padStart(9),
      (times === undefined ? '' : times.toFixed(2)).padStart(11),
      (share === undefined ? '–' : share.toFixed(2)).padStart(6),
    ].join(' '),
  );
}

/** Of the neighbours of some rows, how many are as near on the plane. */
function kept(plane: Float32Array, sample: readonly number[], neighboursOf: (row: number) => Int32Array): number {
  let found = 0;
  let all = 0;
  for (const row of sample) {
    const near = neighboursOf(row);
    const squareTo = (other: number): number =>
      (plane[2 * other] - plane[2 * row]) ** 2 + (plane[2 * other + 1] - plane[2 * row + 1]) ** 2;
    const order = Float64Array.from({ length: plane.length / 2 }, (_, other) =>
      other === row ? Infinity : squareTo(other),
    );
    const limit = order.slice().sort()[near.length - 1];
    for (const other of near) if (order[other] <= limit) found++;
    all += near.length;
  }
  return found / all;
}

/** Unit rows in groups of different size, each spread in eight directions of its own and a little in all: what sentence vectors are like. */
function clusters(rows: number): Matrix32 {
  const random = createRandom(7);
  const [groups, inner] = [40, 8];
  const normals = (length: number): Float64Array => Float64Array.from({ length }, () => random.normal());
  const centres = normals(groups * dimension);
  const directions = normals(groups * inner * dimension);
  const data = new Float32Array(rows * dimension);
  for (let row = 0; row < rows; row++) {
    const group = Math.floor(groups * random.next() ** 2);
    const place = normals(inner);
    const own = data.subarray(row * dimension, (row + 1) * dimension);
    for (let column = 0; column < dimension; column++) {
      let value = centres[group * dimension + column] + 0.05 * random.normal();
      for (let i = 0; i < inner; i++) value += 0.3 * place[i] * directions[(group * inner + i) * dimension + column];
      own[column] = value;
    }
    const length = Math.sqrt(own.reduce((sum, value) => sum + value * value, 0));
    for (let column = 0; column < dimension; column++) own[column] /= length;
  }
  return matrixOf(data, rows, dimension);
}

void main();
