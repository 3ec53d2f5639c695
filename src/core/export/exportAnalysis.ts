import type { Analysis } from '../analysis/analysis';
import { writeFileAtomically } from '../corpus/writeFileAtomically';
import { assertNever, IsoscopeError } from '../protocol/errors';
import type { ExportOutcome, ExportTarget } from '../protocol/exports';
import type { Runtime } from '../runtime/runtime';
import { applyTransform } from '../transform/applyTransform';
import { planeAndNeighbours } from './atlasPlane';
import { planesCsv } from './planes';
import { exportTransform } from './transform/exportTransform';
import { exportVectors } from './vectors/exportVectors';

/**
 * Writes a part of an analysis for use elsewhere; a transform is run again from what was written.
 * @param out absolute path: a file, or a folder for sentence-transformers
 * @param lines document line (from 0) of each row; `null` = row by row
 * @throws IsoscopeError `usage` where there is no transform or the format cannot hold it, `input` for a place that cannot be written; AbortError
 */
export async function exportAnalysis(
  analysis: Analysis,
  target: ExportTarget,
  out: string,
  lines: Uint32Array | null,
  runtime: Runtime,
  signal?: AbortSignal,
): Promise<ExportOutcome> {
  const { transform, vectors, sentences, products, result } = analysis;
  switch (target.kind) {
    case 'transform':
    case 'encoder': {
      if (transform.kind === 'identity') {
        throw new IsoscopeError('usage', 'There is no transform to export: choose a method first.');
      }
      const encoder = target.kind === 'encoder' ? target.encoder : null;
      const request = { transform, format: target.format, out, encoder, rows: vectors };
      return exportTransform(request, { runtime, products }, signal);
    }
    case 'vectors': {
      const shown = target.space === 'raw' ? vectors : await applyTransform(transform, vectors, products, signal);
      const rows = { vectors: shown, lines, sentences };
      const files = await exportVectors(out, rows, () => planeAndNeighbours(shown, products, signal), signal);
      return { files, check: null, notes: [] };
    }
    case 'plane': {
      await writeFileAtomically(out, planesCsv(result.views, lines, sentences, signal), { ...(signal && { signal }) });
      return { files: [out], check: null, notes: [] };
    }
    default:
      return assertNever(target);
  }
}
