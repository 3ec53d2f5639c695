import { stat } from 'node:fs/promises';
import path from 'node:path';
import { failureMessage } from '../protocol/errors';
import { isBatchDependent } from './encoderPlan';
import { completeFolder, readModelFile, requireFolder } from './modelFiles';
import { listVariants } from './modelFolder';
import { readOnnxGraph, type OnnxGraph } from './onnx/onnxGraph';

/** An ONNX file of a model folder. */
export interface ModelVariant {
  /** relative to the folder, as `EncoderChoice.variant` takes it */
  readonly file: string;
  /** with the files of weights beside it */
  readonly byteLength: number;
  /** of most of its weights; `null` where that cannot be told */
  readonly kind: WeightKind | null;
  /** whether activations are quantised as well, which makes a vector depend on its company in a batch */
  readonly isDynamic: boolean;
  /** one sentence on why it cannot be used: a Git LFS pointer, a web page, cut, weights missing beside it; `null` when it can */
  readonly problem: string | null;
}

export type WeightKind = 'fp32' | 'fp16' | 'bf16' | 'int8' | 'int4' | 'fp8';

/** TensorProto.DataType → kind; other types (int64 shapes, booleans) hold no weights. */
const kinds: ReadonlyMap<number, WeightKind> = new Map([
  [1, 'fp32'],
  [2, 'int8'],
  [3, 'int8'],
  [10, 'fp16'],
  [16, 'bf16'],
  [17, 'fp8'],
  [18, 'fp8'],
  [19, 'fp8'],
  [20, 'fp8'],
  [21, 'int4'],
  [22, 'int4'],
]);

/** Operators that unpack two weights from a byte. */
const fourBitOperators = ['MatMulNBits', 'MatMulBnb4', 'GatherBlockQuantized'];

/** Larger files are told by their names alone. */
const READ_BYTES = 2 ** 28;

/**
 * The ONNX files of a folder, in the order of `listVariants`, looked into one by one.
 * @throws IsoscopeError `encoder` when there is no such folder; AbortError
 */
export async function describeVariants(folder: string, signal?: AbortSignal): Promise<ModelVariant[]> {
  await requireFolder(folder);
  const variants: ModelVariant[] = [];
  for (const file of await listVariants(folder)) {
    signal?.throwIfAborted();
    variants.push(await describeVariant(folder, file));
  }
  return variants;
}

async function describeVariant(folder: string, file: string): Promise<ModelVariant> {
  const byteLength = await sizeOf(path.join(folder, file));
  if (byteLength > READ_BYTES)
    return { file, byteLength, kind: kindByName(file), isDynamic: file.includes('quantized'), problem: null };
  try {
    const { bytes } = await readModelFile(folder, file, completeFolder);
    const graph = readOnnxGraph(bytes, path.join(folder, file));
    const beside = graph.externalFiles.map((name) => path.join(path.dirname(path.join(folder, file)), name));
    const sizes = await Promise.all(beside.map(sizeOf));
    const missing = beside.find((_, i) => sizes[i] === 0);
    return {
      file,
      byteLength: sizes.reduce((sum, size) => sum + size, byteLength),
      kind: kindOf(graph),
      isDynamic: isBatchDependent(graph),
      problem: missing === undefined ? null : `${missing}, which holds its weights, is missing.`,
    };
  } catch (error) {
    return { file, byteLength, kind: null, isDynamic: false, problem: failureMessage(error) };
  }
}

/** The kind that most weights are of. */
function kindOf({ weights, operators }: OnnxGraph): WeightKind | null {
  if (fourBitOperators.some((operator) => operators.has(operator))) return 'int4';
  const counts = new Map<WeightKind, number>();
  for (const { dims, elementType } of weights.values()) {
    const kind = kinds.get(elementType);
    const count = dims.reduce((product, length) => product * length, 1);
    if (kind) counts.set(kind, (counts.get(kind) ?? 0) + count);
  }
  const most = Math.max(...counts.values());
  return [...counts].find(([, count]) => count === most)?.[0] ?? null;
}

function kindByName(file: string): WeightKind | null {
  if (/q4|bnb4|int4/.test(file)) return 'int4';
  if (/int8|quantized/.test(file)) return 'int8';
  if (file.includes('bf16')) return 'bf16';
  if (/fp16|float16/.test(file)) return 'fp16';
  return path.basename(file) === 'model.onnx' ? 'fp32' : null;
}

async function sizeOf(place: string): Promise<number> {
  return (await stat(place).catch(() => null))?.size ?? 0;
}
