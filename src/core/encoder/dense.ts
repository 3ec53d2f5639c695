import path from 'node:path';
import { IsoscopeError } from '../protocol/errors';
import { numberAt, objectAt, textAt, type JsonObject } from './jsonObject';
import { readModelFile, readModelJson, type WayOn } from './modelFiles';
import { normalizeVector } from './pooling';

/** A layer between the pooling and the sentence's vector. */
export type HeadLayer = DenseLayer | UnitLengthLayer;

/** y = activation(W x + b) */
export interface DenseLayer {
  readonly kind: 'dense';
  readonly inputs: number;
  readonly outputs: number;
  /** of its weights and its activation */
  readonly sha256: string;
  /** W, row-major, shape [outputs, inputs] */
  readonly weights: Float32Array;
  /** b, shape [outputs] */
  readonly bias: Float32Array;
  readonly activation: Activation;
  apply(vector: Float64Array): Float64Array;
}

/** y = x/‖x‖, where a folder normalises before a Dense layer; a vector of length 0 stays. */
export interface UnitLengthLayer {
  readonly kind: 'unit-length';
  readonly sha256: string;
  apply(vector: Float64Array): Float64Array;
}

export const unitLengthLayer: UnitLengthLayer = {
  kind: 'unit-length',
  sha256: 'unit-length',
  apply(vector) {
    const result = vector.slice();
    normalizeVector(result);
    return result;
  },
};

/** `torch.nn.modules.activation.…`, the last word of the name. */
const activations = {
  Identity: (x: number) => x,
  Tanh: Math.tanh,
  ReLU: (x: number) => Math.max(0, x),
  Sigmoid: (x: number) => 1 / (1 + Math.exp(-x)),
  SiLU: (x: number) => x / (1 + Math.exp(-x)),
  LeakyReLU: (x: number) => (x < 0 ? 0.01 * x : x),
} as const;
export type Activation = keyof typeof activations;

/**
 * A `Dense` module of sentence-transformers: config.json and model.safetensors in `place`.
 * @throws IsoscopeError `encoder` when a file is missing or the activation unknown
 */
export async function readDenseLayer(folder: string, place: string, wayOn: WayOn): Promise<DenseLayer> {
  const { json: config } = await readModelJson(folder, path.posix.join(place, 'config.json'), wayOn);
  const file = path.posix.join(place, 'model.safetensors');
  const { bytes, sha256 } = await readModelFile(folder, file, wayOn);
  const name = path.join(folder, file);
  const activationName = (textAt(config, 'activation_function') ?? 'torch.nn.modules.linear.Identity')
    .split('.')
    .at(-1)!;
  if (!isActivation(activationName)) {
    throw new IsoscopeError(
      'encoder',
      `${path.join(folder, place)} asks for the activation "${activationName}", which Isoscope does not know.`,
    );
  }
  if (config['use_residual'] === true) {
    throw new IsoscopeError(
      'encoder',
      `${path.join(folder, place)} adds its input to its output (use_residual), which Isoscope does not do: its vectors would not be the model's.`,
    );
  }
  const activation = activations[activationName];
  const inputs = numberAt(config, 'in_features') ?? 0;
  const outputs = numberAt(config, 'out_features') ?? 0;
  const tensors = readSafetensors(bytes, name);
  const weights = tensorOf(tensors, 'linear.weight', outputs * inputs, name);
  const bias = config['bias'] === false ? new Float32Array(outputs) : tensorOf(tensors, 'linear.bias', outputs, name);
  return {
    kind: 'dense',
    inputs,
    outputs,
    sha256: `${sha256}:${activationName}`,
    weights,
    bias,
    activation: activationName,
    apply(vector) {
      const result = new Float64Array(outputs);
      for (let row = 0; row < outputs; row++) {
        let sum = bias[row];
        for (let column = 0; column < inputs; column++) sum += weights[row * inputs + column] * vector[column];
        result[row] = activation(sum);
      }
      return result;
    },
  };
}

function isActivation(name: string): name is Activation {
  return Object.hasOwn(activations, name);
}

function tensorOf(
  tensors: ReadonlyMap<string, Float32Array>,
  name: string,
  length: number,
  file: string,
): Float32Array {
  const tensor = tensors.get(name);
  if (tensor?.length === length) return tensor;
  throw new IsoscopeError('encoder', `${file} has no float32 tensor "${name}" of ${length} numbers.`);
}

/** The float32 tensors of a safetensors file: 8 bytes length, a JSON header, the numbers (little-endian). */
function readSafetensors(bytes: Buffer, file: string): ReadonlyMap<string, Float32Array> {
  const headerLength = bytes.length >= 8 ? Number(bytes.readBigUInt64LE(0)) : Infinity;
  if (headerLength > bytes.length - 8) throw new IsoscopeError('encoder', `${file} is no whole safetensors file.`);
  let header: JsonObject;
  try {
    header = JSON.parse(bytes.toString('utf8', 8, 8 + headerLength)) as JsonObject;
  } catch (cause) {
    throw new IsoscopeError('encoder', `${file} is no safetensors file: its header is not JSON.`, { cause });
  }
  const tensors = new Map<string, Float32Array>();
  for (const name of Object.keys(header)) {
    const entry = objectAt(header, name);
    const offsets = entry?.['data_offsets'];
    if (entry?.['dtype'] !== 'F32' || !Array.isArray(offsets)) continue;
    const [start, end] = offsets.map((offset) => 8 + headerLength + Number(offset));
    // Through a view: the numbers need not be aligned in the file.
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (!(start >= 0 && end <= bytes.length))
      throw new IsoscopeError('encoder', `${file} is cut: "${name}" is not whole.`);
    tensors.set(
      name,
      Float32Array.from({ length: (end - start) / 4 }, (_, i) => view.getFloat32(start + 4 * i, true)),
    );
  }
  return tensors;
}
