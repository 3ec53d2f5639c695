import type { VNode } from 'preact';
import { describeSpectrum, spectrumFrame, varianceShares } from './spectrum';
import { listSides, type Sides } from './sides';

const WIDTH = 240;
const HEIGHT = 72;

/** The spectrum, small: before as a solid line, after as a dashed one, on one logarithmic scale. */
export function Sparkline({ sides }: { readonly sides: Sides }): VNode {
  const { components, decades } = spectrumFrame(sides);
  const [low, high] = decades;
  const pathOf = (shares: Float64Array): string =>
    Array.from(shares, (share, i) => {
      const x = components === 1 ? WIDTH / 2 : (i / (components - 1)) * WIDTH;
      const y = HEIGHT * (1 - (Math.log10(share) - low) / (high - low));
      return `${i === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`;
    }).join('');
  return (
    <svg
      class="sparkline"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={listSides(sides).map(describeSpectrum).join(' ')}
    >
      {listSides(sides).map((side) => (
        <path
          key={side.id}
          class={`spark-${side.id}`}
          d={pathOf(varianceShares(side.view.eigenvalues))}
          fill="none"
          vector-effect="non-scaling-stroke"
        />
      ))}
    </svg>
  );
}
