import { writeFileAtomically } from '../../corpus/writeFileAtomically';
import type { Matrix32 } from '../../linalg/matrix';
import { IsoscopeError } from '../../protocol/errors';
import type { Runtime } from '../../runtime/runtime';
import type { Transform } from '../../transform/transform';
import { compareRows, expectedRows, type ExportCheck } from './exportCheck';
import type { ExportResult, ExportServices } from './exportTransform';
import { encodeOnnxTail, type TailPrecision } from './onnxTail';

/** Told when float32 does not suffice inside. */
export const FLOAT64_NOTE =
  'It computes in float64 inside (float32 in and out): in float32 the smallest directions would lose digits.';

/** A file or graph that was made and run. */
export interface Attempt {
  readonly precision: TailPrecision;
  readonly check: ExportCheck;
}

/** In float32 where that keeps within the tolerance, else in float64. */
export async function inEnoughPrecision<T extends Attempt>(
  attempt: (precision: TailPrecision) => Promise<T>,
): Promise<T> {
  try {
    const first = await attempt('float32');
    if (first.check.isWithinTolerance) return first;
  } catch (error) {
    // A number beyond float32 inside may still give results within it.
    if (!(error instanceof IsoscopeError) || error.reason !== 'input') throw error;
  }
  return attempt('float64');
}

/** The transform alone as an ONNX model, run on `rows`. */
export async function exportOnnxTail(
  transform: Transform,
  out: string,
  rows: Matrix32,
  { runtime, products }: ExportServices,
  signal?: AbortSignal,
): Promise<ExportResult> {
  const expected = await expectedRows(transform, rows, products);
  const { model, precision, check } = await inEnoughPrecision(async (precision) => {
    const model = encodeOnnxTail(transform, precision);
    return { model, precision, check: compareRows(expected, await runTail(model, rows, out, runtime)) };
  });
  await writeFileAtomically(out, model, { ...(signal && { signal }) });
  const { inputDimension, outputDimension } = transform;
  const use = `Input "embedding" [N, ${inputDimension}], output "transformed" [N, ${outputDimension}], float32.`;
  return { files: [out], check, notes: precision === 'float64' ? [use, FLOAT64_NOTE] : [use] };
}

async function runTail(model: Uint8Array, rows: Matrix32, name: string, runtime: Runtime): Promise<Matrix32> {
  const session = await runtime.open(model, { name });
  try {
    const { transformed } = await session.run({
      embedding: { type: 'float32', dims: [rows.rows, rows.columns], data: rows.data },
    });
    return { data: transformed.data as Float32Array, rows: transformed.dims[0], columns: transformed.dims[1] };
  } finally {
    await session.release();
  }
}
