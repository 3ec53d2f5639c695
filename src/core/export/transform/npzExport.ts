import { npyParts } from '../../corpus/npy';
import { readNpz } from '../../corpus/npz';
import { toolName } from '../../analysis/toolName';
import type { Transform } from '../../transform/transform';
import { stepsOf, type TransformStep } from './steps';
import { storedZip, type ZipFile } from './storedZip';

/**
 * A transform as a .npz archive for `numpy.load` (no pickles): for each affine step `mean` [1, d], `matrix` [d, k] and, where there is one, `bias` [1, k], float64; with
 * several such steps they are numbered from the second on (`mean2` …). `meta` is a 0-d text array, JSON:
 *
 *     { "format": "isoscope.transform.npz", "version": 1, "tool", "spec", "inputDimension", "outputDimension", "fittedOn",
 *       "steps": [ { "kind": "affine", "mean": "mean", "matrix": "matrix", "bias": null }, { "kind": "unit-length" } ] }
 */
export function npzOfTransform(transform: Transform): Uint8Array[] {
  const files: ZipFile[] = [];
  let affine = 0;
  const add = (name: string, data: Float64Array, rows: number, columns: number) => {
    files.push({ path: `${name}.npy`, parts: npyParts({ data, rows, columns }) });
    return name;
  };
  const steps: NamedStep[] = stepsOf(transform).map((step) => {
    if (step.kind === 'unit-length') return step;
    const { inputs, outputs, mean, matrix, bias } = step;
    const number = ++affine === 1 ? '' : String(affine);
    return {
      kind: 'affine',
      mean: add(`mean${number}`, mean, 1, inputs),
      matrix: add(`matrix${number}`, matrix, inputs, outputs),
      bias: bias && add(`bias${number}`, bias, 1, outputs),
    };
  });
  const { spec, inputDimension, outputDimension, fittedOn } = transform;
  const meta = {
    format: 'isoscope.transform.npz',
    version: 1,
    tool: toolName(),
    spec,
    inputDimension,
    outputDimension,
    fittedOn,
    steps,
  };
  return storedZip([...files, { path: 'meta.npy', parts: [textNpy(JSON.stringify(meta))] }]);
}

type NamedStep =
  | { readonly kind: 'affine'; readonly mean: string; readonly matrix: string; readonly bias: string | null }
  | { readonly kind: 'unit-length' };

/** The steps as they stand in an archive of ours: what a check runs. */
export function readNpzSteps(bytes: Uint8Array, steps: readonly TransformStep[]): readonly TransformStep[] {
  let affine = 0;
  return steps.map((step) => {
    if (step.kind === 'unit-length') return step;
    const number = ++affine === 1 ? '' : String(affine);
    const read = (name: string) => Float64Array.from(readNpz(bytes, 'the archive', name + number).data);
    return { ...step, mean: read('mean'), matrix: read('matrix'), bias: step.bias && read('bias') };
  });
}

/** A 0-d array of NumPy's text type: `str(archive["meta"])`. Characters are UTF-32, little-endian. */
function textNpy(text: string): Uint8Array {
  const characters = Array.from(text, (character) => character.codePointAt(0)!);
  const header = `{'descr': '<U${characters.length}', 'fortran_order': False, 'shape': (), }`;
  const padded = `${header}${' '.repeat(63 - ((10 + header.length) % 64))}\n`;
  const bytes = new Uint8Array(10 + padded.length + 4 * characters.length);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, padded.length & 0xff, padded.length >> 8]);
  bytes.set(new TextEncoder().encode(padded), 10);
  const view = new DataView(bytes.buffer, 10 + padded.length);
  characters.forEach((character, i) => {
    view.setUint32(4 * i, character, true);
  });
  return bytes;
}
