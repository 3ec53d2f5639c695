import type { Layout } from '../plotly';
import type { Theme } from '../theme';

type Axis = NonNullable<Layout['xaxis']>;

/** What all plots share: no chrome, thin grid, the theme's colours, numbers small. */
export function plotLayout(theme: Theme, xaxis: Partial<Axis>, yaxis: Partial<Axis>, rest: Layout = {}): Layout {
  return {
    autosize: true,
    showlegend: false,
    paper_bgcolor: 'rgba(0,0,0,0)',
    plot_bgcolor: 'rgba(0,0,0,0)',
    margin: { l: 52, r: 10, t: 10, b: 40, pad: 0 },
    font: { family: theme.font, size: 11, color: theme.mutedForeground },
    hoverlabel: {
      bgcolor: theme.background,
      bordercolor: theme.grid,
      font: { family: theme.font, size: 12, color: theme.foreground },
    },
    dragmode: 'zoom',
    xaxis: { ...axisLook(theme), ...xaxis },
    yaxis: { ...axisLook(theme), ...yaxis },
    ...rest,
  };
}

/** A dashed upright line at a value of the x axis. */
export function uprightLine(at: number, theme: Theme): NonNullable<Layout['shapes']>[number] {
  return {
    type: 'line',
    x0: at,
    x1: at,
    yref: 'paper',
    y0: 0,
    y1: 1,
    line: { color: theme.mutedForeground, width: 1, dash: 'dash' },
  };
}

/** The title of an axis, close to it. */
export function axisTitle(text: string): NonNullable<Axis['title']> {
  return { text, standoff: 6 };
}

function axisLook(theme: Theme): Partial<Axis> {
  return {
    gridcolor: theme.grid,
    gridwidth: 1,
    linecolor: theme.grid,
    zeroline: false,
    ticks: '',
    automargin: false,
    // Looking for labels that stick out costs a fifth of a drawing; the margins have room for them.
    ticklabeloverflow: 'allow',
    tickangle: 0,
    tickfont: { size: 11, color: theme.mutedForeground },
  };
}
