import { existsSync } from 'node:fs';
import { mkdir, readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { makeFolderAtomically, writeFileAtomically } from '../../corpus/writeFileAtomically';
import { readDenseLayer, unitLengthLayer } from '../../encoder/dense';
import { completeFolder } from '../../encoder/modelFiles';
import { openEncoder, type OpenedFolder } from '../../encoder/openEncoder';
import type { Matrix } from '../../linalg/matrix';
import type { EncoderChoice } from '../../protocol/engineProtocol';
import { IsoscopeError } from '../../protocol/errors';
import type { Runtime } from '../../runtime/runtime';
import { checkDimension, type Transform } from '../../transform/transform';
import { copyModelFile } from './copyModelFile';
import { CHECKED_SENTENCES, compareRows, expectedRows } from './exportCheck';
import type { ExportResult, ExportServices } from './exportTransform';
import { openGraph } from './openGraph';
import { type FolderPlan, planFolder } from './sentenceTransformersPlan';

/**
 * A folder that sentence-transformers opens: the model's files, and behind its pooling (and its normalisation, which stays before the transform) a `Dense` module without
 * activation for each affine step and a `Normalize` for each l2. What `SentenceTransformer(folder).encode` gives is what Isoscope shows.
 * @param modulesOnly the changed and new files only, to be put into the model's folder by hand
 * @throws IsoscopeError `usage` where sentence-transformers has no way to say it, `input` for a folder that is there already, `encoder`
 */
export async function exportSentenceTransformers(
  transform: Transform,
  choice: EncoderChoice,
  out: string,
  modulesOnly: boolean,
  { runtime, products }: ExportServices,
  signal?: AbortSignal,
): Promise<ExportResult> {
  const { opened, encoder } = await openGraph(choice, runtime);
  try {
    await requirePlace(out, opened.folder.path);
    checkDimension(transform, encoder.summary.dimension);
    const plan = await planFolder(transform, choice, opened, encoder.summary.dimension);
    const { vectors } = await encoder.encode(CHECKED_SENTENCES, { ...(signal && { signal }) });
    const expected = await expectedRows(transform, vectors, products);
    return await makeFolderAtomically(out, async (place) => {
      if (!modulesOnly) await copyFolder(opened.folder.path, place, new Set(plan.files.keys()), signal);
      for (const [file, parts] of plan.files) {
        await mkdir(path.dirname(path.join(place, file)), { recursive: true });
        await writeFileAtomically(path.join(place, file), parts, { ...(signal && { signal }) });
      }
      const actual = modulesOnly
        ? await runModules(place, plan, vectors)
        : await encodeAnew(place, opened.folder.graphFile, runtime, signal);
      const files = modulesOnly ? [...plan.files.keys()].map((file) => path.join(out, file)) : [out];
      return { files, check: compareRows(expected, actual), notes: notesOf(opened, out, modulesOnly, plan) };
    });
  } finally {
    await encoder.dispose();
  }
}

/** The folder as it was written, opened like any other. */
async function encodeAnew(place: string, variant: string, runtime: Runtime, signal?: AbortSignal): Promise<Matrix> {
  const encoder = await openEncoder({ encoder: place, variant }, runtime);
  try {
    return (await encoder.encode(CHECKED_SENTENCES, { ...(signal && { signal }) })).vectors;
  } finally {
    await encoder.dispose();
  }
}

/** The new modules as they were written, on vectors. */
async function runModules(place: string, { added }: FolderPlan, vectors: Matrix): Promise<Matrix> {
  const layers = await Promise.all(
    added.map(async (module) =>
      module.kind === 'dense' ? readDenseLayer(place, module.folder, completeFolder) : unitLengthLayer,
    ),
  );
  const rows = Array.from({ length: vectors.rows }, (_, row) =>
    layers.reduce<Float64Array>(
      (vector, layer) => layer.apply(vector),
      Float64Array.from(vectors.data.subarray(row * vectors.columns, (row + 1) * vectors.columns)),
    ),
  );
  const columns = rows[0].length;
  const data = new Float64Array(rows.length * columns);
  rows.forEach((row, i) => {
    data.set(row, i * columns);
  });
  return { data, rows: rows.length, columns };
}

async function requirePlace(out: string, modelFolder: string): Promise<void> {
  const target = path.resolve(out);
  const model = path.resolve(modelFolder);
  if (target === model || target.startsWith(model + path.sep)) {
    throw new IsoscopeError(
      'usage',
      `${out} lies in the model's own folder, which stays as it is: name another folder.`,
    );
  }
  if (!existsSync(target)) return;
  if (!(await stat(target)).isDirectory()) throw new IsoscopeError('input', `${out} is a file: name a new folder.`);
  if ((await readdir(target)).length > 0) {
    throw new IsoscopeError('input', `${out} is not empty: name a new folder.`);
  }
}

/** All files but hidden ones and those that are written anew. Links to files are followed, links to folders are not. */
async function copyFolder(
  from: string,
  to: string,
  except: ReadonlySet<string>,
  signal?: AbortSignal,
  within = '',
): Promise<void> {
  for (const entry of await readdir(path.join(from, within), { withFileTypes: true })) {
    const file = path.posix.join(within, entry.name);
    // manifest.json tells which files an encoder of Isoscope itself must consist of.
    if (entry.name.startsWith('.') || except.has(file) || file === 'manifest.json') continue;
    const source = path.join(from, file);
    if (entry.isDirectory()) await copyFolder(from, to, except, signal, file);
    else if ((await stat(source)).isFile()) await copyModelFile(await realpath(source), path.join(to, file), signal);
  }
}

function notesOf({ folder }: OpenedFolder, out: string, modulesOnly: boolean, { order }: FolderPlan): string[] {
  const notes = [`Modules in order: ${order.join(', ')}.`];
  if (modulesOnly) {
    notes.push(`Copy the files over those of the model's folder (${folder.path}), or over a copy of it.`);
    return notes;
  }
  const hasTorchWeights = ['model.safetensors', 'pytorch_model.bin', 'model.safetensors.index.json'].some((file) =>
    existsSync(path.join(folder.path, file)),
  );
  notes.push(
    hasTorchWeights
      ? `In Python: SentenceTransformer(${JSON.stringify(out)}).encode(sentences); checked here with ${folder.graphFile}.`
      : `The model's folder has ONNX weights only: SentenceTransformer(${JSON.stringify(out)}, backend="onnx", model_kwargs={"file_name": ${JSON.stringify(folder.graphFile)}}).`,
  );
  return notes;
}
