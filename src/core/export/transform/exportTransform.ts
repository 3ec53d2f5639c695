import path from 'node:path';
import { writeFileAtomically } from '../../corpus/writeFileAtomically';
import type { FloatArray, Matrix, Matrix32 } from '../../linalg/matrix';
import type { Products } from '../../linalg/products';
import type { EncoderChoice } from '../../protocol/engineProtocol';
import { assertNever, IsoscopeError } from '../../protocol/errors';
import type { Runtime } from '../../runtime/runtime';
import { readTransform, serializeTransform } from '../../transform/serializeTransform';
import { checkDimension, type Transform } from '../../transform/transform';
import { compareRows, expectedRows, type ExportCheck, ROUNDING_NOTE, runSteps, takeRows } from './exportCheck';
import { sampleRows } from './sampleRows';
import { exportMergedEncoder } from './exportMergedEncoder';
import { exportOnnxTail } from './exportOnnxTail';
import { exportSentenceTransformers } from './exportSentenceTransformers';
import { npzOfTransform, readNpzSteps } from './npzExport';
import { numpySnippet } from './numpySnippet';
import { stepsOf, type TransformStep } from './steps';
import { readSnippetSteps, typescriptSnippet } from './typescriptSnippet';

export const transformFormats = ['npz', 'numpy', 'onnx', 'sentence-transformers', 'json', 'typescript'] as const;
export type TransformFormat = (typeof transformFormats)[number];

/** A fitted transform, on its way out. */
export interface ExportRequest {
  readonly transform: Transform;
  readonly format: TransformFormat;
  /** a file; a folder for sentence-transformers */
  readonly out: string;
  /** whose graph (onnx) or folder (sentence-transformers) the transform is joined to; `null` = the transform alone */
  readonly encoder: EncoderChoice | null;
  /** of sentence-transformers: the changed modules only, without the model's files */
  readonly modulesOnly?: boolean;
  /** vectors to try the export on; default: seeded ones. With an encoder sentences are used instead */
  readonly rows?: Matrix | undefined;
}

export interface ExportServices {
  readonly runtime: Runtime;
  readonly products: Products;
}

export interface ExportResult {
  /** what was written */
  readonly files: readonly string[];
  readonly check: ExportCheck;
  /** one sentence each: how it is used, what it does not hold */
  readonly notes: readonly string[];
}

/**
 * Writes a transform for use elsewhere and runs what was written again, on 16 rows or sentences. Files and folders appear whole or not at all.
 * @throws IsoscopeError `usage` where the format cannot hold the transform or the encoder, `input` for a place that cannot be written; AbortError
 */
export async function exportTransform(
  request: ExportRequest,
  services: ExportServices,
  signal?: AbortSignal,
): Promise<ExportResult> {
  signal?.throwIfAborted();
  const result = await writeFormat(request, services, signal);
  return result.check.isWithinTolerance ? result : { ...result, notes: [...result.notes, ROUNDING_NOTE] };
}

async function writeFormat(
  request: ExportRequest,
  services: ExportServices,
  signal?: AbortSignal,
): Promise<ExportResult> {
  const { transform, format, out, encoder } = request;
  switch (format) {
    case 'onnx':
      return encoder === null
        ? exportOnnxTail(transform, out, await checkedRows(request, services.products), services, signal)
        : exportMergedEncoder(transform, encoder, out, services, signal);
    case 'sentence-transformers':
      if (encoder === null) {
        throw new IsoscopeError(
          'usage',
          'A sentence-transformers folder needs the encoder whose vectors the transform was fitted on: name its folder with --encoder.',
        );
      }
      return exportSentenceTransformers(transform, encoder, out, request.modulesOnly === true, services, signal);
    case 'json':
      return exportJson(request, services, signal);
    case 'npz':
      return exportNpz(request, services, signal);
    case 'numpy':
      return exportNumpy(request, services, signal);
    case 'typescript':
      return exportTypescript(request, services, signal);
    default:
      return assertNever(format);
  }
}

async function checkedRows({ transform, rows }: ExportRequest, products: Products): Promise<Matrix32> {
  if (rows === undefined) return sampleRows(transform, products);
  checkDimension(transform, rows.columns);
  return takeRows(rows);
}

async function exportJson(
  request: ExportRequest,
  { products }: ExportServices,
  signal?: AbortSignal,
): Promise<ExportResult> {
  const { transform, out } = request;
  const rows = await checkedRows(request, products);
  const text = serializeTransform(transform);
  const check = compareRows(
    await expectedRows(transform, rows, products),
    await expectedRows(readTransform(text, out), rows, products),
  );
  await writeFileAtomically(out, text, { ...(signal && { signal }) });
  return { files: [out], check, notes: ['Isoscope reads it: isoscope apply, or --transform of isoscope analyze.'] };
}

async function exportNpz(
  request: ExportRequest,
  services: ExportServices,
  signal?: AbortSignal,
): Promise<ExportResult> {
  const { transform, out } = request;
  const parts = npzOfTransform(transform);
  const check = await checkSteps(request, services, (steps) => readNpzSteps(Buffer.concat(parts), steps));
  await writeFileAtomically(out, parts, { ...(signal && { signal }) });
  return {
    files: [out],
    check,
    notes: ['In NumPy: y = (x - a["mean"]) @ a["matrix"] (+ a["bias"]); a["meta"] lists the steps.'],
  };
}

async function exportNumpy(
  request: ExportRequest,
  services: ExportServices,
  signal?: AbortSignal,
): Promise<ExportResult> {
  const { transform, out } = request;
  const archive = /\.py$/i.test(out) ? out.replace(/\.py$/i, '.npz') : `${out}.npz`;
  const { check } = await exportNpz({ ...request, out: archive }, services, signal);
  await writeFileAtomically(out, numpySnippet(transform, path.basename(archive)), { ...(signal && { signal }) });
  return { files: [out, archive], check, notes: [`python ${out} X.npy Y.npy, or import its transform(x).`] };
}

async function exportTypescript(
  request: ExportRequest,
  services: ExportServices,
  signal?: AbortSignal,
): Promise<ExportResult> {
  const { transform, out } = request;
  const module = typescriptSnippet(transform);
  const check = await checkSteps(request, services, (steps) => readSnippetSteps(module, steps));
  await writeFileAtomically(out, module, { ...(signal && { signal }) });
  return { files: [out], check, notes: ['import { transform } from it: one vector in, one out.'] };
}

/** Runs the numbers as they were written. */
async function checkSteps(
  request: ExportRequest,
  { products }: ExportServices,
  readBack: (steps: readonly TransformStep[]) => readonly TransformStep<FloatArray>[],
): Promise<ExportCheck> {
  const rows = await checkedRows(request, products);
  const expected = await expectedRows(request.transform, rows, products);
  return compareRows(expected, runSteps(readBack(stepsOf(request.transform)), rows));
}
