import type { CosineHistogram } from '../../core/protocol/views';
import { formatCosine } from '../format';
import type { PlotFigure, Trace } from '../plotly';
import { strings } from '../strings';
import { fade, type Theme } from '../theme';
import { axisTitle, plotLayout } from './plotLook';
import { listSides, type Side, type Sides } from './sides';

/** The one frame for both sides. */
export interface CosineFrame {
  /** cosines: from, to */
  readonly range: readonly [number, number];
}

/** The stretch of [−1, 1] where either side has pairs. */
export function cosineFrame(sides: Sides): CosineFrame {
  let low = 1;
  let high = -1;
  for (const { view } of listSides(sides)) {
    const { binCount, randomPairs, nearest } = view.cosines;
    for (let bin = 0; bin < binCount; bin++) {
      if ((randomPairs[bin] ?? 0) === 0 && (nearest?.[bin] ?? 0) === 0) continue;
      low = Math.min(low, binStart(bin, binCount));
      high = Math.max(high, binStart(bin + 1, binCount));
    }
  }
  if (low > high) return { range: [-1, 1] };
  const margin = Math.max(0.04, 0.03 * (high - low));
  return { range: [Math.max(-1.04, low - margin), Math.min(1.04, high + margin)] };
}

/** Where a bin begins, in cosines. */
export function binStart(bin: number, binCount: number): number {
  // Through whole numbers: 0.1 + 0.2 would show as 0.30000000000000004 in the table.
  return (2 * bin - binCount) / binCount;
}

/** Random pairs as an area, nearest neighbours as a line, the floor as three upright lines. */
export function cosineFigure(side: Side, { range }: CosineFrame, theme: Theme): PlotFigure {
  const { cosines } = side.view;
  const color = side.id === 'before' ? theme.before : theme.after;
  const traces: Trace[] = [randomTrace(cosines, color)];
  if (cosines.nearest !== null) traces.push(nearestTrace(cosines, cosines.nearest, theme.nearest));
  const [low, middle, high] = cosines.floor ?? [];
  const upright = (x: number | undefined, dash: 'solid' | 'dash') =>
    x === undefined
      ? []
      : [
          {
            type: 'line' as const,
            x0: x,
            x1: x,
            yref: 'paper' as const,
            y0: 0,
            y1: 1,
            line: { color: theme.foreground, width: 1, dash },
          },
        ];
  return {
    traces,
    layout: plotLayout(
      theme,
      { title: axisTitle(strings.cosinesX), range: [...range], showgrid: false, nticks: 7 },
      { title: axisTitle(strings.cosinesY(2 / cosines.binCount)), rangemode: 'tozero', tickformat: '~p', nticks: 5 },
      {
        shapes: [...upright(low, 'dash'), ...upright(middle, 'solid'), ...upright(high, 'dash')],
        hovermode: 'x',
      },
    ),
  };
}

/** An area in steps: one path instead of two hundred rectangles, so that it follows a slider. */
function randomTrace({ binCount, randomPairs, randomPairCount }: CosineHistogram, color: string): Trace {
  return {
    ...stepTrace(strings.keyRandom, randomPairs, randomPairCount, binCount),
    line: { color, width: 1, shape: 'hvh' },
    fill: 'tozeroy',
    fillcolor: fade(color, 0.45),
  };
}

function nearestTrace({ binCount, nearestCount }: CosineHistogram, nearest: Uint32Array, color: string): Trace {
  return {
    ...stepTrace(strings.keyNearest, nearest, nearestCount, binCount),
    line: { color, width: 1.75, shape: 'hvh' },
  };
}

/** Shares per bin, from the first bin to the last that holds something, down to zero at both ends; few counts in wider steps. */
function stepTrace(name: string, counts: Uint32Array, count: number, binCount: number): Trace {
  const width = stepWidth(count);
  const steps = Array.from({ length: Math.ceil(binCount / width) }, (_, step) => {
    const sum = counts.subarray(step * width, (step + 1) * width).reduce((total, value) => total + value, 0);
    return sum / (width * Math.max(1, count));
  });
  const first = steps.findIndex((share) => share > 0);
  const last = steps.findLastIndex((share) => share > 0);
  const length = first < 0 ? 0 : last - first + 3;
  return {
    type: 'scatter',
    name,
    mode: 'lines',
    x: Float64Array.from({ length }, (_, i) => binStart((first - 1 + i + 0.5) * width, binCount)),
    y: Float64Array.from({ length }, (_, i) => steps[first - 1 + i] ?? 0),
    hovertemplate: `${name} %{x:.3f}: %{y:.3~p}<extra></extra>`,
  };
}

/** Bins to a step: so many that chance does not make the shape. */
function stepWidth(count: number): number {
  if (count < 1_000) return 4;
  return count < 10_000 ? 2 : 1;
}

/** "Floor: 5 % 0.02 · median 0.11 · 95 % 0.31" */
export function floorText({ floor }: CosineHistogram): string {
  if (floor === null) return strings.noPairs;
  return strings.floorCaption(formatCosine(floor[0]), formatCosine(floor[1]), formatCosine(floor[2]));
}

/** What the plot says, in words. */
export function describeCosines(side: Side): string {
  return strings.cosinesLabel(side.label, floorText(side.view.cosines));
}
