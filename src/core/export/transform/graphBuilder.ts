import type { GraphConstant, GraphNode } from '../../linalg/onnxProtobuf';

/** Nodes and constants of a graph under way: each addition gives the name of its result. */
export interface GraphBuilder {
  readonly add: (operator: string, inputs: readonly string[], attributes?: GraphNode['attributes']) => string;
  constant(name: string, shape: readonly number[], data: GraphConstant['data']): string;
  /** What was added, with `value` under the name `output`. */
  finish(
    value: string,
    output: string,
  ): { readonly nodes: readonly GraphNode[]; readonly constants: readonly GraphConstant[] };
}

/** @param prefix of all names, so that they meet no others of a graph that this is added to */
export function createGraphBuilder(prefix: string): GraphBuilder {
  const nodes: GraphNode[] = [];
  const constants: GraphConstant[] = [];
  return {
    add(operator, inputs, attributes) {
      const output = `${prefix}${operator}_${nodes.length}`;
      nodes.push({ operator, inputs, outputs: [output], ...(attributes && { attributes }) });
      return output;
    },
    constant(name, shape, data) {
      const unique = constants.some((other) => other.name === prefix + name) ? `${name}_${constants.length}` : name;
      constants.push({ name: prefix + unique, shape, data });
      return prefix + unique;
    },
    finish(value, output) {
      const last = nodes.at(-1);
      const isLast = last?.outputs[0] === value;
      const renamed: GraphNode = isLast
        ? { ...last, outputs: [output] }
        : { operator: 'Identity', inputs: [value], outputs: [output] };
      return { nodes: [...(isLast ? nodes.slice(0, -1) : nodes), renamed], constants };
    },
  };
}
