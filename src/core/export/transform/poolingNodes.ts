import type { TokenPooling } from '../../encoder/pooling';
import { elementTypes } from '../../linalg/onnxProtobuf';
import { assertNever } from '../../protocol/errors';
import type { GraphBuilder } from './graphBuilder';

/**
 * Pooling as nodes of a graph, defined as `poolTokens`. Written with operators whose form has not changed from operator set 11 on (ReduceSum, ReduceMax, Squeeze and
 * Unsqueeze have), because an encoder's graph brings its own set: sums are products with the mask, the maximum is a GlobalMaxPool.
 */
export interface PoolingNodes {
  /**
   * @param hidden float tensor [N, T, d]
   * @returns float32 [N, d]
   */
  readonly pool: (hidden: string) => string;
}

/** A row of padding only has no tokens: it is divided by this instead of by 0, as sentence-transformers does. */
const LEAST_WEIGHT = 1e-9;

/**
 * @param mask tensor [N, T] of any type, 1 = token; not looked at by cls
 * @param skip leading tokens that do not count (of a prompt), the last token always does
 */
export function createPooling(builder: GraphBuilder, mask: string, pooling: TokenPooling, skip: number): PoolingNodes {
  const { add } = builder;
  const integers = (name: string, ...values: readonly number[]) =>
    builder.constant(name, [values.length], BigInt64Array.from(values, BigInt));
  const scalar = (name: string, value: number) => builder.constant(name, [], Float32Array.of(value));
  const toFloat = (value: string) => add('Cast', [value], { to: elementTypes.float32 });
  if (pooling === 'cls') {
    const first = builder.constant('first', [], BigInt64Array.of(0n));
    return { pool: (hidden) => add('Gather', [toFloat(hidden), first], { axis: 1 }) };
  }
  // Only what is used may stand in a graph: ONNX Runtime warns of the rest.
  const asRow = once(() => integers('rowShape', 0, 1, -1));
  const asColumn = once(() => integers('columnShape', 0, -1, 1));
  const asMatrix = once(() => integers('matrixShape', 0, -1));
  const row = (vector: string) => add('Reshape', [vector, asRow()]);
  const column = (vector: string) => add('Reshape', [vector, asColumn()]);
  /** Σ a·b per sentence, [N, 1, 1] */
  const dot = (a: string, b: string) => add('MatMul', [row(a), column(b)]);
  const whole = toFloat(mask);
  /** place of each token, from 1 */
  const places = once(() => add('CumSum', [whole, builder.constant('tokenAxis', [], BigInt64Array.of(1n))]));
  const count = () => add('Reshape', [dot(whole, whole), asMatrix()]);
  const counted = skip === 0 ? whole : withoutFirst();
  switch (pooling) {
    case 'mean':
      return weighted(counted, dot(counted, counted));
    case 'mean-sqrt-len':
      return weighted(counted, add('Sqrt', [dot(counted, counted)]));
    case 'weighted-mean': {
      const weights = add('Mul', [counted, places()]);
      return weighted(weights, dot(weights, counted));
    }
    case 'last-token':
      return weighted(add('Mul', [whole, toFloat(add('Equal', [places(), count()]))]), null);
    case 'max': {
      const isCounted = add('Cast', [column(counted)], { to: elementTypes.bool });
      const lowest = scalar('lowest', -3.4e38);
      return {
        pool: (hidden) => {
          const masked = add('Where', [isCounted, toFloat(hidden), lowest]);
          return add('Reshape', [add('GlobalMaxPool', [add('Transpose', [masked], { perm: [0, 2, 1] })]), asMatrix()]);
        },
      };
    }
    default:
      return assertNever(pooling);
  }

  /** The mask without the first `skip` tokens, but never without the last one. */
  function withoutFirst(): string {
    const skipped = add('Min', [add('Sub', [count(), scalar('one', 1)]), scalar('skipped', skip)]);
    return add('Mul', [whole, toFloat(add('Greater', [places(), skipped]))]);
  }

  /** Σ weight · hidden / total */
  function weighted(weights: string, total: string | null): PoolingNodes {
    const weightRow = row(weights);
    const divisor = total === null ? null : add('Max', [total, scalar('leastWeight', LEAST_WEIGHT)]);
    return {
      pool: (hidden) => {
        const sum = add('MatMul', [weightRow, toFloat(hidden)]);
        return add('Reshape', [divisor === null ? sum : add('Div', [sum, divisor]), asMatrix()]);
      },
    };
  }
}

function once(make: () => string): () => string {
  let made: string | undefined;
  return () => (made ??= make());
}
