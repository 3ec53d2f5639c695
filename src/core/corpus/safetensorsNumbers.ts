import type { FloatArray, Matrix } from '../linalg/matrix';
import { IsoscopeError } from '../protocol/errors';
import { widenFloat16 } from './float16';
import type { SafetensorsTensor } from './safetensors';

/**
 * A matrix of a .safetensors file: float32 (of F16, BF16 and F32, exactly) or float64 (of F64). NaN and infinities are read as they stand.
 * @param name of file and tensor, for errors: `FILE: tensor "NAME"`
 * @throws IsoscopeError `input` unless the tensor has two axes and floating-point numbers
 */
export function readTensorMatrix(tensor: SafetensorsTensor, name: string): Matrix {
  const { shape } = tensor;
  if (shape.length !== 2) {
    const axes =
      shape.length === 0 ? 'is a single number' : `has ${shape.length} ${shape.length === 1 ? 'axis' : 'axes'}`;
    refuse(name, `${axes} (shape ${shapeText(shape)}), where a matrix with one row per item is needed`);
  }
  return { data: readTensorFloats(tensor, name), rows: shape[0], columns: shape[1] };
}

/**
 * All numbers of a floating-point tensor, row-major; views into the file's bytes where type and alignment allow.
 * @throws IsoscopeError `input` for integers, booleans and 8-bit floats
 */
export function readTensorFloats({ dtype, bytes }: SafetensorsTensor, name: string): FloatArray {
  switch (dtype) {
    case 'F32':
      return view(bytes, Float32Array);
    case 'F64':
      return view(bytes, Float64Array);
    case 'F16':
      return widenFloat16(view(bytes, Uint16Array));
    case 'BF16':
      return widenBfloat16(view(bytes, Uint16Array));
    default:
      return refuse(name, `holds numbers of type ${dtype}, where F16, BF16, F32 or F64 is needed`);
  }
}

/**
 * All numbers of an integer tensor.
 * @throws IsoscopeError `input` for other types, and for numbers beyond ±2^53
 */
export function readTensorIntegers({ dtype, bytes }: SafetensorsTensor, name: string): ArrayLike<number> {
  switch (dtype) {
    case 'U8':
      return bytes;
    case 'I8':
      return view(bytes, Int8Array);
    case 'U16':
      return view(bytes, Uint16Array);
    case 'I16':
      return view(bytes, Int16Array);
    case 'U32':
      return view(bytes, Uint32Array);
    case 'I32':
      return view(bytes, Int32Array);
    case 'U64':
      return narrow(view(bytes, BigUint64Array), name);
    case 'I64':
      return narrow(view(bytes, BigInt64Array), name);
    default:
      return refuse(name, `holds numbers of type ${dtype}, where integers are needed`);
  }
}

/** bfloat16 is the upper half of a float32. */
export function widenBfloat16(halves: Uint16Array): Float32Array {
  const wide = new Uint32Array(halves.length);
  for (let i = 0; i < halves.length; i++) wide[i] = halves[i] << 16;
  return new Float32Array(wide.buffer);
}

interface ViewType<T> {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): T;
}

/** A typed array needs its own alignment; the format is little-endian, as every platform of ours. */
function view<T>(bytes: Uint8Array, type: ViewType<T>): T {
  const own = bytes.byteOffset % type.BYTES_PER_ELEMENT === 0 ? bytes : new Uint8Array(bytes);
  return new type(own.buffer, own.byteOffset, own.byteLength / type.BYTES_PER_ELEMENT);
}

function narrow(numbers: BigInt64Array | BigUint64Array, name: string): Float64Array {
  const narrowed = Float64Array.from(numbers, Number);
  if (!narrowed.every(Number.isSafeInteger)) refuse(name, 'holds integers beyond 2^53');
  return narrowed;
}

function shapeText(shape: readonly number[]): string {
  return `[${shape.slice(0, 8).join(', ')}${shape.length > 8 ? ', …' : ''}]`;
}

function refuse(name: string, problem: string): never {
  throw new IsoscopeError('input', `${name} ${problem}.`);
}
