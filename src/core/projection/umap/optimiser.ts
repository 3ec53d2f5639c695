import { createRandom } from '../../linalg/random';
import type { FuzzyGraph } from './fuzzyGraph';

/**
 * The curve 1/(1 + a·d²ᵇ) that is nearest to the wanted one, 1 up to the minimum distance 0.1 and exp(0.1 − d) beyond it (spread 1), by least squares:
 * what umap-learn fits for its defaults (`find_ab_params(1, 0.1)`).
 */
const A = 1.5769434603113077;
const B = 0.8950608779109733;
/** Repulsions per attraction. */
const NEGATIVES = 5;
/** No step moves a coordinate farther than this at learning rate 1. */
const LONGEST_STEP = 4;

/** Forces by squared distance, in steps of 0.4 % of it: the first 8 bits of the mantissa tell the step, and no power is computed while points move. */
const DROPPED_BITS = 15;
const forces = tabulateForces();

/** A layout in the making. */
export interface Optimiser {
  /** [n, 2] */
  readonly layout: Float32Array;
  /** Moves the points by one pass. Passes are counted from 0. */
  readonly pass: (epoch: number) => void;
}

/**
 * Stochastic gradient descent on the cross-entropy of graph and layout (McInnes, Healy & Melville 2018, §3.2, algorithm 5; schedule as in umap-learn):
 * an edge attracts its two ends in as many passes as its weight deserves, and each time the first end is repelled by five points drawn at random.
 * One thread, in a fixed order: the same seed gives the same layout.
 * @param start coordinates to begin with, [n, 2]; changed in place
 */
export function openOptimiser(graph: FuzzyGraph, start: Float32Array, epochs: number, seed: number): Optimiser {
  const { count, starts, ends } = graph;
  const { attraction, repulsion } = forces;
  const every = passesPerSample(graph.weights, epochs);
  const due = every.slice();
  const layout = start;
  // xorshift32 (Marsaglia 2003): two passes over memory cost more than its quality is worth here. Never 0.
  let state = createRandom(seed).integer(2 ** 32 - 1) + 1;
  const real = new Float32Array(1);
  const bits = new Uint32Array(real.buffer);

  return {
    layout,
    pass: (epoch) => {
      const rate = 1 - epoch / epochs;
      const longest = LONGEST_STEP * rate;
      for (let point = 0; point < count; point++) {
        let x = layout[2 * point];
        let y = layout[2 * point + 1];
        for (let edge = starts[point]; edge < starts[point + 1]; edge++) {
          if (due[edge] > epoch + 1) continue;
          due[edge] += every[edge];
          const end = 2 * ends[edge];
          let dx = x - layout[end];
          let dy = y - layout[end + 1];
          real[0] = dx * dx + dy * dy;
          let force = rate * attraction[bits[0] >>> DROPPED_BITS];
          let stepX = force * dx;
          let stepY = force * dy;
          stepX = stepX > longest ? longest : stepX < -longest ? -longest : stepX;
          stepY = stepY > longest ? longest : stepY < -longest ? -longest : stepY;
          x += stepX;
          y += stepY;
          layout[end] -= stepX;
          layout[end + 1] -= stepY;
          for (let negative = 0; negative < NEGATIVES; negative++) {
            state ^= state << 13;
            state ^= state >>> 17;
            state ^= state << 5;
            const other = Math.floor((state >>> 0) * 2 ** -32 * count);
            if (other === point) continue;
            dx = x - layout[2 * other];
            dy = y - layout[2 * other + 1];
            real[0] = dx * dx + dy * dy;
            force = rate * repulsion[bits[0] >>> DROPPED_BITS];
            stepX = force * dx;
            stepY = force * dy;
            x += stepX > longest ? longest : stepX < -longest ? -longest : stepX;
            y += stepY > longest ? longest : stepY < -longest ? -longest : stepY;
          }
        }
        layout[2 * point] = x;
        layout[2 * point + 1] = y;
      }
    },
  };
}

/** After how many passes an edge is due again: 1 for the strongest, never for those that would not be due once. */
function passesPerSample(weights: Float32Array, epochs: number): Float32Array {
  const strongest = weights.reduce((most, weight) => Math.max(most, weight), 0);
  return weights.map((weight) => (weight * epochs < strongest ? Infinity : strongest / weight));
}

function tabulateForces(): { readonly attraction: Float32Array; readonly repulsion: Float32Array } {
  const steps = 2 ** (31 - DROPPED_BITS);
  const attraction = new Float32Array(steps);
  const repulsion = new Float32Array(steps);
  const real = new Float32Array(1);
  const bits = new Uint32Array(real.buffer);
  for (let step = 0; step < steps; step++) {
    // The middle of the step.
    bits[0] = (step << DROPPED_BITS) | (1 << (DROPPED_BITS - 1));
    const square = real[0];
    // Points in one place neither attract nor know where to flee to; distances beyond float32 do not occur.
    if (step === 0 || !Number.isFinite(square)) continue;
    const power = square ** B;
    attraction[step] = (-2 * A * B * power) / square / (1 + A * power);
    repulsion[step] = (2 * B) / ((0.001 + square) * (1 + A * power));
  }
  return { attraction, repulsion };
}
