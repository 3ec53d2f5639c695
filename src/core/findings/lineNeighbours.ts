import { HUBNESS_K } from '../geometry/hubness';
import { cosineNeighbours, type CosineNeighbours } from '../geometry/neighbours';
import type { Matrix } from '../linalg/matrix';
import type { Products } from '../linalg/products';
import type { RowSets } from './lineGroups';

/** Copies of a row among its ten nearest that leave enough others. */
const HARMLESS_COPIES = 4;

/** Nearest neighbours among lines that repetitions do not crowd out. */
export interface LineNeighbours {
  /** tables speak of positions in `rows` */
  readonly neighbours: CosineNeighbours;
  /** row of each position, ascending; `null` = every row is its own position */
  readonly rows: Int32Array | null;
}

/**
 * The neighbours that an analysis holds, or, where a line is repeated so often that its copies would be all its neighbours, a new search among one line of
 * each kind.
 */
export async function lineNeighbours(
  matrix: Matrix,
  held: CosineNeighbours,
  same: RowSets,
  products: Products,
  signal?: AbortSignal,
): Promise<LineNeighbours> {
  const groups = same.groups();
  const isCrowded = [...groups.values()].some((rows) => rows.length > HARMLESS_COPIES + 1);
  if (!isCrowded) return { neighbours: held, rows: null };
  const rows = new Int32Array(matrix.rows).map((_, row) => row).filter((row) => same.find(row) === row);
  const { columns } = matrix;
  const data = matrix.data.slice(0, rows.length * columns);
  rows.forEach((row, at) => {
    data.set(matrix.data.subarray(row * columns, (row + 1) * columns), at * columns);
  });
  const neighbours = await cosineNeighbours({ data, rows: rows.length, columns }, HUBNESS_K, products, signal);
  return { neighbours, rows };
}
