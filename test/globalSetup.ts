import { buildWasm } from '../scripts/buildWasm';
import { buildUmap } from '../scripts/buildUmap';

/** Numerics run the compiled kernels and UMAP's WebAssembly: both are built once before the tests, and only when their sources changed. */
export async function setup(): Promise<void> {
  await Promise.all([buildWasm(), buildUmap()]);
}
