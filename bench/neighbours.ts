import { loadavg } from 'node:os';
import { buildWasm } from '../scripts/buildWasm';
import { cosineNeighbours, type CosineNeighbours } from '../src/core/geometry/neighbours';
import type { Matrix32 } from '../src/core/linalg/matrix';
import { openProducts } from '../src/core/linalg/onnxProducts';
import { createRandom } from '../src/core/linalg/random';
import { openNodeRuntime } from '../src/core/runtime/nodeRuntime';
import { physicalCores } from '../src/core/runtime/threads';
import { type PeerTime, timePython } from './peers/python';
import { milliseconds } from './peers/stopwatch';

// The 15 nearest of every row by cosine, exact: ours (float32 products of half of the pairs, then float64 for what they leave open) beside FAISS flat, NumPy
// and scikit-learn, whose order float32 decides. On one thread time of the processor counts, which a busy machine does not stretch; on several the clock
// does. Ratios are the peer's time over ours.

const ROWS = 20_000;
const COLUMNS = 384;
const K = 15;
const ROUNDS = 2;

interface Peer {
  readonly name: string;
  readonly setup: string;
  readonly statement: string;
}

const normalize = 'x = x / np.linalg.norm(x, axis=1, keepdims=True)';
const peers: readonly Peer[] = [
  {
    name: 'FAISS flat',
    setup: ['import faiss, os', 'faiss.omp_set_num_threads(int(os.environ["OMP_NUM_THREADS"]))', normalize].join('\n'),
    statement: [
      'index = faiss.IndexFlatIP(x.shape[1])',
      'index.add(x)',
      `return index.search(x, ${String(K + 1)})`,
    ].join('\n'),
  },
  {
    name: 'NumPy',
    setup: normalize,
    statement: [
      'for start in range(0, len(x), 1000):',
      '    products = x[start:start + 1000] @ x.T',
      `    found = np.argpartition(-products, ${String(K)}, axis=1)[:, :${String(K + 1)}]`,
      '    np.take_along_axis(found, np.argsort(-np.take_along_axis(products, found, axis=1), axis=1), axis=1)',
    ].join('\n'),
  },
  {
    name: 'scikit-learn',
    setup: 'from sklearn.neighbors import NearestNeighbors',
    statement: `return NearestNeighbors(n_neighbors=${String(K + 1)}, metric="cosine", algorithm="brute").fit(x).kneighbors(x)`,
  },
];

/** Rows around 200 common themes, as sentences have them. */
function themes(rows: number, columns: number): Matrix32 {
  const random = createRandom(7);
  const centres = Array.from({ length: 200 }, () => Float64Array.from({ length: columns }, () => random.normal()));
  const data = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const centre = centres[random.integer(centres.length)];
    for (let k = 0; k < columns; k++) data[row * columns + k] = 0.6 * centre[k] + random.normal();
  }
  return { data, rows, columns };
}

async function main(): Promise<void> {
  await buildWasm();
  const x = themes(ROWS, COLUMNS);
  console.log(`the ${String(K)} nearest of ${String(ROWS)} × ${String(COLUMNS)} float32 rows by cosine`);
  for (const threads of new Set([1, physicalCores()])) await compare(x, threads);
}

async function compare(x: Matrix32, threads: number): Promise<void> {
  const products = await openProducts(await openNodeRuntime({ threads }));
  const search = (): Promise<CosineNeighbours> => cosineNeighbours(x, K, products);
  const times = new Map<string, PeerTime>();
  const note = (name: string, time: PeerTime | undefined): void => {
    const known = times.get(name) ?? { wall: Infinity, cpu: Infinity };
    if (time) times.set(name, { wall: Math.min(known.wall, time.wall), cpu: Math.min(known.cpu, time.cpu) });
  };
  // In turns, so that a busy minute of the machine meets all.
  for (let round = 0; round < ROUNDS; round++) {
    const clock = performance.now();
    const used = process.cpuUsage();
    await search();
    const { user, system } = process.cpuUsage(used);
    note('Isoscope', { wall: performance.now() - clock, cpu: (user + system) / 1000 });
    for (const { name, setup, statement } of peers) {
      note(name, timePython({ setup, statement, x: x.data, rows: ROWS, columns: COLUMNS, threads, repetitions: 1 }));
    }
  }
  const timeOf = ({ wall, cpu }: PeerTime): number => (threads === 1 ? cpu : wall);
  const ours = timeOf(times.get('Isoscope')!);
  console.log(`\nthreads: ${String(threads)} (load ${loadavg()[0].toFixed(1)})`);
  for (const name of ['Isoscope', ...peers.map((peer) => peer.name)]) {
    const time = times.get(name);
    const text = time ? `${milliseconds(timeOf(time)).padStart(8)} ms ${(timeOf(time) / ours).toFixed(2)}×` : skipped;
    console.log(`  ${name.padEnd(14)} ${text}`);
  }
}

const skipped = 'left out: not found (set PYTHON to a Python that has it)';

void main();
