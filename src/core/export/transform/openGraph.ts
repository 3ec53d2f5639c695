import { stat } from 'node:fs/promises';
import { listVariants } from '../../encoder/modelFolder';
import { assemble, openFolder, type OpenedFolder } from '../../encoder/openEncoder';
import type { Encoder } from '../../encoder/encoder';
import type { EncoderChoice } from '../../protocol/engineProtocol';
import { IsoscopeError } from '../../protocol/errors';
import type { Runtime } from '../../runtime/runtime';

/** An encoder with the folder that it was made of. */
export interface OpenGraph {
  readonly opened: OpenedFolder;
  /** owns the session of the folder */
  readonly encoder: Encoder;
}

/**
 * Opens an encoder that a transform can be joined to.
 * @throws IsoscopeError `usage` for one without a graph (static vectors, ready vectors, an endpoint); as `openEncoder` does
 */
export async function openGraph(choice: EncoderChoice, runtime: Runtime): Promise<OpenGraph> {
  await requireGraph(choice);
  const opened = await openFolder(choice, runtime);
  try {
    return { opened, encoder: await assemble(opened, runtime) };
  } catch (error) {
    await opened.parts.session.release();
    throw error;
  }
}

async function requireGraph({ encoder }: EncoderChoice): Promise<void> {
  if (encoder === 'embedded') return;
  const found = await stat(encoder).catch(() => undefined);
  // What does not exist is told by whoever opens it.
  const hasGraph = found === undefined || (found.isDirectory() && (await listVariants(encoder)).length > 0);
  if (hasGraph) return;
  throw new IsoscopeError(
    'usage',
    `${encoder} has no ONNX graph that a transform could be joined to: export the transform alone (npz, onnx, typescript), for vectors that are there already.`,
  );
}
