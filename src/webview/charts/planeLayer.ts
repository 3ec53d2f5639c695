import type { PlotScale } from '../plotly';
import { indexPoints, type PointIndex } from './pointIndex';
import { openPointLayer, type PointLook } from './pointLayer';

/** Coordinates of the points; the identity says whether they are new. */
export interface LayerPoints {
  readonly x: Float32Array;
  readonly y: Float32Array;
}

export interface LayerContent {
  readonly points: LayerPoints;
  readonly selected: readonly number[] | null;
  readonly look: PointLook;
}

export interface LayerEvents {
  readonly onPointHover: (index: number, at: { readonly x: number; readonly y: number }) => void;
  readonly onPointLeave: () => void;
  readonly onPointClick: (index: number) => void;
  readonly onContextLost: () => void;
}

/** Our points between Plotly's grid and what Plotly draws on top: they move with its axes, and the mouse finds them. */
export interface PlaneLayer {
  /** Draws at the next frame; the last call before it counts. */
  show(content: LayerContent, scale: PlotScale): void;
  /** points inside an outline */
  inside(outline: { readonly x: readonly number[]; readonly y: readonly number[] }): readonly number[];
  close(): void;
}

/** What a layer shows, to go into a picture of its plot. */
export interface LayerPicture {
  /** PNG as a data address */
  readonly source: string;
  /** x from, x to, y from, y to: what it covers */
  readonly ranges: readonly [number, number, number, number];
}

/** By the plot that a layer lies in. */
const pictures = new WeakMap<Element, () => LayerPicture | null>();

/** The points of a plot's layer as they are shown; `null` where Plotly draws them itself. */
export function pictureOfLayer(plot: Element): LayerPicture | null {
  return pictures.get(plot)?.() ?? null;
}

/** Of a picture, which may be printed or enlarged. */
const PICTURE_RATIO = 3;

/** As near as Plotly wants the mouse to a point. */
const HOVER_PIXELS = 20;
/** A press that moves less is a click. */
const CLICK_PIXELS = 4;

/**
 * Puts a layer into a drawn plot.
 * @param events asked anew at each event
 * @returns `null` where there is no WebGL 2
 */
