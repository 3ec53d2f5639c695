import { formatShare } from '../format';
import type { PlotFigure } from '../plotly';
import type { Camera, PlaneTool, Projection } from '../savedState';
import { strings } from '../strings';
import type { Theme } from '../theme';
import { axisTitle, plotLayout } from './plotLook';
import { extentOf } from './pointLayer';
import type { Side } from './sides';

/** The points that are drawn: places in the planes of the report, and the row of each. The same on both sides. */
export interface ShownPoints {
  /** index into `SpaceView.plane`, ascending */
  readonly places: Uint32Array;
  /** row of each, ascending */
  readonly rows: Uint32Array;
}

/** How points are drawn: by Plotly as SVG or WebGL, or, when they are many, by a layer of our own between Plotly's axes. */
export type PlaneDrawing = 'svg' | 'webgl' | 'layer';

/** SVG holds so many points before the page becomes slow, Plotly's WebGL so many. */
const MAX_POINTS: Readonly<Record<PlaneDrawing, number>> = { svg: 5_000, webgl: 20_000, layer: Infinity };

export function chooseDrawing(count: number, hasWebGl: boolean, canLayer: boolean): PlaneDrawing {
  if (!hasWebGl) return 'svg';
  return canLayer && count > MAX_POINTS.webgl ? 'layer' : 'webgl';
}

/**
 * All points of a plane, or, where the drawing cannot hold them, every n-th.
 * @param rows of the points in the plane, ascending; `null` = all
 * @param count points in the plane
 */
export function shownPoints(rows: Uint32Array | null, count: number, drawing: PlaneDrawing): ShownPoints {
  const shown = Math.min(count, MAX_POINTS[drawing]);
  const places = Uint32Array.from({ length: shown }, (_, i) => Math.floor((i * count) / shown));
  return { places, rows: rows === null ? places : places.map((place) => rows[place]!) };
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
  readonly drawing: PlaneDrawing;
  readonly projection: Projection;
  /** indices among the shown points, or `null` when nothing is selected */
  readonly selected: readonly number[] | null;
  readonly tool: PlaneTool;
  readonly camera: Camera | null;
}

/** Both axes on one scale: a cloud that looks long IS long. */
export function planeFigure(side: Side, points: ShownPoints, theme: Theme, options: PlaneOptions): PlotFigure {
  const { drawing, projection, selected, tool, camera } = options;
  const all = coordinates(side.view.plane, points);
  // For a layer Plotly has two corners that nobody sees: its axes then fit the points.
  const { x, y } = drawing === 'layer' ? cornersOf(all) : all;
  const { color, size, opacity, symbol } = pointLook(side, points, theme);
  const range = (from: number, to: number) =>
    camera === null ? { autorange: true as const } : { autorange: false as const, range: [camera[from]!, camera[to]!] };
  return {
    traces: [
      {
        type: drawing === 'webgl' ? 'scattergl' : 'scatter',
        name: side.label,
        mode: 'markers',
        x,
        y,
        // What a point says is asked for and shown by the page: the user's text never goes through Plotly's pseudo-HTML.
        hoverinfo: 'none',
        marker: { color, size, opacity: drawing === 'layer' ? 0 : opacity, symbol },
        ...(selected !== null &&
          drawing !== 'layer' && {
            selectedpoints: [...selected],
            selected: { marker: { color, size: size + 2, opacity: 1 } },
            unselected: { marker: { color, opacity: 0.18 } },
          }),
      },
    ],
    layout: plotLayout(
      theme,
      {
        title: axisTitle(axisName(side, projection, 1)),
        zeroline: true,
        zerolinecolor: theme.grid,
        nticks: 6,
        ...range(0, 1),
      },
      {
        title: axisTitle(axisName(side, projection, 2)),
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

/** Before: circles, after: diamonds, so that the colour is not the only difference. */
export function pointLook(side: Side, { rows: { length: count } }: ShownPoints, theme: Theme): PointLook {
  return {
    color: side.id === 'before' ? theme.before : theme.after,
    size: pointSize(count),
    opacity: pointOpacity(count),
    symbol: side.id === 'before' ? 'circle' : 'diamond',
  };
}

interface PointLook {
  readonly color: string;
  readonly size: number;
  readonly opacity: number;
  readonly symbol: 'circle' | 'diamond';
}

/** Pixels: many points are small ones. */
function pointSize(count: number): number {
  if (count <= 300) return 7;
  if (count <= 2_000) return 5.5;
  if (count <= 10_000) return 4;
  return count <= 20_000 ? 3 : 2.5;
}

/** Where many points lie over each other, only thin ones show where they lie more densely. */
function pointOpacity(count: number): number {
  if (count <= 2_000) return 0.75;
  return count <= 20_000 ? 0.55 : 0.3;
}

function cornersOf({ x, y }: { x: Float32Array; y: Float32Array }): { x: Float32Array; y: Float32Array } {
  return { x: Float32Array.from(extentOf(x)), y: Float32Array.from(extentOf(y)) };
}

function axisName(side: Side, projection: Projection, axis: 1 | 2): string {
  if (projection === 'umap') return strings.umapAxis(axis);
  return strings.planeAxis(axis, formatShare(side.view.planeVarianceShare[axis - 1]));
}

/** What the plot says, in words. */
export function describePlane(side: Side, count: number, projection: Projection): string {
  if (projection === 'umap') return strings.umapLabel(side.label, count);
  const [first, second] = side.view.planeVarianceShare;
  return strings.planeLabel(side.label, count, formatShare(first + second));
}
