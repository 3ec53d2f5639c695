import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { IsoscopeError } from '../../protocol/errors';
import { readOnnxGraph } from '../onnx/onnxGraph';
import { isSafePath } from './safePath';

/** A graph whose weights lie beside it is small. A larger file holds its weights itself, or names them as exporters do. */
const MAX_READ_BYTES = 256 * 2 ** 20;

/**
 * The files with weights that a graph says lie beside it, relative to the model folder. Empty for a graph too large to be read here.
 * @param file path of the graph relative to `folder`
 * @throws IsoscopeError `encoder` when it is no whole ONNX model, or wants weights from elsewhere
 */
export async function readExternalWeights(folder: string, file: string): Promise<readonly string[]> {
  const location = path.join(folder, file);
  if ((await stat(location)).size > MAX_READ_BYTES) return [];
  const { externalFiles } = readOnnxGraph(await readFile(location), location);
  return externalFiles.map((name) => {
    const beside = name.replace(/^\.\//, '');
    if (isSafePath(beside)) return path.posix.join(path.posix.dirname(file), beside);
    throw new IsoscopeError(
      'encoder',
      `${location} wants weights from outside its folder (${name}), which is refused.`,
    );
  });
}
