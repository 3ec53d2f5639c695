import type { OnnxGraph, OnnxNode } from './onnxGraph';

/** Operators that are attention, or its core. */
const attentionOperators = new Set([
  'Softmax',
  'Attention',
  'MultiHeadAttention',
  'GroupQueryAttention',
  'PackedAttention',
  'PackedMultiHeadAttention',
  'QAttention',
  'QOrderedAttention',
  'LongformerAttention',
  'SparseAttention',
]);

/** Operators that pass ids on in another type or shape. */
const reshapingOperators = new Set(['Cast', 'Identity', 'Reshape', 'Squeeze', 'Unsqueeze', 'Flatten']);

/** Operators that look up rows of a table, and those that sum and normalise them as well. */
const lookUpOperators = new Set(['Gather', 'GatherBlockQuantized']);
const fusedEmbeddings = new Set([
  'EmbedLayerNormalization',
  'QEmbedLayerNormalization',
  'QOrderedEmbedLayerNormalization',
]);

/** Operators of which the result holds no value of their input, only its shape. */
const shapeOperators = new Set(['Shape', 'Size']);

/**
 * Names of the tensors at which the blocks of a transformer begin: the first is the embedding output, the k-th what block k − 1 gives to block k. With the graph's output
 * after them they are transformers' `hidden_states`, for post-norm models (BERT) as for pre-norm ones (ModernBERT, whose inner states are the raw residual stream).
 *
 * They are found without reading a name or knowing an architecture. Values flow from the word embeddings to the output; a tensor that every path passes through is a
 * waist of the graph, and between two waists lies one step: an embedding sum, a LayerNorm, a residual branch with its skip. A block begins at the waist before a step
 * that holds attention. That fused operators, quantisation, casts and the exporter's dialect change what a step is made of does not matter.
 * @param output name of the last layer's tensor
 * @returns empty when no word embeddings lead to the output
 */
export function findBlockInputs(graph: OnnxGraph, output: string): string[] {
  const flow = traceFlow(graph, output);
  const embeddings = flow.filter(({ producer }) => producer === null).length;
  const inputs: string[] = [];
  let waist: string | null = null;
  let holdsAttention = false;
  // Edges that begin before the place in hand reach to `furthest`: where none reaches beyond it, everything passes through it. Several embeddings begin together.
  let furthest = embeddings > 1 ? embeddings : 0;
  flow.forEach(({ tensor, producer, lastUse }, place) => {
    holdsAttention ||= producer !== null && attentionOperators.has(producer.operator);
    const isWaist = furthest <= place;
    furthest = Math.max(furthest, lastUse);
    if (!isWaist) return;
    if (holdsAttention && waist !== null) inputs.push(waist);
    waist = tensor;
    holdsAttention = false;
  });
  return inputs;
}

/** A tensor on the way from the word embeddings to the output, in topological order. */
interface FlowStep {
  readonly tensor: string;
  /** `null` for word embeddings */
  readonly producer: OnnxNode | null;
  /** place of the last tensor on the way that is computed from it */
  lastUse: number;
}

function traceFlow(graph: OnnxGraph, output: string): FlowStep[] {
  const leadsToOutput = findAncestors(graph, output);
  const steps: FlowStep[] = [];
  const placeOf = new Map<string, number>();
  const add = (tensor: string, producer: OnnxNode | null) => {
    placeOf.set(tensor, steps.length);
    steps.push({ tensor, producer, lastUse: steps.length });
  };
  // The embeddings come first, all of them: a table in parts (int8 and its scales) is looked up several times.
  for (const tensor of findWordEmbeddings(graph)) if (leadsToOutput.has(tensor)) add(tensor, null);
  for (const node of graph.nodes) {
    const sources = valueInputs(node).flatMap((tensor) => placeOf.get(tensor) ?? []);
    if (sources.length === 0) continue;
    for (const tensor of node.outputs) {
      if (!leadsToOutput.has(tensor)) continue;
      for (const source of sources) steps[source].lastUse = steps.length;
      add(tensor, node);
    }
  }
  return placeOf.has(output) ? steps : [];
}

/** The outputs of nodes that look up the words: those that take input_ids, as they are or in another type or shape. */
function findWordEmbeddings(graph: OnnxGraph): string[] {
  const ids = new Set(['input_ids']);
  const embeddings: string[] = [];
  for (const { operator, inputs, outputs } of graph.nodes) {
    if (outputs.length === 0) continue;
    if (reshapingOperators.has(operator) && ids.has(inputs[0])) ids.add(outputs[0]);
    const isLookUp = lookUpOperators.has(operator) && ids.has(inputs[1]);
    const isFused = fusedEmbeddings.has(operator) && ids.has(inputs[0]);
    if (isLookUp || isFused) embeddings.push(outputs[0]);
  }
  return embeddings;
}

/** The inputs of which a node's result holds values. */
function valueInputs({ operator, inputs }: OnnxNode): readonly string[] {
  if (shapeOperators.has(operator)) return [];
  // Its second input gives a type and no value.
  const giving = operator === 'CastLike' ? inputs.slice(0, 1) : inputs;
  // An optional input that is left out has an empty name.
  return giving.filter((tensor) => tensor !== '');
}

/** All tensors that the output is computed from, itself included. */
function findAncestors(graph: OnnxGraph, output: string): Set<string> {
  const found = new Set([output]);
  for (let i = graph.nodes.length - 1; i >= 0; i--) {
    const node = graph.nodes[i];
    if (node.outputs.some((tensor) => found.has(tensor))) for (const tensor of valueInputs(node)) found.add(tensor);
  }
  return found;
}
