import type { NearestPoints } from './nearestPoints';

/** The k nearest of the points offered so far, equal distances by point number. */
export class NearestList {
  private readonly points: Int32Array;
  private readonly squares: Float64Array;
  private length = 0;

  constructor(k: number) {
    this.points = new Int32Array(k);
    this.squares = new Float64Array(k);
  }

  clear(): void {
    this.length = 0;
  }

  offer(point: number, squaredDistance: number): void {
    const { points, squares } = this;
    if (this.length === points.length) {
      if (!isNearer(squaredDistance, point, squares[this.length - 1], points[this.length - 1])) return;
      this.length--;
    }
    let at = this.length++;
    for (; at > 0 && isNearer(squaredDistance, point, squares[at - 1], points[at - 1]); at--) {
      points[at] = points[at - 1];
      squares[at] = squares[at - 1];
    }
    points[at] = point;
    squares[at] = squaredDistance;
  }

  /** Squared distance of the k-th nearest; Infinity as long as there are fewer. */
  largestSquare(): number {
    return this.length < this.points.length ? Infinity : this.squares[this.length - 1];
  }

  /** Nearest first. */
  forEach(visit: (point: number, squaredDistance: number, at: number) => void): void {
    for (let at = 0; at < this.length; at++) visit(this.points[at], this.squares[at], at);
  }

  writeTo(table: NearestPoints, row: number): void {
    this.forEach((point, square, at) => {
      table.points[row * table.k + at] = point;
      table.distances[row * table.k + at] = Math.sqrt(square);
    });
  }
}

function isNearer(square: number, point: number, otherSquare: number, otherPoint: number): boolean {
  return square < otherSquare || (square === otherSquare && point < otherPoint);
}
