import { existsSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { writeFileAtomically } from '../../corpus/writeFileAtomically';
import { weightsFolder } from '../../encoder/encoderIdentity';
import { collectParts } from '../../encoder/encoderParts';
import { assemble, type OpenedFolder } from '../../encoder/openEncoder';
import type { Matrix } from '../../linalg/matrix';
import type { EncoderChoice } from '../../protocol/engineProtocol';
import { IsoscopeError } from '../../protocol/errors';
import type { Runtime } from '../../runtime/runtime';
import { checkDimension, type Transform } from '../../transform/transform';
import { copyModelFile } from './copyModelFile';
import { CHECKED_SENTENCES, compareRows, expectedRows } from './exportCheck';
import { FLOAT64_NOTE, inEnoughPrecision } from './exportOnnxTail';
import type { ExportResult, ExportServices } from './exportTransform';
import { type MergedModel, mergeTail } from './mergedEncoder';
import { openGraph } from './openGraph';
import { stepsOf } from './steps';

/**
 * The encoder of a choice and the transform in one ONNX file: tokens in, the finished vector of each sentence out. Weights that lie beside the model are copied with it.
 * @throws IsoscopeError `usage` where they do not fit, `encoder` where the encoder cannot be opened
 */
export async function exportMergedEncoder(
  transform: Transform,
  choice: EncoderChoice,
  out: string,
  { runtime, products }: ExportServices,
  signal?: AbortSignal,
): Promise<ExportResult> {
  const { opened, encoder } = await openGraph(choice, runtime);
  const { folder, graph, plan } = opened;
  const graphFile = path.join(folder.path, folder.graphFile);
  try {
    await refuseOverwriting(graphFile, out);
    checkDimension(transform, encoder.summary.dimension);
    const { vectors } = await encoder.encode(CHECKED_SENTENCES, { ...(signal && { signal }) });
    const expected = await expectedRows(transform, vectors, products);
    const attempt = await inEnoughPrecision(async (precision) => {
      const merged = mergeTail(
        folder.graph.bytes,
        graph,
        {
          recipe: plan.recipe,
          skippedTokens: opened.parts.skippedTokens,
          head: plan.settings.head,
          isNormalized: plan.settings.isNormalized,
          steps: stepsOf(transform),
          spec: transform.spec,
          dimension: transform.outputDimension,
          precision,
          metadata: metadataOf(transform, opened),
        },
        graphFile,
      );
      return { merged, precision, check: compareRows(expected, await encodeMerged(merged, opened, runtime, signal)) };
    });
    const sideFiles = await copySideFiles(opened, out, signal);
    await writeFileAtomically(out, attempt.merged.pieces, { ...(signal && { signal }) });
    const notes = [...usageNotes(attempt.merged, opened), ...(attempt.precision === 'float64' ? [FLOAT64_NOTE] : [])];
    return { files: [out, ...sideFiles], check: attempt.check, notes };
  } finally {
    await encoder.dispose();
  }
}

/** The sentences through the merged graph, tokenised and batched as for the encoder itself. */
async function encodeMerged(
  merged: MergedModel,
  { folder, graph, plan }: OpenedFolder,
  runtime: Runtime,
  signal?: AbortSignal,
): Promise<Matrix> {
  const session = await runtime.open(Buffer.concat(merged.pieces), {
    name: `${folder.graphFile} with its tail`,
    ...(graph.externalFiles.length > 0 && { weightsFolder: weightsFolder(folder) }),
  });
  try {
    const bare = {
      ...plan,
      recipe: { kind: 'sentence', output: merged.output } as const,
      settings: { ...plan.settings, head: [], isNormalized: false },
    };
    const parts = collectParts(folder, graph, bare, session);
    const encoder = await assemble({ folder, graph, plan: bare, parts }, runtime);
    return (await encoder.encode(CHECKED_SENTENCES, { ...(signal && { signal }) })).vectors;
  } finally {
    await session.release();
  }
}

function metadataOf({ spec }: Transform, { plan }: OpenedFolder): Record<string, string> {
  const { layer, pooling, isNormalized, prefix, maxTokens } = plan.settings;
  return {
    'isoscope.transform': spec,
    'isoscope.layer': String(layer),
    'isoscope.pooling': pooling,
    'isoscope.normalized': String(isNormalized),
    'isoscope.prefix': prefix,
    'isoscope.max_tokens': String(maxTokens),
  };
}

function usageNotes({ output, hasNewMask }: MergedModel, { graph, plan, parts }: OpenedFolder): string[] {
  const { prefix, maxTokens } = plan.settings;
  const inputs = [...graph.inputs.map(({ name }) => name), ...(hasNewMask ? ['attention_mask'] : [])];
  const notes = [`Inputs ${inputs.join(', ')} (at most ${maxTokens} tokens), output "${output}" [N, k], float32.`];
  if (prefix !== '')
    notes.push(`Every sentence begins with ${JSON.stringify(prefix)}: put it there before the tokenizer.`);
  if (hasNewMask) notes.push('The graph had no attention mask; it takes one now, for the pooling.');
  if (parts.rules.maxSentences === 1) {
    notes.push(
      'The graph quantises its activations per batch: give it one sentence at a time, or vectors depend on their company.',
    );
  }
  return notes;
}

/** @returns the files copied */
async function copySideFiles({ folder, graph }: OpenedFolder, out: string, signal?: AbortSignal): Promise<string[]> {
  const from = weightsFolder(folder);
  const to = path.dirname(path.resolve(out));
  const copied: string[] = [];
  for (const file of graph.externalFiles) {
    const target = path.join(to, file);
    if (path.resolve(target) === path.resolve(out)) {
      throw new IsoscopeError('usage', `${out} is the name of the model's file of weights: name the export otherwise.`);
    }
    if (await copyModelFile(path.join(from, file), target, signal)) copied.push(target);
  }
  return copied;
}

async function refuseOverwriting(graphFile: string, out: string): Promise<void> {
  if (!existsSync(out) || (await realpath(out)) !== (await realpath(graphFile))) return;
  throw new IsoscopeError('usage', `${out} is the encoder's own graph, which is not overwritten: name another file.`);
}
