import type { DimensionCurve, DimensionCurveMethod } from '../../core/protocol/lab';
import { axisTitle, plotLayout, uprightLine } from '../charts/plotLook';
import type { PlotFigure, Trace } from '../plotly';
import { strings } from '../strings';
import type { Theme } from '../theme';

export type CurveMeasure = 'varianceKept' | 'agreement';

/** How each method's line looks: shape and dash tell it as well as the colour. */
const LOOKS: Readonly<Record<DimensionCurveMethod['method'], { symbol: string; dash: 'solid' | 'dot' | 'dash' }>> = {
  truncate: { symbol: 'square', dash: 'solid' },
  pca: { symbol: 'circle', dash: 'solid' },
  whiten: { symbol: 'diamond', dash: 'dash' },
  random: { symbol: 'x', dash: 'dot' },
};

/** A line for each method over k, logarithmic. @param marked the k that is shown now */
export function curveFigure(
  curve: DimensionCurve,
  measure: CurveMeasure,
  marked: number | null,
  theme: Theme,
): PlotFigure {
  const colors: Readonly<Record<DimensionCurveMethod['method'], string>> = {
    truncate: theme.nearest,
    pca: theme.before,
    whiten: theme.after,
    random: theme.mutedForeground,
  };
  const traces = curve.methods.map(({ method, ...lines }): Trace => {
    const { symbol, dash } = LOOKS[method];
    return {
      type: 'scatter',
      name: strings.curveMethod(method),
      x: Float64Array.from(curve.sizes),
      // Plotly breaks a line at NaN.
      y: Float64Array.from(lines[measure], (value) => value ?? NaN),
      mode: 'lines+markers',
      line: { color: colors[method], width: 1.5, dash },
      marker: { color: colors[method], size: 6, symbol },
      hovertemplate: `k = %{x}: %{y:.3~p}<extra>${strings.curveMethod(method)}</extra>`,
    };
  });
  const ticks = ticksOf(curve);
  return {
    traces,
    layout: plotLayout(
      theme,
      {
        type: 'log',
        title: axisTitle(strings.curveX),
        tickvals: [...ticks],
        ticktext: ticks.map(String),
        showgrid: false,
      },
      { title: axisTitle(strings.curveMeasure(measure)), range: [0, 1.05], tickformat: '~p' },
      {
        hovermode: 'closest',
        shapes: marked === null ? [] : [uprightLine(marked, theme)],
      },
    ),
  };
}

/** Powers of four, and the whole: what finds room beside each other in a narrow panel. */
function ticksOf({ sizes }: DimensionCurve): readonly number[] {
  const most = sizes.at(-1) ?? 1;
  const ticks: number[] = [];
  for (let tick = 1; tick < most / 1.4; tick *= 4) ticks.push(tick);
  return [...ticks, most];
}
