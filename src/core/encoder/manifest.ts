import { IsoscopeError } from '../protocol/errors';
import { numberAt, objectAt, textAt } from './jsonObject';
import { readModelJson, type ExpectedFile, type WayOn } from './modelFiles';

/** What manifest.json of a model that ships with Isoscope says: which files it consists of, where they come from. */
export interface ModelManifest {
  readonly id: string;
  readonly graph: string;
  readonly files: ReadonlyMap<string, ExpectedFile>;
}

/** @throws IsoscopeError `encoder` when the manifest is missing or damaged */
export async function readManifest(folder: string, wayOn: WayOn): Promise<ModelManifest> {
  const { json } = await readModelJson(folder, 'manifest.json', wayOn);
  const id = textAt(json, 'id');
  const graph = textAt(json, 'graph');
  const listed = objectAt(json, 'files') ?? {};
  const files = new Map<string, ExpectedFile>();
  for (const file of Object.keys(listed)) {
    const bytes = numberAt(objectAt(listed, file), 'bytes');
    const sha256 = textAt(objectAt(listed, file), 'sha256');
    if (bytes !== undefined && sha256 !== undefined) files.set(file, { bytes, sha256 });
  }
  if (id === undefined || graph === undefined || !files.has(graph)) {
    throw new IsoscopeError('encoder', `${folder}/manifest.json is damaged: ${wayOn('manifest.json')}.`);
  }
  return { id, graph, files };
}
