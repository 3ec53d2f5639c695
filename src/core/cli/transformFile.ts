import { readTextFile } from '../corpus/textFile';
import { readTransform } from '../transform/serializeTransform';
import type { Transform } from '../transform/transform';
import { nameOf } from './readCorpus';

/** A fitted transform, as `isoscope fit` writes it. @throws IsoscopeError `input` for anything else */
export async function readTransformFile(path: string, signal: AbortSignal): Promise<Transform> {
  return readTransform(await readTextFile(path, { signal }), nameOf(path));
}
