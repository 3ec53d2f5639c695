import type { NeighbourGraph } from './neighbourGraph';

/** Edges of a weighted graph by their first end, both directions of each: those of point i from starts[i] to starts[i + 1] − 1. */
export interface FuzzyGraph {
  readonly count: number;
  readonly starts: Uint32Array;
  /** the other end of each edge */
  readonly ends: Uint32Array;
  /** membership strengths, 0 … 1, symmetric */
  readonly weights: Float32Array;
}

/** Halvings when a scale is searched for, and the least scale as a share of the mean distance: umap-learn's. */
const HALVINGS = 64;
const LEAST_SCALE = 1e-3;

/**
 * The fuzzy union of the neighbourhoods (McInnes, Healy & Melville 2018, §3.1, algorithms 2 and 3). Point i belongs to the neighbourhood of its neighbours
 * with strength exp(−max(0, d − ρᵢ)/σᵢ), ρᵢ its smallest distance above 0, σᵢ such that the strengths sum to log₂k; both directions a and b of an edge
 * unite to a + b − ab.
 */
export function uniteNeighbourhoods(graph: NeighbourGraph): FuzzyGraph {
  const { count, k, neighbours } = graph;
  const strengths = measureStrengths(graph);
  // The directed edges by their end: the transpose, to be merged with the graph itself.
  const incoming = countBy(neighbours, count);
  const sources = new Uint32Array(neighbours.length);
  const backward = new Float32Array(neighbours.length);
  const next = incoming.slice(0, count);
  for (let at = 0; at < neighbours.length; at++) {
    const to = next[neighbours[at]]++;
    sources[to] = Math.floor(at / k);
    backward[to] = strengths[at];
  }
  const starts = new Uint32Array(count + 1);
  const ends = new Uint32Array(2 * neighbours.length);
  const weights = new Float32Array(2 * neighbours.length);
  const slotOf = new Int32Array(count).fill(-1);
  let filled = 0;
  for (let point = 0; point < count; point++) {
    starts[point] = filled;
    for (let at = point * k; at < (point + 1) * k; at++) {
      if (neighbours[at] === point || strengths[at] === 0) continue;
      slotOf[neighbours[at]] = filled;
      ends[filled] = neighbours[at];
      weights[filled++] = strengths[at];
    }
    for (let at = incoming[point]; at < incoming[point + 1]; at++) {
      const other = sources[at];
      if (other === point || backward[at] === 0) continue;
      const slot = slotOf[other];
      if (slot >= starts[point]) {
        weights[slot] += backward[at] - weights[slot] * backward[at];
      } else {
        ends[filled] = other;
        weights[filled++] = backward[at];
      }
    }
  }
  starts[count] = filled;
  return { count, starts, ends: ends.slice(0, filled), weights: weights.slice(0, filled) };
}

/** Where the edges to each point begin when they are sorted by it, length n + 1. */
function countBy(points: Int32Array, count: number): Uint32Array {
  const starts = new Uint32Array(count + 1);
  for (const point of points) starts[point + 1]++;
  for (let point = 0; point < count; point++) starts[point + 1] += starts[point];
  return starts;
}

/** Strength of each directed edge, [n, k]; 0 of a point to itself. */
function measureStrengths({ count, k, distances }: NeighbourGraph): Float32Array {
  const strengths = new Float32Array(count * k);
  const meanOfAll = mean(distances);
  for (let point = 0; point < count; point++) {
    const own = distances.subarray(point * k, (point + 1) * k);
    const nearest = own.find((distance) => distance > 0) ?? 0;
    const least = LEAST_SCALE * (nearest > 0 ? mean(own) : meanOfAll);
    const scale = Math.max(least, scaleOf(own, nearest));
    for (let at = 1; at < k; at++) {
      const beyond = own[at] - nearest;
      strengths[point * k + at] = beyond <= 0 || scale === 0 ? 1 : Math.exp(-beyond / scale);
    }
  }
  return strengths;
}

/** σ for which the strengths of the others sum to log₂k, by halving. */
function scaleOf(distances: Float32Array, nearest: number): number {
  const target = Math.log2(distances.length);
  let [low, high, scale] = [0, Infinity, 1];
  for (let halving = 0; halving < HALVINGS; halving++) {
    let sum = 0;
    for (let at = 1; at < distances.length; at++) {
      const beyond = distances[at] - nearest;
      sum += beyond > 0 ? Math.exp(-beyond / scale) : 1;
    }
    if (Math.abs(sum - target) < 1e-5) break;
    if (sum > target) high = scale;
    else low = scale;
    scale = high === Infinity ? 2 * scale : (low + high) / 2;
  }
  return scale;
}

function mean(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return values.length === 0 ? 0 : sum / values.length;
}
