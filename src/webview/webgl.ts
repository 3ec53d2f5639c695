import { createCell, type Cell } from './cell';

/** What Plotly's scattergl asks of a context. */
const EXTENSIONS = ['ANGLE_instanced_arrays', 'OES_element_index_uint'];

/** Whether planes can be drawn with WebGL: probed once, and taken back when a context is lost. VS Code can have it off. */
export const hasWebGl: Cell<boolean> = createCell(probeWebGl());

function probeWebGl(): boolean {
  const context = document.createElement('canvas').getContext('webgl');
  if (context === null) return false;
  const hasAll = EXTENSIONS.every((name) => context.getExtension(name) !== null);
  // A page may hold few contexts at a time; the probe's must not be one of them.
  (context.getExtension('WEBGL_lose_context') as { loseContext(): void } | null)?.loseContext();
  return hasAll;
}
