import { buildEigenSolver } from '../scripts/buildEigenSolver';

/** Numerics run the compiled eigensolver: it is built once before the tests, and only when its sources changed. */
export async function setup(): Promise<void> {
  await buildEigenSolver();
}
