import type { Note } from './snapshot';

/** One space as UMAP lays it out (McInnes, Healy & Melville 2018): a plane that keeps neighbours, not distances. Plain data. */
export interface UmapPlane {
  /** rows of the points, ascending, length m; `null` = all rows. May be fewer than the principal plane shows: `notes` say so */
  readonly rows: Uint32Array | null;
  /** coordinates, row-major [m, 2], all finite, the mean at the origin. Rows of equal direction are one point */
  readonly plane: Float32Array;
  readonly seed: number;
  /** neighbours of each point, itself among them, as umap-learn counts; fewer than asked for where there are no more */
  readonly neighbours: number;
  /** how near to each other points may come, in the units of the plane */
  readonly minDist: number;
  /** passes of the optimiser */
  readonly epochs: number;
  readonly notes: readonly Note[];
  readonly elapsedMs: number;
}

/** The defaults of umap-learn. */
export const UMAP_NEIGHBOURS = 15;
export const UMAP_MIN_DIST = 0.1;
