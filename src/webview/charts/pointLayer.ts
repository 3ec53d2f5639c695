/** How all points of a layer look. Lengths in CSS pixels. */
export interface PointLook {
  /** red, green, blue, 0 … 255 */
  readonly color: readonly [number, number, number];
  readonly size: number;
  readonly opacity: number;
  readonly symbol: 'circle' | 'diamond';
}

/** The part of the plane in sight, and the rectangle of the canvas that it fills. */
export interface LayerFrame {
  /** x from, x to, y from, y to */
  readonly ranges: readonly [number, number, number, number];
  /** CSS pixels */
  readonly width: number;
  readonly height: number;
  readonly pixelRatio: number;
}

/** Points of a plane by WebGL 2: one buffer, one or two draw calls, whatever their number. */
export interface PointLayer {
  /** Takes new points. Coordinates that are not finite are not drawn. */
  setPoints(x: Float32Array, y: Float32Array): void;
  /** Indices that stand out while the others fade; `null` = all alike. */
  setSelection(selected: readonly number[] | null): void;
  draw(frame: LayerFrame, look: PointLook): void;
  /** Gives the context back: a page may hold few. */
  dispose(): void;
}

/** What selected points gain in size, and what is left of the others. */
const SELECTED_GROWTH = 2;
const FADED_OPACITY = 0.18;

const VERTEX_SHADER = `#version 300 es
in vec2 place;
in float state;
uniform vec4 view;
uniform float size;
uniform float wanted;
void main() {
  bool isDrawn = wanted < 0.0 || state == wanted;
  gl_Position = isDrawn ? vec4(place * view.xy + view.zw, 0.0, 1.0) : vec4(2.0, 2.0, 2.0, 1.0);
  gl_PointSize = size;
}`;

/** Edges are one pixel soft. The inside of a diamond is |x| + |y| ≤ r. */
const FRAGMENT_SHADER = `#version 300 es
precision highp float;
uniform vec4 color;
uniform float size;
uniform float isDiamond;
out vec4 pixel;
void main() {
  vec2 from = abs(gl_PointCoord - 0.5) * size;
  float reach = 0.5 * size - 0.5;
  float inside = isDiamond > 0.5 ? (reach - from.x - from.y) * 0.7071 : reach - length(from);
  pixel = color * clamp(inside + 0.5, 0.0, 1.0);
}`;

/**
 * Opens a layer on a canvas.
 * @returns `null` where there is no WebGL 2
 */
