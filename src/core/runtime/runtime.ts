/** ONNX Runtime behind one small interface, so that another backend (WASM) is a second file beside `nodeRuntime.ts`. */
export interface Runtime {
  /** "cpu" or "wasm" */
  readonly backend: string;
  readonly threads: number;
  /**
   * Opens a model.
   * @param model its bytes, or the absolute path of its file; bytes whose weights lie in other files need `weightsFolder`
   * @throws IsoscopeError `encoder` when the graph cannot be loaded
   */
  open(model: Uint8Array | string, options?: OpenOptions): Promise<ModelSession>;
}

export interface OpenOptions {
  /** named in errors */
  readonly name?: string;
  /** default: the runtime's */
  readonly threads?: number;
  /** where the files lie that hold weights of a model given as bytes */
  readonly weightsFolder?: string;
}

export interface ModelSession {
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  /**
   * One run. Blocks the event loop of its thread while it computes.
   * @param fetches names of the outputs wanted, or tensors of their shapes to write them into; default: all, into new memory
   */
  run(
    feeds: Readonly<Record<string, Tensor>>,
    fetches?: readonly string[] | Readonly<Record<string, Tensor>>,
  ): Promise<Record<string, Tensor>>;
  release(): Promise<void>;
}

export interface TensorInfo {
  readonly name: string;
  readonly type: TensorType;
  /** a name for an axis of free length */
  readonly shape: readonly (number | string)[];
}

export type TensorType =
  'float32' | 'float64' | 'float16' | 'int32' | 'int64' | 'bool' | 'uint8' | 'int8' | 'string' | 'other';

export type TensorData =
  Float32Array | Float64Array | Uint16Array | Int32Array | BigInt64Array | Uint8Array | Int8Array;

export interface Tensor {
  readonly type: TensorType;
  readonly dims: readonly number[];
  /** row-major; float16 as its bits in a Uint16Array */
  readonly data: TensorData;
}
