import { elementTypes, encodeOnnxModel, type ElementType, type GraphValue } from './onnxProtobuf';

/** XᵀX: `x` [n, d] → `product` [d, d]. */
export function gramGraph(type: ElementType): Uint8Array {
  return encodeOnnxModel({
    nodes: [{ operator: 'Gemm', inputs: ['x', 'x'], outputs: ['product'], attributes: { transA: 1 } }],
    inputs: [matrix('x', type, 'n', 'd')],
    outputs: [matrix('product', type, 'd', 'd')],
  });
}

/** A·B: `a` [n, m], `b` [m, p] → `product` [n, p]. */
export function multiplyGraph(type: ElementType): Uint8Array {
  return encodeOnnxModel({
    nodes: [{ operator: 'Gemm', inputs: ['a', 'b'], outputs: ['product'] }],
    inputs: [matrix('a', type, 'n', 'm'), matrix('b', type, 'm', 'p')],
    outputs: [matrix('product', type, 'n', 'p')],
  });
}

/** A·Bᵀ: `a` [n, m], `b` [p, m] → `product` [n, p]. */
export function multiplyTransposedGraph(type: ElementType): Uint8Array {
  return encodeOnnxModel({
    nodes: [{ operator: 'Gemm', inputs: ['a', 'b'], outputs: ['product'], attributes: { transB: 1 } }],
    inputs: [matrix('a', type, 'n', 'm'), matrix('b', type, 'p', 'm')],
    outputs: [matrix('product', type, 'n', 'p')],
  });
}

/**
 * The k largest entries of each row of Q·Kᵀ: `queries` [n, d], `keys` [m, d], `k` [1] → `products` [n, k] descending and their columns, `rows` [n, k].
 * All in one graph, so that the n × m products never leave ONNX Runtime. Of equal products TopK takes the lower column first.
 */
export function largestProductsGraph(): Uint8Array {
  return encodeOnnxModel({
    nodes: [
      { operator: 'Gemm', inputs: ['queries', 'keys'], outputs: ['all'], attributes: { transB: 1 } },
      {
        operator: 'TopK',
        inputs: ['all', 'k'],
        outputs: ['products', 'wideRows'],
        attributes: { axis: 1, largest: 1, sorted: 1 },
      },
      { operator: 'Cast', inputs: ['wideRows'], outputs: ['rows'], attributes: { to: elementTypes.int32 } },
    ],
    inputs: [
      matrix('queries', 'float32', 'n', 'd'),
      matrix('keys', 'float32', 'm', 'd'),
      { name: 'k', type: 'int64', shape: [1] },
    ],
    outputs: [matrix('products', 'float32', 'n', 'kept'), matrix('rows', 'int32', 'n', 'kept')],
  });
}

function matrix(name: string, type: ElementType, rows: string, columns: string): GraphValue {
  return { name, type, shape: [rows, columns] };
}
