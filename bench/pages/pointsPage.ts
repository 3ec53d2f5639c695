import { readScale, drawPlot, listenToPlot } from '../../src/webview/plotly';
import { coordinates, planeFigure, pointLook, shownPoints, type PlaneDrawing } from '../../src/webview/charts/plane';
import { openPlaneLayer, type PlaneLayer } from '../../src/webview/charts/planeLayer';
import type { Side } from '../../src/webview/charts/sides';
import { colorChannels, type Theme } from '../../src/webview/theme';
import { createRandom } from '../../src/core/linalg/random';

/** Runs in the browser: one plane of many points, drawn and moved by the page's own code under its policy, timed to the pixels on the screen. */
export interface PointTimes {
  readonly firstFrameMs: number;
  /** median over the moves of a drag */
  readonly panMs: number;
  readonly hoverMs: number;
}

const theme: Theme = {
  foreground: '#cccccc',
  mutedForeground: '#9d9d9d',
  background: '#1f1f1f',
  grid: '#404040',
  font: 'sans-serif',
  before: '#3794ff',
  after: '#d18616',
  nearest: '#b180d7',
  highlight: '#0078d4',
  stale: '#cca700',
};

async function measure(count: number, drawing: PlaneDrawing): Promise<PointTimes> {
  const host = document.createElement('div');
  Object.assign(host.style, { width: '560px', height: '420px' });
  document.body.replaceChildren(host);
  const side = sideOf(cloud(count));
  // All points, also where the page would show a sample.
  const points = shownPoints(null, count, 'layer');
  const figure = planeFigure(side, points, theme, {
    drawing,
    projection: 'pca',
    selected: null,
    tool: 'pan',
    camera: null,
  });
  await onScreen();

  const start = performance.now();
  let layer: PlaneLayer | null = null;
  let hovered: () => void = () => undefined;
  await drawPlot(host, figure);
  if (drawing === 'layer') {
    layer = openPlaneLayer(host, () => ({
      onPointHover: () => hovered(),
      onPointLeave: () => undefined,
      onPointClick: () => undefined,
      onContextLost: () => undefined,
    }));
    const { color, ...look } = pointLook(side, points, theme);
    const content = {
      points: coordinates(side.view.plane, points),
      selected: null,
      look: { ...look, color: colorChannels(color) },
    };
    const show = (): void => {
      const scale = readScale(host);
      if (scale !== null) layer?.show(content, scale);
    };
    show();
    listenToPlot(host, () => ({ onScale: show }));
  } else {
    listenToPlot(host, () => ({ onPointHover: () => hovered() }));
  }
  await onScreen(host);
  const firstFrameMs = performance.now() - start;

  const panMs = await drag(host);
  const hoverMs = await hover(host, (listener) => (hovered = listener));
  layer?.close();
  return { firstFrameMs, panMs, hoverMs };
}

/** The median time from a move of the mouse to its picture. */
async function drag(host: HTMLElement): Promise<number> {
  const area = host.querySelector('.nsewdrag')!;
  const box = area.getBoundingClientRect();
  const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
  const send = (type: string, target: Element | Document, dx: number): void => {
    target.dispatchEvent(
      new MouseEvent(type, { bubbles: true, clientX: x + dx, clientY: y + dx / 3, buttons: 1, view: window }),
    );
  };
  send('mousedown', area, 0);
  const times: number[] = [];
  for (let move = 1; move <= 12; move++) {
    const start = performance.now();
    send('mousemove', document.querySelector('.dragcover') ?? document, 8 * move);
    await onScreen(host);
    times.push(performance.now() - start);
  }
  send('mouseup', document.querySelector('.dragcover') ?? document, 96);
  await onScreen(host);
  // The first moves start the drag.
  return median(times.slice(2));
}

/** From the mouse over a dense place to the point that was found. */
async function hover(host: HTMLElement, listen: (listener: () => void) => void): Promise<number> {
  const area = host.querySelector('.nsewdrag')!;
  const box = area.getBoundingClientRect();
  const times: number[] = [];
  for (let i = 0; i < 6; i++) {
    const found = new Promise<void>((resolve) => {
      listen(resolve);
      setTimeout(resolve, 3_000);
    });
    const start = performance.now();
    const at = { clientX: box.left + box.width * (0.4 + 0.03 * i), clientY: box.top + box.height * 0.5 };
    for (const type of ['mouseover', 'mousemove']) {
      area.dispatchEvent(new MouseEvent(type, { bubbles: true, view: window, ...at }));
    }
    await found;
    times.push(performance.now() - start);
    await new Promise((resolve) => setTimeout(resolve, 120));
  }
  return median(times.slice(1));
}

/** After the next frames, when WebGL has really drawn: reading a pixel back waits for it. */
async function onScreen(host?: HTMLElement): Promise<void> {
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  for (const canvas of host?.querySelectorAll('canvas') ?? []) {
    const gl = canvas.getContext('webgl2') ?? canvas.getContext('webgl');
    gl?.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4));
  }
}

function cloud(count: number): Float32Array {
  const random = createRandom(1);
  const plane = new Float32Array(2 * count);
  for (let i = 0; i < count; i++) {
    const group = random.integer(5);
    plane[2 * i] = 1.3 * Math.cos(1.3 * group) + 0.3 * random.normal();
    plane[2 * i + 1] = 1.3 * Math.sin(1.3 * group) + 0.3 * random.normal();
  }
  return plane;
}

function sideOf(plane: Float32Array): Side {
  const cosines = {
    binCount: 0,
    randomPairs: new Uint32Array(0),
    randomPairCount: 0,
    nearest: null,
    nearestCount: 0,
    floor: null,
  };
  const view = { plane, planeVarianceShare: [0.2, 0.1] as const, cosines, eigenvalues: new Float64Array(0) };
  return { id: 'before', label: 'Before', spec: 'none', view, isPreview: false, ninety: null };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

(window as unknown as { measure: typeof measure }).measure = measure;
