import { extentOf } from './pointLayer';

/** Finds points of a plane by place: a grid whose cells hold a few points each. */
export interface PointIndex {
  /**
   * The nearest point in an ellipse, or −1. Of equally near ones the first.
   * @param reach half axes: how far is "here" along x and y, in values; distances are measured in these units
   */
  nearest(x: number, y: number, reach: { readonly x: number; readonly y: number }): number;
  /** Indices of the points inside a polygon (even–odd), ascending; the last corner is joined with the first */
  inside(polygon: { readonly x: readonly number[]; readonly y: readonly number[] }): readonly number[];
}

/** Points per cell on average. */
const POINTS_PER_CELL = 4;

/** @param x,y coordinates, of equal length; points that are not finite are found by nothing */
export function indexPoints(x: Float32Array, y: Float32Array): PointIndex {
  const grid = makeGrid(x, y);
  return {
    nearest(atX, atY, reach) {
      let best = -1;
      let bestSquare = 1;
      grid.visit(atX - reach.x, atX + reach.x, atY - reach.y, atY + reach.y, (point) => {
        const square = ((x[point]! - atX) / reach.x) ** 2 + ((y[point]! - atY) / reach.y) ** 2;
        if (square < bestSquare || (square === bestSquare && (best < 0 || point < best))) {
          best = point;
          bestSquare = square;
        }
      });
      return best;
    },
    inside(polygon) {
      const found: number[] = [];
      if (polygon.x.length < 3) return found;
      const [left, right] = [Math.min(...polygon.x), Math.max(...polygon.x)];
      const [bottom, top] = [Math.min(...polygon.y), Math.max(...polygon.y)];
      grid.visit(left, right, bottom, top, (point) => {
        if (isInside(x[point]!, y[point]!, polygon)) found.push(point);
      });
      return found.sort((a, b) => a - b);
    },
  };
}

interface Grid {
  /** points of all cells that a rectangle touches, more or less */
  visit(left: number, right: number, bottom: number, top: number, visitor: (point: number) => void): void;
}

function makeGrid(x: Float32Array, y: Float32Array): Grid {
  const [lowX, highX] = extentOf(x);
  const [lowY, highY] = extentOf(y);
  const side = Math.max(1, Math.min(1024, Math.floor(Math.sqrt(x.length / POINTS_PER_CELL))));
  const cellOf = (value: number, low: number, high: number): number =>
    high > low ? Math.max(0, Math.min(side - 1, Math.floor(((value - low) / (high - low)) * side))) : 0;
  const cells = new Int32Array(x.length).fill(-1);
  const starts = new Uint32Array(side * side + 1);
  for (let i = 0; i < x.length; i++) {
    if (!Number.isFinite(x[i]) || !Number.isFinite(y[i])) continue;
    cells[i] = cellOf(y[i]!, lowY, highY) * side + cellOf(x[i]!, lowX, highX);
    starts[cells[i]! + 1]!++;
  }
  for (let cell = 0; cell < side * side; cell++) starts[cell + 1]! += starts[cell]!;
  const next = starts.slice();
  const members = new Uint32Array(starts[side * side]!);
  cells.forEach((cell, i) => {
    if (cell >= 0) members[next[cell]!++] = i;
  });
  return {
    visit(left, right, bottom, top, visitor) {
      if (right < lowX || left > highX || top < lowY || bottom > highY) return;
      const [firstColumn, lastColumn] = [cellOf(left, lowX, highX), cellOf(right, lowX, highX)];
      const lastRow = cellOf(top, lowY, highY);
      for (let row = cellOf(bottom, lowY, highY); row <= lastRow; row++) {
        const end = starts[row * side + lastColumn + 1]!;
        for (let at = starts[row * side + firstColumn]!; at < end; at++) visitor(members[at]!);
      }
    },
  };
}

/** Whether a ray to the right crosses the outline an odd number of times. */
function isInside(
  atX: number,
  atY: number,
  { x, y }: { readonly x: readonly number[]; readonly y: readonly number[] },
): boolean {
  let isOdd = false;
  for (let i = 0, j = x.length - 1; i < x.length; j = i++) {
    const [x1, y1, x2, y2] = [x[i]!, y[i]!, x[j]!, y[j]!];
    if (y1 > atY !== y2 > atY && atX < ((x2 - x1) * (atY - y1)) / (y2 - y1) + x1) isOdd = !isOdd;
  }
  return isOdd;
}