export function openPlaneLayer(plot: HTMLElement, events: () => LayerEvents): PlaneLayer | null {
  const canvas = document.createElement('canvas');
  canvas.className = 'points';
  const layer = openPointLayer(canvas);
  if (layer === null) return null;
  let latest: { readonly content: LayerContent; readonly scale: PlotScale } | null = null;
  let drawnPoints: LayerPoints | null = null;
  let drawnSelection: readonly number[] | null = null;
  let index: PointIndex | null = null;
  let frame = 0;
  let isClosed = false;

  const draw = (pixelRatio = window.devicePixelRatio || 1): void => {
    frame = 0;
    if (latest === null || isClosed) return;
    const { content, scale } = latest;
    // Plotly's own place for WebGL: above the grid, under lasso and mouse. It may be made anew with the plot.
    const container = plot.querySelector('.gl-container') ?? plot;
    if (canvas.parentNode !== container) container.append(canvas);
    if (content.points !== drawnPoints) {
      layer.setPoints(content.points.x, content.points.y);
      drawnPoints = content.points;
      drawnSelection = null;
      index = null;
    }
    if (content.selected !== drawnSelection) {
      layer.setSelection(content.selected);
      drawnSelection = content.selected;
    }
    const { left, top, width, height } = scale.area;
    Object.assign(canvas.style, { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` });
    layer.draw({ ranges: scale.ranges, width, height, pixelRatio }, content.look);
    canvas.dataset['points'] = String(content.points.x.length);
    canvas.dataset['selectedPoints'] = String(content.selected?.length ?? '');
  };
  const request = (): void => {
    frame ||= requestAnimationFrame(() => draw());
  };
  const indexed = (): PointIndex | null => {
    if (latest === null) return null;
    const { points } = latest.content;
    if (points !== drawnPoints) draw();
    return (index ??= indexPoints(points.x, points.y));
  };
  const pointAt = (event: MouseEvent): number => {
    if (latest === null) return -1;
    const { area, ranges } = latest.scale;
    const box = plot.getBoundingClientRect();
    const [px, py] = [event.clientX - box.left - area.left, event.clientY - box.top - area.top];
    if (px < 0 || py < 0 || px > area.width || py > area.height) return -1;
    const [x0, x1, y0, y1] = ranges;
    const [perX, perY] = [(x1 - x0) / area.width, (y1 - y0) / area.height];
    const reach = { x: Math.abs(HOVER_PIXELS * perX), y: Math.abs(HOVER_PIXELS * perY) };
    return indexed()?.nearest(x0 + px * perX, y1 - py * perY, reach) ?? -1;
  };
  pictures.set(plot, () => {
    if (latest === null) return null;
    draw(PICTURE_RATIO);
    // At once: what is drawn is there only until the browser has shown it.
    const source = canvas.toDataURL('image/png');
    request();
    return { source, ranges: latest.scale.ranges };
  });
  const stopWatching = watchMouse(plot, pointAt, events);
  const onLost = (): void => {
    if (!isClosed) events().onContextLost();
  };
  canvas.addEventListener('webglcontextlost', onLost);
  const stopRatio = watchPixelRatio(request);
  return {
    show(content, scale) {
      latest = { content, scale };
      request();
    },
    inside: (outline) => indexed()?.inside(outline) ?? [],
    close() {
      isClosed = true;
      pictures.delete(plot);
      cancelAnimationFrame(frame);
      stopWatching();
      stopRatio();
      layer.dispose();
      canvas.remove();
    },
  };
}

/** Hover and click. Plotly covers the window while a button is down, so the release is listened for there. */
function watchMouse(plot: HTMLElement, pointAt: (event: MouseEvent) => number, events: () => LayerEvents): () => void {
  let hovered = -1;
  let pressed: MouseEvent | null = null;
  let moved: MouseEvent | null = null;
  let frame = 0;
  const leave = (): void => {
    cancelAnimationFrame(frame);
    frame = 0;
    if (hovered < 0) return;
    hovered = -1;
    events().onPointLeave();
  };
  const hover = (): void => {
    frame = 0;
    const event = moved!;
    const point = pointAt(event);
    if (point < 0) {
      leave();
    } else if (point !== hovered) {
      hovered = point;
      events().onPointHover(point, { x: event.clientX, y: event.clientY });
    }
  };
  const onMove = (event: MouseEvent): void => {
    if (event.buttons !== 0) {
      leave();
      return;
    }
    moved = event;
    frame ||= requestAnimationFrame(hover);
  };
  const onDown = (event: MouseEvent): void => {
    pressed = event.button === 0 ? event : null;
  };
  const onUp = (event: MouseEvent): void => {
    const from = pressed;
    pressed = null;
    if (from === null || Math.hypot(event.clientX - from.clientX, event.clientY - from.clientY) > CLICK_PIXELS) return;
    const point = pointAt(event);
    if (point >= 0) events().onPointClick(point);
  };
  plot.addEventListener('mousemove', onMove);
  plot.addEventListener('mouseleave', leave);
  plot.addEventListener('mousedown', onDown, { capture: true });
  window.addEventListener('mouseup', onUp, { capture: true });
  return () => {
    cancelAnimationFrame(frame);
    plot.removeEventListener('mousemove', onMove);
    plot.removeEventListener('mouseleave', leave);
    plot.removeEventListener('mousedown', onDown, { capture: true });
    window.removeEventListener('mouseup', onUp, { capture: true });
  };
}

/** A window that goes to another screen, or a page that is zoomed, has other pixels. */
function watchPixelRatio(onChange: () => void): () => void {
  let query: MediaQueryList;
  const listen = (): void => {
    query = matchMedia(`(resolution: ${window.devicePixelRatio}dppx)`);
    query.addEventListener('change', change, { once: true });
  };
  const change = (): void => {
    listen();
    onChange();
  };
  listen();
  return () => query.removeEventListener('change', change);
}
