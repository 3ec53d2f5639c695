import { spawnSync } from 'node:child_process';

/** What a peer needs to run. */
export interface PythonTask {
  /** statements before the clock runs: imports, and what is made of `x` [rows, columns] */
  readonly setup: string;
  /** what is timed, again and again */
  readonly statement: string;
  readonly x: Float32Array | Float64Array;
  readonly rows: number;
  readonly columns: number;
  readonly threads: number;
  readonly repetitions: number;
}

/** The shortest of several runs, in milliseconds: on the clock, and of the processor (all threads together). */
export interface PeerTime {
  readonly wall: number;
  readonly cpu: number;
}

/**
 * Times Python in a process of its own; set PYTHON to the one to use.
 * @returns `undefined` where there is no such Python, or not the packages
 */
export function timePython(task: PythonTask): PeerTime | undefined {
  const { x, rows, columns, repetitions } = task;
  const type = x instanceof Float32Array ? 'float32' : 'float64';
  const script = `
import sys, time
import numpy as np
x = np.frombuffer(sys.stdin.buffer.read(), dtype=np.${type}).reshape(${String(rows)}, ${String(columns)})
${task.setup}
def run():
${task.statement.replaceAll(/^/gm, '    ')}
wall = cpu = float("inf")
for _ in range(${String(repetitions)}):
    clock, used = time.perf_counter(), time.process_time()
    run()
    wall, cpu = min(wall, time.perf_counter() - clock), min(cpu, time.process_time() - used)
print(wall * 1000, cpu * 1000)
`;
  const python = process.env['PYTHON'] ?? 'python3';
  const child = spawnSync(python, ['-c', script], {
    input: new Uint8Array(x.buffer, x.byteOffset, x.byteLength),
    encoding: 'utf8',
    env: environmentFor(String(task.threads)),
  });
  if (child.status !== 0) {
    if (child.status !== null && !/ModuleNotFoundError|ImportError/.test(child.stderr)) console.error(child.stderr);
    return undefined;
  }
  const [wall, cpu] = child.stdout.trim().split(' ').map(Number);
  return { wall, cpu };
}

/** As many threads for every BLAS that a package may bring, and no hint that would make OpenBLAS use the kernels of another processor. */
function environmentFor(threads: string): NodeJS.ProcessEnv {
  return {
    ...process.env,
    OPENBLAS_CORETYPE: undefined,
    OPENBLAS_L2_SIZE: undefined,
    OPENBLAS_NUM_THREADS: threads,
    OMP_NUM_THREADS: threads,
    MKL_NUM_THREADS: threads,
    VECLIB_MAXIMUM_THREADS: threads,
  };
}
