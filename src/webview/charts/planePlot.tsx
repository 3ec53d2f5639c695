import type { VNode } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { useCell } from '../cell';
import { type PlotEvents, type PlotScale, readScale } from '../plotly';
import type { RowLinks } from '../rowLinks';
import type { Camera, PlaneTool, Projection } from '../savedState';
import { colorChannels, isHighContrast, type Theme } from '../theme';
import { drawMarks, type MarkPlace } from './overlay';
import {
  coordinates,
  describePlane,
  indexOfRow,
  planeFigure,
  pointLook,
  type PlaneDrawing,
  type ShownPoints,
} from './plane';
import { openPlaneLayer, type LayerContent, type PlaneLayer } from './planeLayer';
import { Plot } from './plot';
import type { Side } from './sides';

export interface PlanePlotProps {
  readonly side: Side;
  readonly points: ShownPoints;
  readonly theme: Theme;
  /** the same over the life of the plot */
  readonly drawing: PlaneDrawing;
  readonly projection: Projection;
  readonly links: RowLinks;
  readonly staleRows: Uint32Array;
  readonly tool: PlaneTool;
  readonly camera: Camera | null;
  /** the user has moved or zoomed; `null` = all points are in sight again */
  readonly onCamera: (camera: Camera | null) => void;
  readonly onPoint: (row: number | null, at: { readonly x: number; readonly y: number }) => void;
  readonly onContextLost: () => void;
}

/** One plane: points by Plotly or a layer of ours, marks on a canvas over them, everything linked by rows. */
export function PlanePlot(props: PlanePlotProps): VNode {
  const { side, points, theme, drawing, projection, links, staleRows, tool, camera } = props;
  const { onCamera, onPoint, onContextLost } = props;
  const selectedRows = useCell(links.selected);
  const plot = useRef<HTMLElement | null>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const layer = useRef<PlaneLayer | null>(null);

  const selected = useMemo(
    () => (selectedRows.length === 0 ? null : indicesOf(selectedRows, points.rows)),
    [selectedRows, points],
  );
  const figure = useMemo(
    () => planeFigure(side, points, theme, { drawing, projection, selected, tool, camera }),
    [side, points, theme, drawing, projection, selected, tool, camera],
  );
  const { plane } = side.view;
  const layerPoints = useMemo(
    () => (drawing === 'layer' ? coordinates(plane, points) : null),
    [drawing, plane, points],
  );
  const content = useMemo(
    () => layerPoints && layerContent(side, points, theme, layerPoints, selected),
    [side, points, theme, layerPoints, selected],
  );

  const paint = (scale: PlotScale | null = plot.current && readScale(plot.current)): void => {
    if (canvas.current === null || scale === null) return;
    if (content !== null) layer.current?.show(content, scale);
    const placesOf = (rows: ArrayLike<number>): MarkPlace[] =>
      indicesOf(rows, points.rows).map((index) => {
        const place = points.places[index]!;
        return { x: scale.x(plane[2 * place]!), y: scale.y(plane[2 * place + 1]!) };
      });
    const hovered = links.hovered.value;
    const highlighted = placesOf(links.highlighted.value);
    drawMarks(
      canvas.current,
      { highlighted, hovered: placesOf(hovered === null ? [] : [hovered])[0] ?? null, stale: placesOf(staleRows) },
      scale,
      theme,
    );
    canvas.current.dataset['highlighted'] = String(highlighted.length);
    canvas.current.dataset['hovered'] = hovered === null ? '' : String(hovered);
    canvas.current.dataset['staleMarks'] = String(staleRows.length);
  };
  const latestPaint = useRef(paint);
  latestPaint.current = paint;

  useEffect(() => {
    const repaint = (): void => latestPaint.current();
    const ends = [links.hovered.subscribe(repaint), links.highlighted.subscribe(repaint)];
    return () => {
      for (const end of ends) end();
    };
  }, [links]);
  useEffect(() => latestPaint.current(), [staleRows, theme, side]);

  const onPointHover = (index: number, at: { readonly x: number; readonly y: number }): void =>
    onPoint(points.rows[index] ?? null, at);
  const onPointLeave = (): void => onPoint(null, { x: 0, y: 0 });
  const onPointClick = (index: number): void => {
    const row = points.rows[index];
    if (row !== undefined) links.reveal?.(row, true);
  };
  const mouse = { onPointHover, onPointLeave, onPointClick, onContextLost };
  const latestMouse = useRef(mouse);
  latestMouse.current = mouse;
  const events: PlotEvents = {
    // A layer finds its points itself: Plotly knows none.
    ...(drawing !== 'layer' && mouse),
    onSelect: (selection) => {
      const indices = selection === null ? [] : (layer.current?.inside(selection.outline) ?? selection.indices);
      links.selected.set(indices.map((index) => points.rows[index]!).sort((a, b) => a - b));
    },
    onScale: (scale, isByUser) => {
      latestPaint.current(scale);
      if (isByUser) onCamera(scale.isAutoRanged ? null : scale.ranges);
    },
  };
  const keepElement = (element: HTMLElement | null): void => {
    plot.current = element;
    layer.current?.close();
    layer.current = null;
    if (drawing === 'layer' && element !== null) {
      layer.current = openPlaneLayer(element, () => latestMouse.current);
      if (layer.current === null) onContextLost();
    }
    latestPaint.current();
  };
  return (
    <Plot
      figure={figure}
      label={describePlane(side, points.rows.length, projection)}
      events={events}
      onElement={keepElement}
    >
      <canvas class="marks" ref={canvas} data-highlighted="0" aria-hidden="true" />
    </Plot>
  );
}

function layerContent(
  side: Side,
  shown: ShownPoints,
  theme: Theme,
  points: LayerContent['points'],
  selected: readonly number[] | null,
): LayerContent {
  const { color, opacity, ...look } = pointLook(side, shown, theme);
  // Who chose high contrast wants to see each point.
  const strength = isHighContrast() ? Math.max(opacity, 0.7) : opacity;
  return { points, selected, look: { ...look, color: colorChannels(color), opacity: strength } };
}

/** Indices of rows among the shown ones; rows without a point are left out. */
function indicesOf(rows: ArrayLike<number>, shown: Uint32Array): number[] {
  return Array.from(rows, (row) => indexOfRow(shown, row)).filter((index) => index >= 0);
}
