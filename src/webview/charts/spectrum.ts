import { rankOf } from '../lab/labSpec';
import type { PlotFigure, Trace } from '../plotly';
import { strings } from '../strings';
import type { Theme } from '../theme';
import { axisTitle, plotLayout, uprightLine } from './plotLook';
import { listSides, type Side, type Sides } from './sides';

/** Shares of variance of the components that carry any, λ_i/Σλ, descending. */
export function varianceShares(eigenvalues: Float64Array): Float64Array {
  let total = 0;
  for (const value of eigenvalues) total += value;
  return total > 0 ? eigenvalues.slice(0, rankOf(eigenvalues)).map((value) => value / total) : new Float64Array(0);
}

/** The one frame for both sides, so that slopes can be compared: components, and decades of the share of variance. */
export interface SpectrumFrame {
  readonly components: number;
  /** log10 of the shares: from, to */
  readonly decades: readonly [number, number];
}

export function spectrumFrame(sides: Sides): SpectrumFrame {
  let components = 1;
  let low = 0;
  let high = -Infinity;
  for (const { view } of listSides(sides)) {
    const shares = varianceShares(view.eigenvalues);
    components = Math.max(components, shares.length);
    if (shares.length === 0) continue;
    high = Math.max(high, Math.log10(shares[0]!));
    low = Math.min(low, Math.log10(shares[shares.length - 1]!));
  }
  if (high === -Infinity) high = 0;
  // A flat spectrum would otherwise be stretched until its rounding fills the frame.
  return { components, decades: [Math.min(low, high - 1) - 0.1, high + 0.15] };
}

/** Scree: share of variance by component, logarithmic. */
export function spectrumFigure(side: Side, ghost: Side | null, frame: SpectrumFrame, theme: Theme): PlotFigure {
  const shares = varianceShares(side.view.eigenvalues);
  const color = side.id === 'before' ? theme.before : theme.after;
  const traces: Trace[] = [screeTrace(shares, side.label, color, side.id === 'before' ? 'circle' : 'diamond')];
  if (ghost !== null) {
    const shape = screeTrace(varianceShares(ghost.view.eigenvalues), ghost.label, theme.before, 'circle');
    traces.push({ ...shape, mode: 'lines', hoverinfo: 'skip', line: { color: theme.before, width: 1, dash: 'dot' } });
  }
  const shapes = side.ninety === null ? [] : [uprightLine(side.ninety, theme)];
  return {
    traces,
    layout: plotLayout(
      theme,
      {
        title: axisTitle(strings.spectrumX),
        range: [1 - 0.02 * frame.components, frame.components * 1.02 + 0.5],
        tick0: 0,
        nticks: 7,
        showgrid: false,
      },
      {
        type: 'log',
        range: [...frame.decades],
        title: axisTitle(strings.spectrumY),
        exponentformat: 'power',
        dtick: frame.decades[1] - frame.decades[0] > 6 ? 2 : 1,
        tickformat: '~p',
      },
      { shapes, hovermode: 'x' },
    ),
  };
}

function screeTrace(shares: Float64Array, name: string, color: string, symbol: string): Trace {
  return {
    type: 'scatter',
    name,
    x: Float64Array.from(shares, (_, i) => i + 1),
    y: shares,
    mode: shares.length <= 40 ? 'lines+markers' : 'lines',
    line: { color, width: 1.75 },
    marker: { color, size: 5, symbol },
    hovertemplate: `${strings.spectrumHover} %{x}: %{y:.3~p}<extra></extra>`,
  };
}

/** What the plot says, in words. */
export function describeSpectrum(side: Side): string {
  return strings.spectrumLabel(side.label, varianceShares(side.view.eigenvalues).length, side.ninety);
}

/** Components that carry no variance, or `null` when all do. */
export function countNull({ view }: Side): string | null {
  const zeros = view.eigenvalues.length - rankOf(view.eigenvalues);
  return zeros === 0 ? null : strings.spectrumNull(zeros, view.eigenvalues.length);
}
