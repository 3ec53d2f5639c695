/**
 * The few messages of the ONNX format that a small graph needs, written by hand: this keeps a protobuf library out of the extension.
 * Field numbers are those of onnx.proto (ModelProto, GraphProto, NodeProto, AttributeProto, ValueInfoProto, TensorProto), IR version 8.
 */

/** Element types, by their numbers in TensorProto.DataType. */
export const elementTypes = { float32: 1, int32: 6, int64: 7, bool: 9, float64: 11 } as const;
export type ElementType = keyof typeof elementTypes;

export interface GraphValue {
  readonly name: string;
  readonly type: ElementType;
  /** a name for an axis of free length */
  readonly shape: readonly (number | string)[];
}

export interface GraphNode {
  /** the operator, such as `MatMul` */
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** whole numbers, or lists of them */
  readonly attributes?: Readonly<Record<string, number | readonly number[]>>;
}

export interface GraphConstant {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array | BigInt64Array;
}

export interface OnnxGraph {
  readonly nodes: readonly GraphNode[];
  readonly inputs: readonly GraphValue[];
  readonly outputs: readonly GraphValue[];
  readonly constants?: readonly GraphConstant[];
}

/** What a model says of itself, for graphs that leave this program. */
export interface ModelDetails {
  /** version of ONNX's operators; default 17 */
  readonly operatorSet?: number;
  /** default 8 */
  readonly irVersion?: number;
  /** `metadata_props` */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** The version of ONNX's operators that our own graphs are written in. */
const OPERATOR_SET = 17;
const IR_VERSION = 8;

/** A graph as the bytes of an .onnx file. */
export function encodeOnnxModel(graph: OnnxGraph, details: ModelDetails = {}): Uint8Array {
  const { operatorSet = OPERATOR_SET, irVersion = IR_VERSION, metadata = {} } = details;
  return message(
    integerField(1, irVersion),
    textField(2, 'isoscope'),
    bytesField(7, encodeGraphParts(graph, 'isoscope')),
    bytesField(8, message(textField(1, ''), integerField(2, operatorSet))),
    encodeMetadata(metadata),
  );
}

/**
 * Fields of a GraphProto: appended to those of another graph they add to it, since repeated fields of merged messages concatenate.
 * @param name of the graph; without one they leave the other's as it is
 */
export function encodeGraphParts({ nodes, inputs, outputs, constants = [] }: OnnxGraph, name?: string): Uint8Array {
  return message(
    ...nodes.map((node) => bytesField(1, encodeNode(node))),
    ...(name === undefined ? [] : [textField(2, name)]),
    ...constants.map((constant) => bytesField(5, encodeConstant(constant))),
    ...inputs.map((value) => bytesField(11, encodeValue(value))),
    ...outputs.map((value) => bytesField(12, encodeValue(value))),
  );
}

/** Fields of a ModelProto: its `metadata_props`. */
export function encodeMetadata(metadata: Readonly<Record<string, string>>): Uint8Array {
  return message(
    ...Object.entries(metadata).map(([key, value]) => bytesField(14, message(textField(1, key), textField(2, value)))),
  );
}

function encodeNode({ operator, inputs, outputs, attributes = {} }: GraphNode): Uint8Array {
  return message(
    ...inputs.map((name) => textField(1, name)),
    ...outputs.map((name) => textField(2, name)),
    textField(4, operator),
    ...Object.entries(attributes).map(([name, value]) => bytesField(5, encodeAttribute(name, value))),
  );
}

function encodeAttribute(name: string, value: number | readonly number[]): Uint8Array {
  const typeOfInteger = 2;
  const typeOfIntegers = 7;
  if (typeof value === 'number')
    return message(textField(1, name), integerField(3, value), integerField(20, typeOfInteger));
  return message(textField(1, name), ...value.map((item) => integerField(8, item)), integerField(20, typeOfIntegers));
}

function encodeValue({ name, type, shape }: GraphValue): Uint8Array {
  const axes = shape.map((axis) =>
    bytesField(1, typeof axis === 'string' ? textField(2, axis) : integerField(1, axis)),
  );
  const tensorType = message(integerField(1, elementTypes[type]), bytesField(2, message(...axes)));
  return message(textField(1, name), bytesField(2, bytesField(1, tensorType)));
}

function encodeConstant({ name, shape, data }: GraphConstant): Uint8Array {
  // "raw_data" is little-endian, as is every platform that ONNX Runtime and Node run on.
  const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return message(
    ...shape.map((length) => integerField(1, length)),
    integerField(2, elementTypes[elementTypeOf(data)]),
    textField(8, name),
    bytesField(9, raw),
  );
}

function elementTypeOf(data: GraphConstant['data']): ElementType {
  if (data instanceof Float32Array) return 'float32';
  return data instanceof Float64Array ? 'float64' : 'int64';
}

// The wire format: a field is a key (number and wire type) followed by a varint, or by a length and that many bytes.

const WIRE_VARINT = 0;
const WIRE_BYTES = 2;

function integerField(field: number, value: number): Uint8Array {
  return message(varint(field * 8 + WIRE_VARINT), varint(value));
}

function textField(field: number, text: string): Uint8Array {
  return bytesField(field, new TextEncoder().encode(text));
}

function bytesField(field: number, bytes: Uint8Array): Uint8Array {
  return message(varint(field * 8 + WIRE_BYTES), varint(bytes.length), bytes);
}

/** Seven bits a byte, low ones first; negative numbers as 64-bit two's complement. */
function varint(value: number): Uint8Array {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}

function message(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