export function openPointLayer(canvas: HTMLCanvasElement): PointLayer | null {
  const gl = canvas.getContext('webgl2', { antialias: false, depth: false, stencil: false, alpha: true });
  const program = gl && linkProgram(gl);
  if (gl === null || program === null) return null;
  const uniform = (name: string): WebGLUniformLocation | null => gl.getUniformLocation(program, name);
  const [view, size, wanted, color, isDiamond] = ['view', 'size', 'wanted', 'color', 'isDiamond'].map(uniform);
  const places = bindAttribute(gl, program, 'place', 2, gl.FLOAT);
  const states = bindAttribute(gl, program, 'state', 1, gl.UNSIGNED_BYTE);
  gl.useProgram(program);
  gl.enable(gl.BLEND);
  gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);

  let count = 0;
  let hasSelection = false;
  // Positions are kept about the middle of the cloud and in units of its size: float32 then leaves room for a deep zoom.
  let middle = { x: 0, y: 0, scale: 1 };

  const drawState = (state: number, { opacity, size: pixels, color: [r, g, b] }: PointLook, ratio: number): void => {
    gl.uniform1f(wanted!, state);
    // One pixel more for the soft edge.
    gl.uniform1f(size!, pixels * ratio + 1);
    const share = opacity / 255;
    gl.uniform4f(color!, r * share, g * share, b * share, opacity);
    gl.drawArrays(gl.POINTS, 0, count);
  };
  return {
    setPoints(x, y) {
      count = x.length;
      middle = middleOf(x, y);
      const data = new Float32Array(2 * count);
      for (let i = 0; i < count; i++) {
        data[2 * i] = (x[i]! - middle.x) * middle.scale;
        data[2 * i + 1] = (y[i]! - middle.y) * middle.scale;
      }
      gl.bindBuffer(gl.ARRAY_BUFFER, places);
      gl.bufferData(gl.ARRAY_BUFFER, data, gl.STATIC_DRAW);
      this.setSelection(null);
    },
    setSelection(selected) {
      hasSelection = selected !== null;
      const data = new Uint8Array(count);
      for (const index of selected ?? []) data[index] = 1;
      gl.bindBuffer(gl.ARRAY_BUFFER, states);
      gl.bufferData(gl.ARRAY_BUFFER, data, gl.DYNAMIC_DRAW);
    },
    draw({ ranges: [x0, x1, y0, y1], width, height, pixelRatio }, look) {
      fitCanvas(canvas, Math.round(width * pixelRatio), Math.round(height * pixelRatio));
      gl.viewport(0, 0, canvas.width, canvas.height);
      gl.clearColor(0, 0, 0, 0);
      gl.clear(gl.COLOR_BUFFER_BIT);
      // Clip space is −1 … 1: value → 2(value − from)/(to − from) − 1, of value = stored/scale + middle.
      const [spanX, spanY] = [x1 - x0, y1 - y0];
      gl.uniform4f(
        view!,
        2 / (spanX * middle.scale),
        2 / (spanY * middle.scale),
        (2 * (middle.x - x0)) / spanX - 1,
        (2 * (middle.y - y0)) / spanY - 1,
      );
      gl.uniform1f(isDiamond!, look.symbol === 'diamond' ? 1 : 0);
      if (count === 0) return;
      if (!hasSelection) {
        drawState(-1, look, pixelRatio);
      } else {
        drawState(0, { ...look, opacity: FADED_OPACITY }, pixelRatio);
        drawState(1, { ...look, opacity: 1, size: look.size + SELECTED_GROWTH }, pixelRatio);
      }
    },
    dispose() {
      gl.getExtension('WEBGL_lose_context')?.loseContext();
    },
  };
}

function linkProgram(gl: WebGL2RenderingContext): WebGLProgram | null {
  const program = gl.createProgram();
  for (const [kind, source] of [
    [gl.VERTEX_SHADER, VERTEX_SHADER],
    [gl.FRAGMENT_SHADER, FRAGMENT_SHADER],
  ] as const) {
    const shader = gl.createShader(kind);
    if (shader === null) return null;
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  return gl.getProgramParameter(program, gl.LINK_STATUS) === true ? program : null;
}

function bindAttribute(
  gl: WebGL2RenderingContext,
  program: WebGLProgram,
  name: string,
  components: number,
  type: number,
): WebGLBuffer {
  const buffer = gl.createBuffer();
  const location = gl.getAttribLocation(program, name);
  gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
  gl.enableVertexAttribArray(location);
  gl.vertexAttribPointer(location, components, type, false, 0, 0);
  return buffer;
}

/** Setting the size of a canvas empties it and costs a frame: only when it changes. */
function fitCanvas(canvas: HTMLCanvasElement, width: number, height: number): void {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
}

function middleOf(x: Float32Array, y: Float32Array): { x: number; y: number; scale: number } {
  const [lowX, highX] = extentOf(x);
  const [lowY, highY] = extentOf(y);
  const size = Math.max(highX - lowX, highY - lowY);
  return { x: (lowX + highX) / 2, y: (lowY + highY) / 2, scale: size > 0 ? 2 / size : 1 };
}

/** Least and largest finite value; 0, 0 where there is none. */
export function extentOf(values: Float32Array): readonly [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? [low, high] : [0, 0];
}
