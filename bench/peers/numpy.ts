import { spawnSync } from 'node:child_process';

/**
 * Times an expression of NumPy on one thread, in a process of its own.
 * @param expression Python, of the float64 matrix `x`
 * @param x row-major, handed over as it is
 * @returns the shortest of `repetitions` runs in milliseconds, or `undefined` where there is no Python with NumPy
 */
export function timeNumpy(
  expression: string,
  x: Float64Array,
  rows: number,
  columns: number,
  repetitions: number,
): number | undefined {
  const script = `
import sys, time
import numpy as np
x = np.frombuffer(sys.stdin.buffer.read(), dtype=np.float64).reshape(${String(rows)}, ${String(columns)})
best = float("inf")
for _ in range(${String(repetitions)}):
    start = time.perf_counter()
    ${expression}
    best = min(best, time.perf_counter() - start)
print(best * 1000)
`;
  const python = process.env['PYTHON'] ?? 'python3';
  const child = spawnSync(python, ['-c', script], {
    input: new Uint8Array(x.buffer, x.byteOffset, x.byteLength),
    encoding: 'utf8',
    env: singleThreadedEnvironment(),
  });
  return child.status === 0 ? Number(child.stdout) : undefined;
}

export const noNumpy = 'no Python with NumPy was found (set PYTHON to one): no comparison with NumPy';

/** One thread for every BLAS that NumPy may bring, and no hint that would make OpenBLAS use the kernels of another processor. */
function singleThreadedEnvironment(): NodeJS.ProcessEnv {
  return {
    ...process.env,
    OPENBLAS_CORETYPE: undefined,
    OPENBLAS_L2_SIZE: undefined,
    OPENBLAS_NUM_THREADS: '1',
    OMP_NUM_THREADS: '1',
    MKL_NUM_THREADS: '1',
    VECLIB_MAXIMUM_THREADS: '1',
  };
}
