import type { DimensionStatistics } from '../../core/protocol/lab';
import { axisTitle, plotLayout, uprightLine } from '../charts/plotLook';
import type { PlotFigure } from '../plotly';
import { strings } from '../strings';
import type { Theme } from '../theme';

/** Variances of the dimensions as shares of their sum, in the order of the dimensions. */
export function varianceShareOf({ variance }: DimensionStatistics): Float64Array {
  if (variance === null) return new Float64Array(0);
  const total = variance.reduce((sum, value) => sum + value, 0);
  return total > 0 ? variance.map((value) => value / total) : new Float64Array(variance.length);
}

/** A line over the dimensions; a click on a point inspects that dimension. @param marked the dimension under the glass */
export function dimensionFigure(
  shares: Float64Array,
  side: 'before' | 'after',
  most: number,
  marked: number | null,
  theme: Theme,
): PlotFigure {
  const color = side === 'before' ? theme.before : theme.after;
  const isMarked = marked !== null && marked < shares.length;
  return {
    traces: [
      {
        type: 'scatter',
        x: Float64Array.from(shares.keys()),
        y: shares,
        mode: 'lines+markers',
        line: { color, width: 1 },
        marker: { color, size: 3.5, symbol: side === 'before' ? 'circle' : 'diamond' },
        hovertemplate: `${strings.dimensionHover} %{x}: %{y:.3~p}<extra></extra>`,
      },
    ],
    layout: plotLayout(
      theme,
      { title: axisTitle(strings.dimensionsX), rangemode: 'tozero', showgrid: false, nticks: 7 },
      { title: axisTitle(strings.spectrumY), range: [0, most * 1.08 || 1], tickformat: '~p' },
      {
        hovermode: 'closest',
        shapes: isMarked ? [uprightLine(marked, theme)] : [],
      },
    ),
  };
}
