import * as Plotly from 'plotly.js/lib/core';
import * as scatter from 'plotly.js/lib/scatter';
import scatterGl from 'plotly.js/src/traces/scattergl/strict';

/**
 * The one place that knows Plotly: its core with two kinds of traces. The strict scattergl compiles no code at run time, which the page's policy
 * would forbid. An unregistered kind would silently be drawn as `scatter`, so `TraceKind` lists what is here.
 */
Plotly.register([scatter, scatterGl] as Parameters<typeof Plotly.register>[0]);

export type TraceKind = 'scatter' | 'scattergl';
export type Trace = Partial<Plotly.PlotData> & { readonly type: TraceKind };
export type Layout = Partial<Plotly.Layout>;

export interface PlotFigure {
  readonly traces: readonly Trace[];
  readonly layout: Layout;
}

/** The values and pixels of a drawn plot; pixels count from its upper left corner. */
export interface PlotScale {
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
  /** of the area between the axes */
  readonly area: { readonly left: number; readonly top: number; readonly width: number; readonly height: number };
  /** x from, x to, y from, y to */
  readonly ranges: readonly [number, number, number, number];
  readonly isAutoRanged: boolean;
}

/** Corners of what the user drew, in values. */
export interface Outline {
  readonly x: readonly number[];
  readonly y: readonly number[];
}

export interface PlotEvents {
  readonly onPointHover?: (index: number, at: { readonly x: number; readonly y: number }) => void;
  readonly onPointLeave?: () => void;
  readonly onPointClick?: (index: number, trace: number) => void;
  /** points of the first trace inside a lasso or box, and its outline in values; `null` when the selection was taken back */
  readonly onSelect?: (selection: { readonly indices: readonly number[]; readonly outline: Outline } | null) => void;
  /** the user has moved or zoomed; drawn again after a change of size or data */
  readonly onScale?: (scale: PlotScale, isByUser: boolean) => void;
  readonly onContextLost?: () => void;
}

const CONFIG: Partial<Plotly.Config> = {
  displayModeBar: false,
  displaylogo: false,
  showTips: false,
  scrollZoom: true,
  doubleClick: 'autosize',
};

/** Draws into an element, or changes what is drawn there. */
export async function drawPlot(element: HTMLElement, { traces, layout }: PlotFigure): Promise<void> {
  await Plotly.react(element, traces as Trace[], layout, CONFIG);
}

/** Fits a drawn plot into its element. */
export function fitPlot(element: HTMLElement): void {
  if (element.offsetWidth > 0 && isDrawn(element)) Plotly.Plots.resize(element);
}

/** A picture that lies over the axes of a plot. */
export interface PlotOverlay {
  /** a data address */
  readonly source: string;
  /** x from, x to, y from, y to: what it covers */
  readonly ranges: PlotScale['ranges'];
}

/**
 * A drawn plot as SVG text of that size; points that WebGL draws become vectors too.
 * @param overlay what others have drawn into it; the axes then show what it covers
 */
export async function plotAsSvg(
  element: HTMLElement,
  width: number,
  height: number,
  overlay: PlotOverlay | null = null,
): Promise<string> {
  const { data, layout } = element as unknown as { readonly data: readonly Trace[]; readonly layout: Layout };
  const traces = data.map((trace) => ({ ...trace, type: 'scatter' as const }));
  const whole = { ...layout, ...(overlay && layoutUnder(overlay, layout)), autosize: false, width, height };
  const url = await Plotly.toImage({ data: traces, layout: whole }, { format: 'svg', width, height });
  return decodeURIComponent(url.slice(url.indexOf(',') + 1));
}

function layoutUnder({ source, ranges: [x0, x1, y0, y1] }: PlotOverlay, { xaxis, yaxis }: Layout): Layout {
  const corner = { x: x0, y: y1, sizex: x1 - x0, sizey: y1 - y0 };
  return {
    xaxis: { ...xaxis, autorange: false, range: [x0, x1] },
    yaxis: { ...yaxis, autorange: false, range: [y0, y1] },
    images: [{ source, ...corner, xref: 'x', yref: 'y', sizing: 'stretch', layer: 'above' }],
  };
}

export function erasePlot(element: HTMLElement): void {
  Plotly.purge(element);
}

/** Listens to a drawn plot. The listeners stay as long as the plot. @param events asked anew at each event */
export function listenToPlot(element: HTMLElement, events: () => PlotEvents): void {
  const plot = element as Plotly.PlotlyHTMLElement;
  plot.on('plotly_hover', ({ points, event }) => {
    const [point] = points;
    if (point !== undefined) events().onPointHover?.(point.pointIndex, { x: event.clientX, y: event.clientY });
  });
  plot.on('plotly_unhover', () => events().onPointLeave?.());
  plot.on('plotly_click', ({ points }) => {
    const [point] = points;
    if (point !== undefined) events().onPointClick?.(point.pointIndex, point.curveNumber);
  });
  plot.on('plotly_selected', (event) => {
    // Plotly also says "selected" by itself, whenever a drawing takes the outline away. Only the user's own comes with the drawn shape.
    const selection = event as Plotly.PlotSelectionEvent | undefined;
    const outline = selection && outlineOf(selection);
    if (selection === undefined || outline === null || outline === undefined) return;
    events().onSelect?.({ indices: selection.points.map(({ pointIndex }) => pointIndex), outline });
  });
  plot.on('plotly_deselect', () => events().onSelect?.(null));
  const tell = (isByUser: boolean): void => {
    const scale = readScale(element);
    if (scale !== null) events().onScale?.(scale, isByUser);
  };
  plot.on('plotly_relayouting', () => tell(false));
  plot.on('plotly_relayout', (change) => tell(Object.keys(change).some((key) => key.includes('axis'))));
  plot.on('plotly_afterplot', () => tell(false));
  // Plotly's types do not know this one.
  (plot as unknown as { on(event: string, listener: () => void): void }).on('plotly_webglcontextlost', () =>
    events().onContextLost?.(),
  );
}

function outlineOf({ lassoPoints, range }: Plotly.PlotSelectionEvent): Outline | null {
  if (lassoPoints !== undefined) return { x: lassoPoints.x, y: lassoPoints.y };
  if (range === undefined) return null;
  const [left, right] = range.x as [number, number];
  const [bottom, top] = range.y as [number, number];
  return { x: [left, right, right, left], y: [bottom, bottom, top, top] };
}

/** Where values lie on a drawn plot, from Plotly's own axes; `null` before it is drawn. */
export function readScale(element: HTMLElement): PlotScale | null {
  const layout = (element as { _fullLayout?: FullLayout })._fullLayout;
  if (layout?.xaxis?.range === undefined || layout.yaxis?.range === undefined) return null;
  const { xaxis, yaxis } = layout;
  return {
    x: (value) => xaxis._offset + xaxis.l2p(value),
    y: (value) => yaxis._offset + yaxis.l2p(value),
    area: { left: xaxis._offset, top: yaxis._offset, width: xaxis._length, height: yaxis._length },
    ranges: [...xaxis.range, ...yaxis.range] as unknown as PlotScale['ranges'],
    isAutoRanged: xaxis.autorange !== false && yaxis.autorange !== false,
  };
}

interface FullLayout {
  readonly xaxis?: FullAxis;
  readonly yaxis?: FullAxis;
}

interface FullAxis {
  readonly range: readonly [number, number];
  readonly autorange: boolean | string;
  readonly _offset: number;
  readonly _length: number;
  l2p(value: number): number;
}

function isDrawn(element: HTMLElement): boolean {
  return element.classList.contains('js-plotly-plot');
}
