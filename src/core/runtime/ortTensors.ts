import type * as Ort from 'onnxruntime-node';
import { IsoscopeError } from '../protocol/errors';
import type { Tensor, TensorData, TensorInfo, TensorType } from './runtime';

/** The types of which this interface carries the numbers, with the array that holds them. */
const arrayTypes = {
  float32: Float32Array,
  float64: Float64Array,
  // ONNX Runtime gives a Float16Array where JavaScript has one (Node 24) and its bits elsewhere; here it is always the bits.
  float16: Uint16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  bool: Uint8Array,
  uint8: Uint8Array,
  int8: Int8Array,
} as const;

type CarriedType = keyof typeof arrayTypes;

/** Our tensor as ONNX Runtime's; the memory is shared. */
export function toOrtTensor(ort: typeof Ort, tensor: Tensor): Ort.Tensor {
  const { type, dims, data } = tensor;
  if (!isCarried(type)) throw new TypeError(`tensors of type ${type} are not supported`);
  // The overloads of the constructor take one literal type each; the table above pairs types with arrays.
  const TensorOfType = ort.Tensor as new (type: CarriedType, data: TensorData, dims: readonly number[]) => Ort.Tensor;
  return new TensorOfType(type, data, dims);
}

/** ONNX Runtime's tensor as ours; the memory is shared. @throws IsoscopeError `encoder` for a type that is not carried */
export function fromOrtTensor(name: string, tensor: Ort.Tensor): Tensor {
  const type = tensorType(tensor.type);
  if (!isCarried(type)) {
    throw new IsoscopeError('encoder', `The output "${name}" holds ${tensor.type}, which Isoscope cannot read.`);
  }
  const numbers = tensor.data as TensorData;
  const ArrayOfType = arrayTypes[type];
  const data =
    numbers instanceof ArrayOfType
      ? numbers
      : new ArrayOfType(numbers.buffer as ArrayBuffer, numbers.byteOffset, numbers.length);
  return { type, dims: tensor.dims, data };
}

/** Name, type and shape of an input or output; a value that is no tensor (a sequence, a map) has the type `other`. */
export function describeTensor(metadata: Ort.InferenceSession.ValueMetadata): TensorInfo {
  if (!metadata.isTensor) return { name: metadata.name, type: 'other', shape: [] };
  return { name: metadata.name, type: tensorType(metadata.type), shape: metadata.shape };
}

function tensorType(type: Ort.Tensor.Type): TensorType {
  return isCarried(type) || type === 'string' ? type : 'other';
}

function isCarried(type: string): type is CarriedType {
  return type in arrayTypes;
}
