import { IsoscopeError } from '../protocol/errors';
import { createWasmInstance } from './wasmInstance';

type ChosenInnerProducts = (
  row: number,
  rows: number,
  d: number,
  chosen: number,
  count: number,
  products: number,
) => void;

type SquaredDistances = (
  from: number,
  rows: number,
  factors: number,
  d: number,
  count: number,
  squares: number,
) => void;

/** What `kernels/kernels.assembly.ts` exports, documented there. Arrays are addresses: the `byteOffset` of their views. */
interface KernelExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly reserve: (bytes: number) => number;
  readonly addColumnSums: (rows: number, count: number, d: number, origin: number, sums: number) => void;
  readonly addRows: (
    rows: number,
    count: number,
    d: number,
    origin: number,
    sums: number,
    norms: number,
    tile: number,
    width: number,
    first: number,
  ) => number;
  readonly widen: (from: number, to: number, count: number) => void;
  readonly narrow: (from: number, to: number, count: number) => void;
  readonly subtractFromRows: (rows: number, count: number, d: number, mean: number) => void;
  readonly scaleColumns: (rows: number, count: number, d: number, factors: number) => void;
  readonly scaleToUnitLength: (rows: number, count: number, d: number) => void;
  readonly sumOfNumbers: (numbers: number, count: number) => number;
  readonly chosenInnerProducts32: ChosenInnerProducts;
  readonly chosenInnerProducts64: ChosenInnerProducts;
  readonly squaredDistances32: SquaredDistances;
  readonly squaredDistances64: SquaredDistances;
  readonly startLists: (halfSquares: number, scores: number, points: number, least: number, k: number) => void;
  readonly offerTile: (products: number, rows: number, columns: number, firstRow: number, firstColumn: number) => void;
}

const arrayTypes = { float32: Float32Array, float64: Float64Array, int32: Int32Array } as const;
type ArrayTypes = typeof arrayTypes;

/** Arrays wanted in a kernel's memory: element type and length. */
export type Layout = Readonly<Record<string, readonly [type: keyof ArrayTypes, length: number]>>;
export type Arrays<L extends Layout> = { readonly [Name in keyof L]: InstanceType<ArrayTypes[L[Name][0]]> };

/** The passes over rows, and arrays in the memory that they work on. ONNX Runtime reads and writes these arrays where they lie. */
export interface Kernels<L extends Layout> extends Omit<KernelExports, 'memory' | 'reserve'> {
  readonly arrays: Arrays<L>;
}

/** Arrays start on a cache line. */
const ALIGNMENT = 64;
/** Memory of WebAssembly never shrinks: an instance with more is given up after its work. */
const BYTES_WORTH_KEEPING = 32 * 2 ** 20;

let idle: KernelExports | undefined;

/**
 * Runs `work` with an instance that nobody else uses meanwhile. Its arrays hold what was there before, and are void afterwards.
 * @throws IsoscopeError `out-of-memory` where the arrays do not fit, `engine` when the module is missing or damaged
 */
export async function withKernels<L extends Layout, Result>(
  layout: L,
  work: (kernels: Kernels<L>) => Promise<Result>,
): Promise<Result> {
  const instance = idle ?? (createWasmInstance('kernels', 'The numeric kernels') as KernelExports);
  idle = undefined;
  const result = await work({ ...instance, arrays: layOut(instance, layout) });
  // An instance whose work failed may still be written to by a run that was not waited for.
  if (instance.memory.buffer.byteLength <= BYTES_WORTH_KEEPING) idle = instance;
  return result;
}

function layOut<L extends Layout>(instance: KernelExports, layout: L): Arrays<L> {
  const entries = Object.entries(layout);
  const sizes = entries.map(([, [type, length]]) => aligned(length * arrayTypes[type].BYTES_PER_ELEMENT));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  let address = total < 2 ** 32 ? instance.reserve(total) : 0;
  if (address === 0) {
    const megabytes = String(Math.ceil(total / 2 ** 20));
    throw new IsoscopeError('out-of-memory', `There is not enough memory for a tile of ${megabytes} MB.`);
  }
  const arrays: Record<string, Float32Array | Float64Array | Int32Array> = {};
  entries.forEach(([name, [type, length]], at) => {
    arrays[name] = new arrayTypes[type](instance.memory.buffer, address, length);
    address += sizes[at];
  });
  return arrays as Arrays<L>;
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}
