import { createCell, type Cell } from './cell';

/** What Plotly's scattergl asks of a context. */
const EXTENSIONS = ['ANGLE_instanced_arrays', 'OES_element_index_uint'];

/** Whether planes can be drawn with WebGL: probed once, and taken back when a context is lost. VS Code can have it off. */
export const hasWebGl: Cell<boolean> = createCell(probeWebGl());

/** Whether there is WebGL 2 as well: our own layer of points needs it. */
export const hasWebGl2: boolean = probe('webgl2', []);

function probeWebGl(): boolean {
  return probe('webgl', EXTENSIONS);
}

function probe(kind: 'webgl' | 'webgl2', extensions: readonly string[]): boolean {
  const context = document.createElement('canvas').getContext(kind) as WebGLRenderingContext | null;
  if (context === null) return false;
  const hasAll = extensions.every((name) => context.getExtension(name) !== null);
  // A page may hold few contexts at a time; the probe's must not be one of them.
  (context.getExtension('WEBGL_lose_context') as { loseContext(): void } | null)?.loseContext();
  return hasAll;
}
