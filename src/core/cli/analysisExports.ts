import type { Analysis } from '../analysis/analysis';
import type { Services } from '../analysis/services';
import { writeFileAtomically } from '../corpus/writeFileAtomically';
import { planesCsv } from '../export/planes';
import { exportVectors } from '../export/vectors/exportVectors';
import type { AtlasPlane } from '../export/vectors/parquetFiles';
import { computeMoments, decomposeMoments } from '../geometry/moments';
import { cosineNeighbours } from '../geometry/neighbours';
import type { Matrix } from '../linalg/matrix';
import { projectToPlane } from '../projection/principalPlane';
import { applyTransform } from '../transform/applyTransform';
import type { CommandIo } from './commandIo';
import type { AnalysisExports } from './exportArguments';
import { checkOutput } from './outputs';
import type { Corpus } from './readCorpus';

/** Neighbours of a row in a file for Embedding Atlas, as many as its own projection takes. */
const ATLAS_NEIGHBOURS = 15;

/** @throws IsoscopeError `input` before the work, where its results would have no place */
export async function checkAnalysisExports({ vectors, plane }: AnalysisExports): Promise<void> {
  for (const file of [vectors, plane]) if (file !== undefined) await checkOutput(file);
}

/** --vectors-out (after the transform) and --plane-out of `isoscope analyze`. */
export async function writeAnalysisExports(
  analysis: Analysis,
  { text }: Corpus,
  { vectors: vectorsFile, plane: planeFile }: AnalysisExports,
  { products }: Pick<Services, 'products'>,
  { signal, say }: CommandIo,
): Promise<void> {
  const lines = text?.lines ?? null;
  const sentences = text?.sentences ?? null;
  if (vectorsFile !== undefined) {
    const vectors = await applyTransform(analysis.transform, analysis.vectors, products, signal);
    const atlasPlane = () => planeAndNeighbours(vectors, { products }, signal);
    const written = await exportVectors(vectorsFile, { vectors, lines, sentences }, atlasPlane, signal);
    for (const file of written) say(`isoscope: wrote ${file}`);
  }
  if (planeFile !== undefined) {
    await writeFileAtomically(planeFile, planesCsv(analysis.result.views, lines, sentences, signal), { signal });
    say(`isoscope: wrote ${planeFile}`);
  }
}

/** Of all rows, also where the panel draws a sample. */
async function planeAndNeighbours(
  vectors: Matrix,
  { products }: Pick<Services, 'products'>,
  signal: AbortSignal,
): Promise<AtlasPlane> {
  const moments = await computeMoments(vectors, products, signal);
  const eigen = vectors.rows < 2 ? null : decomposeMoments(moments);
  const { plane } = await projectToPlane(vectors, moments, eigen, products, undefined, signal);
  return { plane, neighbours: await cosineNeighbours(vectors, ATLAS_NEIGHBOURS, products, signal) };
}
