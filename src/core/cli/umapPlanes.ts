import type { Analysis } from '../analysis/analysis';
import { umapOfAnalysis } from '../analysis/umapOfAnalysis';
import { IsoscopeError } from '../protocol/errors';
import { UMAP_NEIGHBOURS } from '../protocol/umap';
import type { Views } from '../protocol/views';
import type { UmapPlanes } from '../protocol/webviewProtocol';
import type { CommandIo } from './commandIo';
import { type ParsedOptions, readChoice } from './options';

/** Which planes --html and --plane-out show. */
export const projections = ['pca', 'umap'] as const;
export type ProjectionArgument = (typeof projections)[number];

/** @throws IsoscopeError `usage` for another word, or where there is nothing to draw a layout in */
export function readProjection(options: ParsedOptions): ProjectionArgument {
  const projection = readChoice('projection', options.value('projection') ?? 'pca', projections);
  if (projection === 'umap' && !options.has('html') && !options.has('plane-out')) {
    throw new IsoscopeError(
      'usage',
      '--projection umap is drawn in --html or written with --plane-out: add one of them.',
    );
  }
  return projection;
}

/** UMAP before and after the transform. What it has to say is said. */
export async function makeUmapPlanes(
  analysis: Analysis,
  { signal, onProgress, say }: Pick<CommandIo, 'signal' | 'onProgress' | 'say'>,
): Promise<UmapPlanes> {
  const { seed, transformed } = analysis;
  const total = transformed === null ? 100 : 200;
  const layOut = (side: 'raw' | 'transformed', from: number) =>
    umapOfAnalysis(
      analysis,
      { side, seed, neighbours: UMAP_NEIGHBOURS },
      {
        signal,
        onShare: (share) => onProgress({ stage: 'projection', done: from + Math.floor(100 * share), total }),
      },
    );
  const planes = {
    raw: await layOut('raw', 0),
    transformed: transformed === null ? null : await layOut('transformed', 100),
  };
  const messages = [planes.raw, planes.transformed].flatMap(
    (plane) => plane?.notes.map(({ message }) => message) ?? [],
  );
  for (const message of new Set(messages)) say(`isoscope: ${message}`);
  return planes;
}

/** The planes as files take them. */
export function umapViews({ raw, transformed }: UmapPlanes): Pick<Views, 'shownRows'> & {
  readonly raw: { readonly plane: Float32Array };
  readonly transformed: { readonly plane: Float32Array } | null;
} {
  return { shownRows: raw.rows, raw, transformed };
}
