import type { Activation, DenseLayer, HeadLayer } from '../../encoder/dense';
import type { OnnxGraph } from '../../encoder/onnx/onnxGraph';
import { readFields, withoutFields } from '../../encoder/onnx/protobuf';
import type { VectorRecipe } from '../../encoder/vectorRecipe';
import { elementTypes, encodeGraphParts, encodeMetadata, type GraphValue } from '../../linalg/onnxProtobuf';
import { IsoscopeError } from '../../protocol/errors';
import { createGraphBuilder, type GraphBuilder } from './graphBuilder';
import { addSteps, addUnitLength, type TailPrecision } from './onnxTail';
import { createPooling } from './poolingNodes';
import type { TransformStep } from './steps';

/** What comes after an encoder's graph, in order: pooling, head, normalisation, the steps of a transform. */
export interface MergedTail {
  readonly recipe: VectorRecipe;
  /** leading tokens that the pooling leaves out */
  readonly skippedTokens: number;
  readonly head: readonly HeadLayer[];
  readonly isNormalized: boolean;
  readonly steps: readonly TransformStep[];
  readonly spec: string;
  /** k */
  readonly dimension: number;
  readonly precision: TailPrecision;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface MergedModel {
  /** of the file, one after the other; the encoder's weights are not copied */
  readonly pieces: readonly Uint8Array[];
  /** name of the only output, float32 [N, k] */
  readonly output: string;
  /** whether the graph had no attention mask, and has one now */
  readonly hasNewMask: boolean;
}

/** From this set on the operators of the tail have the form they are written in. */
const OLDEST_OPERATOR_SET = 11;
/** protobuf's limit for one message. */
const LARGEST_MODEL_BYTES = 2 ** 31 - 1;

/**
 * An encoder's graph with all that follows it appended to its bytes: tokens in, a finished sentence vector out. Repeated fields of a protobuf message may stand
 * anywhere in it, so that no weight is decoded; only the list of outputs is replaced.
 * @param file named in errors
 * @throws IsoscopeError `usage` for a graph of a too old operator set or a result that is too large
 */
export function mergeTail(model: Uint8Array, graph: OnnxGraph, tail: MergedTail, file: string): MergedModel {
  const operatorSet = readOperatorSet(model);
  if (operatorSet < OLDEST_OPERATOR_SET) {
    throw new IsoscopeError(
      'usage',
      `${file} is written in ONNX operator set ${operatorSet} and a tail needs ${OLDEST_OPERATOR_SET}: export the model anew, or take the tail alone (without --merge).`,
    );
  }
  const names = tensorNames(graph);
  const builder = createGraphBuilder(freePrefix(names));
  const mask = findMask(graph);
  const usesMask = tail.recipe.kind === 'tokens' && tail.recipe.pooling !== 'cls';
  const newInputs: GraphValue[] =
    mask === null && usesMask ? [{ name: 'attention_mask', type: 'int64', shape: ['batch', 'tokens'] }] : [];
  let value = addRecipe(builder, tail, mask ?? 'attention_mask');
  for (const layer of tail.head)
    value = layer.kind === 'dense' ? addDense(builder, value, layer) : addUnitLength(builder, value);
  if (tail.isNormalized) value = addUnitLength(builder, value);
  value = addSteps(builder, value, tail.steps, tail.spec, tail.precision);
  const output = names.has('sentence_embedding') ? 'transformed_embedding' : 'sentence_embedding';
  const added = encodeGraphParts({
    ...builder.finish(value, output),
    inputs: newInputs,
    outputs: [{ name: output, type: 'float32', shape: ['batch', tail.dimension] }],
  });
  const pieces = [...extendGraph(model, added), encodeMetadata(tail.metadata)];
  const byteLength = pieces.reduce((sum, piece) => sum + piece.length, 0);
  if (byteLength > LARGEST_MODEL_BYTES) {
    throw new IsoscopeError(
      'usage',
      `${file} with its tail would exceed 2 GB, more than one ONNX file holds: export the tail alone.`,
    );
  }
  return { pieces, output, hasNewMask: newInputs.length > 0 };
}

function addRecipe(builder: GraphBuilder, { recipe, skippedTokens }: MergedTail, mask: string): string {
  if (recipe.kind === 'sentence') return builder.add('Cast', [recipe.output], { to: elementTypes.float32 });
  const { pool } = createPooling(builder, mask, recipe.pooling, skippedTokens);
  const pooled = recipe.outputs.map(pool);
  const [first, ...others] = pooled;
  if (others.length === 0) return first;
  const sum = others.reduce((left, right) => builder.add('Add', [left, right]), first);
  return builder.add('Mul', [sum, builder.constant('share', [], Float32Array.of(1 / pooled.length))]);
}

function addDense(
  builder: GraphBuilder,
  value: string,
  { weights, bias, inputs, outputs, activation }: DenseLayer,
): string {
  const transposed = new Float32Array(weights.length);
  for (let i = 0; i < inputs; i++)
    for (let j = 0; j < outputs; j++) transposed[i * outputs + j] = weights[j * inputs + i];
  const product = builder.add('MatMul', [value, builder.constant('dense', [inputs, outputs], transposed)]);
  return addActivation(
    builder,
    builder.add('Add', [product, builder.constant('denseBias', [outputs], bias)]),
    activation,
  );
}

function addActivation(builder: GraphBuilder, value: string, activation: Activation): string {
  switch (activation) {
    case 'Identity':
      return value;
    case 'SiLU':
      return builder.add('Mul', [value, builder.add('Sigmoid', [value])]);
    case 'LeakyReLU':
      // Its slope is ONNX's default, 0.01.
      return builder.add('LeakyRelu', [value]);
    case 'ReLU':
      return builder.add('Relu', [value]);
    case 'Tanh':
    case 'Sigmoid':
      return builder.add(activation, [value]);
  }
}

/**
 * The model with fields added to its graph. The graph's own list of outputs goes: whoever runs the model gets the sentence vector and nothing else. The graph stays one
 * field, since not every reader merges two of them.
 */
function extendGraph(model: Uint8Array, added: Uint8Array): Uint8Array[] {
  const graph = [...readFields(model)].flatMap((field) =>
    field.number === 7 && field.kind === 'bytes' ? withoutFields(field.bytes, 12) : [],
  );
  const byteLength = added.length + graph.reduce((sum, piece) => sum + piece.length, 0);
  return [...withoutFields(model, 7), bytesFieldHead(7, byteLength), ...graph, added];
}

/** Key and length of a field whose bytes follow. */
function bytesFieldHead(number: number, byteLength: number): Uint8Array {
  const head = [number * 8 + 2];
  let rest = byteLength;
  for (; rest > 127; rest = Math.floor(rest / 128)) head.push((rest % 128) | 128);
  head.push(rest);
  return Uint8Array.from(head);
}

/** Version of ONNX's own operators (domain "" or "ai.onnx") in `opset_import`. */
function readOperatorSet(model: Uint8Array): number {
  let version = 0;
  for (const field of readFields(model)) {
    if (field.number !== 8 || field.kind !== 'bytes') continue;
    let domain = '';
    let number = 0;
    for (const inner of readFields(field.bytes)) {
      if (inner.number === 1 && inner.kind === 'bytes') domain = new TextDecoder().decode(inner.bytes);
      else if (inner.number === 2 && inner.kind === 'varint') number = inner.value;
    }
    if (domain === '' || domain === 'ai.onnx') version = Math.max(version, number);
  }
  return version;
}

function findMask({ inputs }: OnnxGraph): string | null {
  return inputs.find(({ name }) => name === 'attention_mask' || name === 'input_mask')?.name ?? null;
}

function tensorNames({ nodes, weights, inputs }: OnnxGraph): ReadonlySet<string> {
  return new Set([
    ...nodes.flatMap((node) => [...node.inputs, ...node.outputs, node.name]),
    ...weights.keys(),
    ...inputs.map(({ name }) => name),
  ]);
}

/** A beginning that no name of the graph has: the model may have been through here before. */
function freePrefix(names: ReadonlySet<string>): string {
  for (let number = 1; ; number++) {
    const prefix = number === 1 ? 'isoscope/' : `isoscope${number}/`;
    if (![...names].some((name) => name.startsWith(prefix))) return prefix;
  }
}
