/** The k nearest of the points offered so far, nearest first, equal distances by point number. */
export class NearestList {
  /** the first `length` of them count */
  readonly points: Int32Array;
  /** their squared distances, in multiples of `resolution` */
  readonly squares: Float64Array;
  /** squared distances that round to the same multiple of it are equal; 0 for distances as they come */
  readonly resolution: number;
  private used = 0;

  constructor(k: number, resolution = 0) {
    this.resolution = resolution;
    this.points = new Int32Array(k);
    this.squares = new Float64Array(k);
  }

  get length(): number {
    return this.used;
  }

  clear(): void {
    this.used = 0;
  }

  offer(point: number, squaredDistance: number): void {
    const { points, squares, resolution } = this;
    const square = resolution > 0 ? Math.round(squaredDistance / resolution) * resolution : squaredDistance;
    if (this.used === points.length) {
      if (this.used === 0 || !isNearer(square, point, squares[this.used - 1], points[this.used - 1])) return;
      this.used--;
    }
    let at = this.used++;
    for (; at > 0 && isNearer(square, point, squares[at - 1], points[at - 1]); at--) {
      points[at] = points[at - 1];
      squares[at] = squares[at - 1];
    }
    points[at] = point;
    squares[at] = square;
  }

  /** Squared distance of the k-th nearest; Infinity as long as there are fewer; 0 for k = 0. */
  largestSquare(): number {
    if (this.used < this.points.length) return Infinity;
    return this.used === 0 ? 0 : this.squares[this.used - 1];
  }
}

function isNearer(square: number, point: number, otherSquare: number, otherPoint: number): boolean {
  return square < otherSquare || (square === otherSquare && point < otherPoint);
}
