import { npyParts } from '../../corpus/npy';
import { type FileParts, writeFileAtomically } from '../../corpus/writeFileAtomically';
import { IsoscopeError } from '../../protocol/errors';
import { type ExportedRows, requireAligned } from './exportedRows';
import { type AtlasPlane, atlasParquet, vectorsParquet } from './parquetFiles';
import { projectorMetadata, projectorVectors } from './projectorFiles';

/** By the end of a file's name. */
export type VectorFormat = 'npy' | 'parquet' | 'atlas' | 'projector';

const endings: readonly (readonly [ending: string, format: VectorFormat])[] = [
  ['.npy', 'npy'],
  ['.atlas.parquet', 'atlas'],
  ['.parquet', 'parquet'],
  ['.tsv', 'projector'],
];

/** @throws IsoscopeError `usage` for a name that says no format that is written here */
export function vectorFormatOf(file: string): VectorFormat {
  const found = endings.find(([ending]) => file.toLowerCase().endsWith(ending));
  if (found !== undefined) return found[1];
  throw new IsoscopeError(
    'usage',
    `${file} says no format for vectors: name it .npy, .parquet, .atlas.parquet (for Embedding Atlas) or .tsv (for the Embedding Projector).`,
  );
}

/**
 * Writes vectors in the format that the file's name says, piece by piece; `X.tsv` gets `X.metadata.tsv` beside it.
 * @param atlasPlane asked for only where the format needs it
 * @returns the files written
 * @throws IsoscopeError `usage` for an unknown format, `input` where the place cannot be written; AbortError
 */
export async function exportVectors(
  file: string,
  exported: ExportedRows,
  atlasPlane: () => Promise<AtlasPlane>,
  signal?: AbortSignal,
): Promise<string[]> {
  requireAligned(exported);
  const write = async (path: string, parts: FileParts) => {
    await writeFileAtomically(path, parts, { ...(signal && { signal }) });
    return path;
  };
  const format = vectorFormatOf(file);
  switch (format) {
    case 'npy':
      return [await write(file, npyParts(exported.vectors))];
    case 'parquet':
      return [await write(file, vectorsParquet(exported, signal))];
    case 'atlas':
      return [await write(file, atlasParquet(exported, await atlasPlane(), signal))];
    case 'projector': {
      const metadata = file.replace(/\.tsv$/i, '.metadata.tsv');
      return [
        await write(file, projectorVectors(exported, signal)),
        await write(metadata, projectorMetadata(exported, signal)),
      ];
    }
  }
}
