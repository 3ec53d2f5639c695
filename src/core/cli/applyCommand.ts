import { npyParts } from '../corpus/npy';
import { openProducts } from '../linalg/onnxProducts';
import { openNodeRuntime } from '../runtime/nodeRuntime';
import { applyTransform } from '../transform/applyTransform';
import type { ApplyArguments } from './arguments';
import type { CommandIo } from './commandIo';
import { checkOutput, refuseTerminal, writeResult } from './outputs';
import { readVectors } from './readCorpus';
import { readTransformFile } from './transformFile';

/** `isoscope apply`: vectors after a fitted transform, in the precision they came in. */
export async function runApply(command: ApplyArguments, io: CommandIo): Promise<void> {
  const { signal, onProgress } = io;
  refuseTerminal(command.out, io);
  await checkOutput(command.out);
  const transform = await readTransformFile(command.transformFile, signal);
  const { vectors } = await readVectors(command.vectors, signal);
  const runtime = await openNodeRuntime(command.threads === undefined ? {} : { threads: command.threads });
  const products = await openProducts(runtime);
  onProgress({ stage: 'transform', done: 0, total: 1 });
  const transformed = await applyTransform(transform, vectors, products, signal);
  await writeResult(command.out, npyParts(transformed), io);
}
