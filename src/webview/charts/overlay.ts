import type { PlotScale } from '../plotly';
import type { Theme } from '../theme';

/** Marks over a plane, by place in pixels. Drawn on a canvas of its own: moving the cursor must not draw ten thousand points anew. */
export interface Marks {
  /** lines under the editor's cursor or in its selection: diamonds */
  readonly highlighted: readonly MarkPlace[];
  /** the point under the mouse, here or on the other side: a ring */
  readonly hovered: MarkPlace | null;
  /** lines that were edited since: crosses */
  readonly stale: readonly MarkPlace[];
}

export interface MarkPlace {
  readonly x: number;
  readonly y: number;
}

/** Draws the marks that lie between the axes. */
export function drawMarks(canvas: HTMLCanvasElement, marks: Marks, scale: PlotScale, theme: Theme): void {
  const { clientWidth: width, clientHeight: height } = canvas;
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const context = canvas.getContext('2d');
  if (context === null) return;
  const { area } = scale;
  context.scale(ratio, ratio);
  context.beginPath();
  context.rect(area.left, area.top, area.width, area.height);
  context.clip();

  context.lineWidth = 1.5;
  context.strokeStyle = theme.stale;
  context.beginPath();
  for (const { x, y } of marks.stale) {
    context.moveTo(x - 4, y - 4);
    context.lineTo(x + 4, y + 4);
    context.moveTo(x - 4, y + 4);
    context.lineTo(x + 4, y - 4);
  }
  context.stroke();

  // Twice, wide in the background's colour and narrow in its own, so that a mark stands out of any crowd.
  for (const [line, color] of [
    [4.5, theme.background],
    [2, theme.highlight],
  ] as const) {
    context.lineWidth = line;
    context.strokeStyle = color;
    context.beginPath();
    for (const { x, y } of marks.highlighted) {
      context.moveTo(x, y - 8);
      context.lineTo(x + 8, y);
      context.lineTo(x, y + 8);
      context.lineTo(x - 8, y);
      context.closePath();
    }
    context.stroke();
  }
  if (marks.hovered !== null) {
    for (const [line, color] of [
      [4.5, theme.background],
      [2, theme.foreground],
    ] as const) {
      context.lineWidth = line;
      context.strokeStyle = color;
      context.beginPath();
      context.arc(marks.hovered.x, marks.hovered.y, 7, 0, 2 * Math.PI);
      context.stroke();
    }
  }
}
