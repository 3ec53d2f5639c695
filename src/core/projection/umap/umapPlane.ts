import { directionsOf, type Directions } from '../../geometry/neighbours';
import type { Matrix } from '../../linalg/matrix';
import type { Products } from '../../linalg/products';
import { createRandom, sampleWithoutReplacement } from '../../linalg/random';
import { IsoscopeError } from '../../protocol/errors';
import type { Note } from '../../protocol/snapshot';
import { UMAP_MIN_DIST, type UmapPlane } from '../../protocol/umap';
import { defaultEpochs, layOutGraph } from './layOutGraph';
import { findNeighbourGraph } from './neighbourGraph';
import { umapFewRowsNote, umapNeighboursNote, umapSampleNote, umapZeroRowsNote } from './umapNotes';

export interface UmapOptions {
  readonly seed: number;
  /** neighbours of each point, itself among them, 2 … 500 */
  readonly neighbours: number;
  readonly products: Products;
  /** rows to lay out, ascending; `null` = all */
  readonly rows: Uint32Array | null;
  /** more rows than this are sampled; default {@link UMAP_ROW_LIMIT} */
  readonly rowLimit?: number;
  readonly signal?: AbortSignal | undefined;
  /** gets the share of the work that is done, 0 … 1 */
  readonly onShare?: ((share: number) => void) | undefined;
}

/** A minute or two on two cores at d = 384, most of it the search for neighbours, whose time grows with the square of the rows. */
export const UMAP_ROW_LIMIT = 100_000;
const MOST_NEIGHBOURS = 500;
/** Of the time at 20,000 × 384, the part of the search for neighbours. */
const SEARCH_SHARE = 0.4;

/**
 * Rows laid out by UMAP over their exact cosine neighbours in the full dimension. Rows of equal direction are one point (umap-learn: `unique=True`), so
 * that a sentence that occurs a hundred times is no cluster. Rows of length 0 stand apart.
 * @param matrix shape [N, d]
 * @throws IsoscopeError `usage` for neighbours out of range, `engine` when the optimiser fails; AbortError when cancelled
 */
export async function projectToUmap(matrix: Matrix, options: UmapOptions): Promise<UmapPlane> {
  const { seed, neighbours, products, signal, onShare } = options;
  if (!Number.isSafeInteger(neighbours) || neighbours < 2 || neighbours > MOST_NEIGHBOURS) {
    throw new IsoscopeError(
      'usage',
      `UMAP's neighbours must be a whole number from 2 to ${MOST_NEIGHBOURS}, not ${neighbours}.`,
    );
  }
  const start = performance.now();
  signal?.throwIfAborted();
  const notes: Note[] = [];
  const rows = chooseRows(matrix.rows, options, notes);
  const directions = directionsOf(matrix, rows);
  const distinct = directions.points.rows.length;
  const k = Math.min(neighbours, distinct);
  const epochs = distinct < 3 ? 0 : defaultEpochs(distinct);
  let layout = placeFew(distinct);
  if (distinct < 3) {
    notes.push(umapFewRowsNote(distinct));
  } else {
    if (k < neighbours) notes.push(umapNeighboursNote(k, neighbours));
    const graph = await findNeighbourGraph(directions.points, k, products, signal, (share) =>
      onShare?.(SEARCH_SHARE * share),
    );
    layout = await layOutGraph(graph, {
      seed,
      epochs,
      signal,
      onShare: (share) => onShare?.(SEARCH_SHARE + (1 - SEARCH_SHARE) * share),
    });
  }
  return {
    rows,
    plane: placeRows(layout, directions, rows, matrix.rows, notes),
    seed,
    neighbours: k,
    minDist: UMAP_MIN_DIST,
    epochs,
    notes,
    elapsedMs: performance.now() - start,
  };
}

function chooseRows(
  count: number,
  { rows, rowLimit = UMAP_ROW_LIMIT, seed }: UmapOptions,
  notes: Note[],
): Uint32Array | null {
  const wanted = rows?.length ?? count;
  if (wanted <= rowLimit) return rows;
  notes.push(umapSampleNote(rowLimit, count, seed));
  const places = sampleWithoutReplacement(createRandom(seed), wanted, rowLimit);
  return rows === null ? places : places.map((place) => rows[place]);
}

/** One point, or two beside each other: there is nothing to lay out. */
function placeFew(distinct: number): Float32Array {
  return distinct === 2 ? Float32Array.of(-1, 0, 1, 0) : new Float32Array(2 * Math.min(distinct, 1));
}

/** From points to rows: the mean of the points at the origin, rows without a direction under all others. */
function placeRows(
  layout: Float32Array,
  { distinct: { groupOf } }: Directions,
  rows: Uint32Array | null,
  count: number,
  notes: Note[],
): Float32Array {
  const [meanX, meanY] = [meanOf(layout, 0), meanOf(layout, 1)];
  let [lowest, highest] = [0, 0];
  for (let at = 1; at < layout.length; at += 2) {
    lowest = Math.min(lowest, layout[at] - meanY);
    highest = Math.max(highest, layout[at] - meanY);
  }
  const zeroRows: number[] = [];
  const shown = rows?.length ?? count;
  const plane = new Float32Array(2 * shown);
  for (let place = 0; place < shown; place++) {
    const row = rows === null ? place : rows[place];
    const group = groupOf[row];
    if (group < 0) {
      zeroRows.push(row);
      plane[2 * place + 1] = layout.length === 0 ? 0 : lowest - Math.max(1, 0.1 * (highest - lowest));
    } else {
      plane[2 * place] = layout[2 * group] - meanX;
      plane[2 * place + 1] = layout[2 * group + 1] - meanY;
    }
  }
  if (zeroRows.length > 0) notes.push(umapZeroRowsNote(zeroRows));
  return plane;
}

function meanOf(layout: Float32Array, axis: 0 | 1): number {
  let sum = 0;
  for (let at = axis; at < layout.length; at += 2) sum += layout[at];
  return layout.length === 0 ? 0 : sum / (layout.length / 2);
}
