import { failureMessage, IsoscopeError } from '../../protocol/errors';
import { readFields, readPackedVarints } from './protobuf';

/** What an ONNX file says about its graph; no weight is decoded. Field numbers: onnx.proto, https://github.com/onnx/onnx/blob/main/onnx/onnx.proto */
export interface OnnxGraph {
  /** in the order of the file, which is a topological one; nodes of subgraphs and of functions are not among them */
  readonly nodes: readonly OnnxNode[];
  readonly weights: ReadonlyMap<string, OnnxWeight>;
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  /** types of all operators used, subgraphs and functions included */
  readonly operators: ReadonlySet<string>;
  /** files beside the model that hold weights, relative to it */
  readonly externalFiles: readonly string[];
}

/** An input or output of the graph. */
export interface OnnxValue {
  readonly name: string;
  /** its number in TensorProto.DataType: 1 float32, 7 int64, 10 float16, 11 float64 …; 0 when the file does not say */
  readonly elementType: number;
  /** number of axes; `null` when the file does not say */
  readonly rank: number | null;
}

export interface OnnxNode {
  readonly operator: string;
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

export interface OnnxWeight {
  readonly dims: readonly number[];
  /** its number in TensorProto.DataType */
  readonly elementType: number;
}

/**
 * Reads a ModelProto in time that hardly depends on its weights (a few milliseconds for 90 MB).
 * @param file named in errors
 * @throws IsoscopeError `encoder` when the bytes are no ONNX model or are cut
 */
export function readOnnxGraph(model: Uint8Array, file: string): OnnxGraph {
  const graphs: Uint8Array[] = [];
  const functions: Uint8Array[] = [];
  try {
    for (const field of readFields(model)) {
      if (field.kind !== 'bytes') continue;
      // Several: a message that was appended to a model is merged into it.
      if (field.number === 7) graphs.push(field.bytes);
      else if (field.number === 25) functions.push(field.bytes);
    }
    if (graphs.length === 0) throw new RangeError('it holds no graph');
    return readGraph(graphs, functions);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new IsoscopeError('encoder', `${file} is not a whole ONNX model (${failureMessage(error)}): copy it anew.`, {
      cause: error,
    });
  }
}

function readGraph(parts: readonly Uint8Array[], functions: readonly Uint8Array[]): OnnxGraph {
  const operators = new Set<string>();
  const graph = {
    nodes: [] as OnnxNode[],
    weights: new Map<string, OnnxWeight>(),
    inputs: [] as OnnxValue[],
    outputs: [] as OnnxValue[],
    external: new Set<string>(),
  };
  for (const field of parts.flatMap((part) => [...readFields(part)])) {
    if (field.kind !== 'bytes') continue;
    if (field.number === 1) graph.nodes.push(readNode(field.bytes, operators));
    else if (field.number === 5) readWeight(field.bytes, graph);
    else if (field.number === 11) graph.inputs.push(readValue(field.bytes));
    else if (field.number === 12) graph.outputs.push(readValue(field.bytes));
  }
  for (const definition of functions) {
    for (const field of readFields(definition)) {
      if (field.number === 7 && field.kind === 'bytes') readNode(field.bytes, operators);
    }
  }
  const { nodes, weights, inputs, outputs, external } = graph;
  return { nodes, weights, inputs, outputs, operators, externalFiles: [...external] };
}

function readNode(bytes: Uint8Array, operators: Set<string>): OnnxNode {
  const node = { operator: '', name: '', inputs: [] as string[], outputs: [] as string[] };
  for (const field of readFields(bytes)) {
    if (field.kind !== 'bytes') continue;
    if (field.number === 1) node.inputs.push(text(field.bytes));
    else if (field.number === 2) node.outputs.push(text(field.bytes));
    else if (field.number === 3) node.name = text(field.bytes);
    else if (field.number === 4) node.operator = text(field.bytes);
    else if (field.number === 5) collectSubgraphOperators(field.bytes, operators);
  }
  operators.add(node.operator);
  return node;
}

/** An attribute may hold a graph (field 6) or several (field 11): the branches of If, the body of Loop. */
function collectSubgraphOperators(attribute: Uint8Array, operators: Set<string>): void {
  for (const field of readFields(attribute)) {
    if (field.kind !== 'bytes' || (field.number !== 6 && field.number !== 11)) continue;
    for (const inner of readFields(field.bytes)) {
      if (inner.number === 1 && inner.kind === 'bytes') readNode(inner.bytes, operators);
    }
  }
}

function readWeight(bytes: Uint8Array, graph: { weights: Map<string, OnnxWeight>; external: Set<string> }): void {
  let name = '';
  let elementType = 0;
  const dims: number[] = [];
  for (const field of readFields(bytes)) {
    if (field.number === 2 && field.kind === 'varint') elementType = field.value;
    else if (field.number === 1)
      dims.push(...(field.kind === 'varint' ? [field.value] : readPackedVarints(field.bytes)));
    else if (field.number === 8 && field.kind === 'bytes') name = text(field.bytes);
    else if (field.number === 13 && field.kind === 'bytes') {
      const location = readLocation(field.bytes);
      if (location !== undefined) graph.external.add(location);
    }
  }
  graph.weights.set(name, { dims, elementType });
}

/** A StringStringEntryProto of `external_data` whose key is "location". */
function readLocation(entry: Uint8Array): string | undefined {
  const pair = ['', ''];
  for (const field of readFields(entry)) {
    if (field.kind === 'bytes' && (field.number === 1 || field.number === 2))
      pair[field.number - 1] = text(field.bytes);
  }
  return pair[0] === 'location' ? pair[1] : undefined;
}

/** A ValueInfoProto: its name (1) and, inside its type (2) and tensor type (1), the element type (1) and the shape (2), one field a dimension. */
function readValue(bytes: Uint8Array): OnnxValue {
  const tensorType = within(within(bytes, 2), 1);
  const value = { name: '', elementType: 0, rank: null as number | null };
  for (const field of readFields(bytes))
    if (field.number === 1 && field.kind === 'bytes') value.name = text(field.bytes);
  for (const field of readFields(tensorType)) {
    if (field.number === 1 && field.kind === 'varint') value.elementType = field.value;
    else if (field.number === 2 && field.kind === 'bytes') value.rank = [...readFields(field.bytes)].length;
  }
  return value;
}

/** The message in a field; empty when the field is absent. */
function within(message: Uint8Array, number: number): Uint8Array {
  for (const field of readFields(message)) if (field.number === number && field.kind === 'bytes') return field.bytes;
  return new Uint8Array(0);
}

const decoder = new TextDecoder();

function text(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}
