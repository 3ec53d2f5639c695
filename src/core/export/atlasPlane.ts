import { computeMoments, decomposeMoments } from '../geometry/moments';
import { cosineNeighbours } from '../geometry/neighbours';
import type { Matrix } from '../linalg/matrix';
import type { Products } from '../linalg/products';
import { projectToPlane } from '../projection/principalPlane';
import type { AtlasPlane } from './vectors/parquetFiles';

/** Neighbours of a row in a file for Embedding Atlas, as many as its own projection takes. */
const ATLAS_NEIGHBOURS = 15;

/** The principal plane and the nearest rows by cosine of ALL rows, also where the panel draws a sample. */
export async function planeAndNeighbours(
  vectors: Matrix,
  products: Products,
  signal?: AbortSignal,
): Promise<AtlasPlane> {
  const moments = await computeMoments(vectors, products, signal);
  const eigen = vectors.rows < 2 ? null : decomposeMoments(moments);
  const { plane } = await projectToPlane(vectors, moments, eigen, products, undefined, signal);
  return { plane, neighbours: await cosineNeighbours(vectors, ATLAS_NEIGHBOURS, products, signal) };
}
