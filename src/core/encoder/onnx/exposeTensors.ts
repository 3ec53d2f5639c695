import type { OnnxGraph } from './onnxGraph';
import { writeBytesField } from './protobuf';

/**
 * The model with inner tensors among its outputs. A protobuf message that is appended to another is merged into it and repeated fields concatenate: a ModelProto of
 * nothing but `graph.output` entries with names is enough (ONNX Runtime infers types and shapes), and no weight is touched.
 * @param names of tensors; those that are outputs already are left alone
 */
export function exposeTensors(model: Uint8Array, graph: OnnxGraph, names: readonly string[]): Uint8Array {
  const outputs = new Set(graph.outputs.map(({ name }) => name));
  const added = names.filter((name) => !outputs.has(name)).map((name) => writeBytesField(12, writeBytesField(1, name)));
  return added.length === 0 ? model : Buffer.concat([model, writeBytesField(7, Buffer.concat(added))]);
}
