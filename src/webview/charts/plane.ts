import type { Views } from '../../core/protocol/views';
import { formatShare } from '../format';
import type { PlotFigure } from '../plotly';
import type { Camera, PlaneTool } from '../savedState';
import { strings } from '../strings';
import type { Theme } from '../theme';
import { axisTitle, plotLayout } from './plotLook';
import type { Side } from './sides';

/** The points that are drawn: places in the planes of the report, and the row of each. The same on both sides. */
export interface ShownPoints {
  /** index into `SpaceView.plane`, ascending */
  readonly places: Uint32Array;
  /** row of each, ascending */
  readonly rows: Uint32Array;
}

/** SVG holds so many points before the page becomes slow. */
export const MAX_SVG_POINTS = 5_000;

/**
 * All points of the report, or, for SVG, every n-th.
 * @param count rows of the corpus
 */
export function shownPoints({ shownRows, raw }: Views, hasWebGl: boolean): ShownPoints {
  const inPlane = raw.plane.length / 2;
  const shown = hasWebGl ? inPlane : Math.min(inPlane, MAX_SVG_POINTS);
  const places = Uint32Array.from({ length: shown }, (_, i) => Math.floor((i * inPlane) / shown));
  return { places, rows: shownRows === null ? places : places.map((place) => shownRows[place]!) };
}

/** Index among the shown points of a row, or −1. */
export function indexOfRow(rows: Uint32Array, row: number): number {
  let low = 0;
  let high = rows.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const found = rows[middle]!;
    if (found === row) return middle;
    if (found < row) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

/** Coordinates of the shown points, [x of each], [y of each]. */
export function coordinates(plane: Float32Array, { places }: ShownPoints): { x: Float32Array; y: Float32Array } {
  const x = new Float32Array(places.length);
  const y = new Float32Array(places.length);
  places.forEach((place, i) => {
    x[i] = plane[2 * place]!;
    y[i] = plane[2 * place + 1]!;
  });
  return { x, y };
}

export interface PlaneOptions {
  readonly hasWebGl: boolean;
  /** indices among the shown points, or `null` when nothing is selected */
  readonly selected: readonly number[] | null;
  readonly tool: PlaneTool;
  readonly camera: Camera | null;
}

/** The first two principal components, both axes on one scale: a cloud that looks long IS long. */
export function planeFigure(side: Side, points: ShownPoints, theme: Theme, options: PlaneOptions): PlotFigure {
  const { hasWebGl, selected, tool, camera } = options;
  const { x, y } = coordinates(side.view.plane, points);
  const [first, second] = side.view.planeVarianceShare;
  const color = side.id === 'before' ? theme.before : theme.after;
  const size = pointSize(points.rows.length);
  const range = (from: number, to: number) =>
    camera === null ? { autorange: true as const } : { autorange: false as const, range: [camera[from]!, camera[to]!] };
  return {
    traces: [
      {
        type: hasWebGl ? 'scattergl' : 'scatter',
        name: side.label,
        mode: 'markers',
        x,
        y,
        // What a point says is asked for and shown by the page: the user's text never goes through Plotly's pseudo-HTML.
        hoverinfo: 'none',
        marker: {
          color,
          size,
          opacity: points.rows.length > 2_000 ? 0.55 : 0.75,
          symbol: side.id === 'before' ? 'circle' : 'diamond',
        },
        ...(selected !== null && {
          selectedpoints: [...selected],
          selected: { marker: { color, size: size + 2, opacity: 1 } },
          unselected: { marker: { color, opacity: 0.18 } },
        }),
      },
    ],
    layout: plotLayout(
      theme,
      {
        title: axisTitle(strings.planeAxis(1, formatShare(first))),
        zeroline: true,
        zerolinecolor: theme.grid,
        nticks: 6,
        ...range(0, 1),
      },
      {
        title: axisTitle(strings.planeAxis(2, formatShare(second))),
        scaleanchor: 'x',
        zeroline: true,
        zerolinecolor: theme.grid,
        nticks: 6,
        ...range(2, 3),
      },
      // The rows are the selection; the outline of a lasso on one plane means nothing on the other, so it goes with the next drawing.
      { dragmode: tool, hovermode: 'closest', selections: [] } as PlotFigure['layout'],
    ),
  };
}

/** Pixels: many points are small ones. */
function pointSize(count: number): number {
  if (count <= 300) return 7;
  if (count <= 2_000) return 5.5;
  return count <= 10_000 ? 4 : 3;
}

/** What the plot says, in words. */
export function describePlane(side: Side, count: number): string {
  const [first, second] = side.view.planeVarianceShare;
  return strings.planeLabel(side.label, count, formatShare(first + second));
}
