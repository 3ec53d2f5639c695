import type { VNode } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { useCell } from '../cell';
import { type PlotEvents, type PlotScale, readScale } from '../plotly';
import type { RowLinks } from '../rowLinks';
import type { Camera, PlaneTool } from '../savedState';
import type { Theme } from '../theme';
import { drawMarks, type MarkPlace } from './overlay';
import { describePlane, indexOfRow, planeFigure, type ShownPoints } from './plane';
import { Plot } from './plot';
import type { Side } from './sides';

export interface PlanePlotProps {
  readonly side: Side;
  readonly points: ShownPoints;
  readonly theme: Theme;
  readonly hasWebGl: boolean;
  readonly links: RowLinks;
  readonly staleRows: Uint32Array;
  readonly tool: PlaneTool;
  readonly camera: Camera | null;
  /** the user has moved or zoomed; `null` = all points are in sight again */
  readonly onCamera: (camera: Camera | null) => void;
  readonly onPoint: (row: number | null, at: { readonly x: number; readonly y: number }) => void;
  readonly onContextLost: () => void;
}

/** One plane: points by Plotly, marks on a canvas over them, everything linked by rows. */
export function PlanePlot(props: PlanePlotProps): VNode {
  const { side, points, theme, hasWebGl, links, staleRows, tool, camera, onCamera, onPoint, onContextLost } = props;
  const selectedRows = useCell(links.selected);
  const plot = useRef<HTMLElement | null>(null);
  const canvas = useRef<HTMLCanvasElement>(null);

  const selected = useMemo(
    () => (selectedRows.length === 0 ? null : indicesOf(selectedRows, points.rows)),
    [selectedRows, points],
  );
  const figure = useMemo(
    () => planeFigure(side, points, theme, { hasWebGl, selected, tool, camera }),
    [side, points, theme, hasWebGl, selected, tool, camera],
  );

  const paint = (scale: PlotScale | null = plot.current && readScale(plot.current)): void => {
    if (canvas.current === null || scale === null) return;
    const { plane } = side.view;
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

  const events: PlotEvents = {
    onPointHover: (index, at) => onPoint(points.rows[index] ?? null, at),
    onPointLeave: () => onPoint(null, { x: 0, y: 0 }),
    onPointClick: (index) => {
      const row = points.rows[index];
      if (row !== undefined) links.reveal?.(row, true);
    },
    onSelect: (indices) => {
      links.selected.set((indices ?? []).map((index) => points.rows[index]!).sort((a, b) => a - b));
    },
    onScale: (scale, isByUser) => {
      latestPaint.current(scale);
      if (isByUser) onCamera(scale.isAutoRanged ? null : scale.ranges);
    },
    onContextLost,
  };
  return (
    <Plot
      figure={figure}
      label={describePlane(side, points.rows.length)}
      events={events}
      onElement={(element) => {
        plot.current = element;
        latestPaint.current();
      }}
    >
      <canvas class="marks" ref={canvas} data-highlighted="0" aria-hidden="true" />
    </Plot>
  );
}

/** Indices of rows among the shown ones; rows without a point are left out. */
function indicesOf(rows: ArrayLike<number>, shown: Uint32Array): number[] {
  return Array.from(rows, (row) => indexOfRow(shown, row)).filter((index) => index >= 0);
}
