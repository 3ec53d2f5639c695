import { EXPORT_TOLERANCE } from '../export/transform/exportCheck';
import { type ExportResult, exportTransform } from '../export/transform/exportTransform';
import { openProducts } from '../linalg/onnxProducts';
import { openNodeRuntime } from '../runtime/nodeRuntime';
import type { CommandIo } from './commandIo';
import type { ExportArguments } from './exportArguments';
import { checkOutput } from './outputs';
import { readVectors } from './readCorpus';
import { readTransformFile } from './transformFile';

/** `isoscope export`: a fitted transform for NumPy, ONNX, sentence-transformers or TypeScript, run again before it is handed over. */
export async function runExport(command: ExportArguments, io: CommandIo): Promise<void> {
  const { signal, onProgress, say } = io;
  if (command.format !== 'sentence-transformers') await checkOutput(command.out);
  const transform = await readTransformFile(command.transformFile, signal);
  const rows = command.vectors && (await readVectors(command.vectors, signal)).vectors;
  const runtime = await openNodeRuntime(command.threads === undefined ? {} : { threads: command.threads });
  const products = await openProducts(runtime);
  if (command.encoder !== null) onProgress({ stage: 'loading', done: 0, total: 1 });
  const { format, out, encoder, modulesOnly } = command;
  const result = await exportTransform(
    { transform, format, out, encoder, modulesOnly, rows },
    { runtime, products },
    signal,
  );
  for (const file of result.files) say(`isoscope: wrote ${file}`);
  say(`isoscope: ${checkText(result, encoder === null ? 'rows' : 'sentences')}`);
  for (const note of result.notes) say(`isoscope: ${note}`);
}

function checkText({ check }: ExportResult, what: string): string {
  const { rows, largestDifference, isWithinTolerance } = check;
  const difference = Number.isFinite(largestDifference) ? largestDifference.toExponential(1) : 'no number';
  const verdict = isWithinTolerance ? 'within' : 'MORE than';
  return `run again on ${rows} ${what}, the largest difference is ${difference} of a vector's length, ${verdict} ${EXPORT_TOLERANCE.toExponential(0)}.`;
}
