/** Small charts made of characters. Every line has at most the width that is asked for. */

const EIGHTHS_UP = ' ▁▂▃▄▅▆▇█';
const EIGHTHS_RIGHT = ' ▏▎▍▌▋▊▉█';
/** Three heights of ASCII: empty, low, full. */
const ASCII_UP = ' .#';
const ASCII_RIGHT = ' #';

/**
 * Columns that grow upwards.
 * @param heights 0…1, one per column
 * @param rows height of the chart in lines
 * @returns lines from the top down
 */
export function drawColumns(heights: ArrayLike<number>, rows: number, unicode: boolean): readonly string[] {
  const steps = unicode ? EIGHTHS_UP : ASCII_UP;
  const lines: string[] = [];
  for (let row = rows - 1; row >= 0; row--) {
    let line = '';
    for (let i = 0; i < heights.length; i++) line += stepOf(heights[i] * rows - row, steps, row === 0);
    lines.push(line.trimEnd());
  }
  return lines;
}

/** A bar that grows to the right, without trailing spaces. @param share of the width, 0…1 */
export function drawBar(share: number, width: number, unicode: boolean): string {
  const steps = unicode ? EIGHTHS_RIGHT : ASCII_RIGHT;
  let bar = '';
  for (let i = 0; i < width; i++) bar += stepOf(share * width - i, steps, i === 0 && share > 0);
  return bar.trimEnd();
}

/** The character for a cell of which `fill` is covered; `isBase` cells of a column show at least the lowest step. */
function stepOf(fill: number, steps: string, isBase: boolean): string {
  const step = Math.round(Math.max(0, Math.min(1, fill)) * (steps.length - 1));
  return steps[isBase && fill > 0 ? Math.max(1, step) : step];
}
