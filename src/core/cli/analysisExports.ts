import type { Analysis } from '../analysis/analysis';
import type { Services } from '../analysis/services';
import { writeFileAtomically } from '../corpus/writeFileAtomically';
import { planeAndNeighbours } from '../export/atlasPlane';
import { planesCsv } from '../export/planes';
import { exportVectors } from '../export/vectors/exportVectors';
import { applyTransform } from '../transform/applyTransform';
import type { CommandIo } from './commandIo';
import type { AnalysisExports } from './exportArguments';
import { checkOutput } from './outputs';
import type { Corpus } from './readCorpus';

/** @throws IsoscopeError `input` before the work, where its results would have no place */
export async function checkAnalysisExports({ vectors, plane }: AnalysisExports): Promise<void> {
  for (const file of [vectors, plane]) if (file !== undefined) await checkOutput(file);
}

/**
 * --vectors-out (after the transform) and --plane-out of `isoscope analyze`.
 * @param planes principal planes or UMAP's
 */
export async function writeAnalysisExports(
  analysis: Analysis,
  planes: Parameters<typeof planesCsv>[0],
  { text }: Corpus,
  { vectors: vectorsFile, plane: planeFile }: AnalysisExports,
  { products }: Pick<Services, 'products'>,
  { signal, say }: CommandIo,
): Promise<void> {
  const lines = text?.lines ?? null;
  const sentences = text?.sentences ?? null;
  if (vectorsFile !== undefined) {
    const vectors = await applyTransform(analysis.transform, analysis.vectors, products, signal);
    const atlasPlane = () => planeAndNeighbours(vectors, products, signal);
    const written = await exportVectors(vectorsFile, { vectors, lines, sentences }, atlasPlane, signal);
    for (const file of written) say(`isoscope: wrote ${file}`);
  }
  if (planeFile !== undefined) {
    await writeFileAtomically(planeFile, planesCsv(planes, lines, sentences, signal), { signal });
    say(`isoscope: wrote ${planeFile}`);
  }
}
