import { IsoscopeError } from '../protocol/errors';
import { readNpy } from './npy';
import { listNpzMatrices, readNpz } from './npz';
import { readSafetensors } from './safetensors';
import { readTensorMatrix } from './safetensorsNumbers';
import { couldServe, listNames, type VectorSource } from './vectorSource';

/** A .npy file holds one array without a name. */
export function openNpyVectors(bytes: Uint8Array, name: string): VectorSource {
  return {
    noun: 'array',
    names: [],
    read: (wanted) => {
      if (wanted !== undefined) {
        throw new IsoscopeError(
          'usage',
          `--array names an array of a .npz archive, a tensor or a column, and ${name} has no named parts.`,
        );
      }
      const { data, rows, columns } = readNpy(bytes, name);
      return Promise.resolve({ vectors: { data, rows, columns }, notes: [] });
    },
  };
}

/** @throws IsoscopeError `input` for a damaged archive */
export function openNpzVectors(bytes: Uint8Array, name: string): VectorSource {
  return {
    noun: 'array',
    names: listNpzMatrices(bytes, name),
    read: (wanted) => {
      const { data, rows, columns } = readNpz(bytes, name, wanted);
      return Promise.resolve({ vectors: { data, rows, columns }, notes: [] });
    },
  };
}

const TENSOR_FLOATS: readonly string[] = ['F16', 'BF16', 'F32', 'F64'];

/** @throws IsoscopeError `input` for a damaged file */
export function openSafetensorsVectors(bytes: Uint8Array, name: string): VectorSource {
  const tensors = readSafetensors(bytes, name);
  const names = [...tensors]
    .filter(([, { dtype, shape }]) => shape.length === 2 && TENSOR_FLOATS.includes(dtype))
    .map(([key]) => key);
  return {
    noun: 'tensor',
    names,
    read: (wanted) => {
      // The only tensor says by itself why it cannot serve.
      const key = wanted ?? (tensors.size === 1 ? [...tensors.keys()][0] : undefined);
      if (key === undefined) {
        throw new IsoscopeError(
          'input',
          tensors.size === 0
            ? `${name} holds no tensor.`
            : `${name} holds no matrix of floating-point numbers; its tensors are ${listNames([...tensors.keys()])}.`,
        );
      }
      const tensor = tensors.get(key);
      if (tensor === undefined) {
        throw new IsoscopeError('usage', `${name} holds no tensor named ${key}; ${couldServe(names)}.`);
      }
      return Promise.resolve({ vectors: readTensorMatrix(tensor, `${name}: tensor "${key}"`), notes: [] });
    },
  };
}
