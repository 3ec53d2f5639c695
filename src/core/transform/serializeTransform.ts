import type { Matrix64 } from '../linalg/matrix';
import { assertNever, failureMessage, IsoscopeError } from '../protocol/errors';
import type { FittedOn } from '../protocol/snapshot';
import { composeTransforms } from './composeTransforms';
import { partsOf, type SingleTransform, type Transform } from './transform';

/**
 * The file of a fitted transform (T.json): JSON with its arrays as base64 of little-endian float64, row-major, so that
 * write and read give the same bits. `parts` are applied in order.
 *
 *     { "format": "isoscope.transform", "version": 1, "spec": "pca:k=2", "inputDimension": 3, "outputDimension": 2, "fittedOn": {…},
 *       "parts": [ { "kind": "affine", …, "mean": { "shape": [3], "float64": "…" }, "weights": { "shape": [3, 2], "float64": "…" } } ] }
 */
const FORMAT = 'isoscope.transform';
const VERSION = 1;

interface ArrayJson {
  readonly shape: readonly number[];
  readonly float64: string;
}

type Json = Readonly<Record<string, unknown>>;

export function serializeTransform(transform: Transform): string {
  const { spec, inputDimension, outputDimension, fittedOn } = transform;
  const parts = partsOf(transform).map(partToJson);
  return `${JSON.stringify({ format: FORMAT, version: VERSION, spec, inputDimension, outputDimension, fittedOn, parts }, null, 1)}\n`;
}

/**
 * Reads what `serializeTransform` wrote.
 * @param name of the file, for errors
 * @throws IsoscopeError `input` for anything else, saying what is wrong with it
 */
export function readTransform(text: string, name: string): Transform {
  const fail = (what: string): never => {
    throw new IsoscopeError('input', `${name} is not a usable transform: ${what}. Write it anew with "isoscope fit".`);
  };
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch (error) {
    return fail(`it is not JSON (${failureMessage(error)})`);
  }
  if (!isObject(file) || file['format'] !== FORMAT) return fail(`it does not say "format": "${FORMAT}"`);
  if (file['version'] !== VERSION) {
    return fail(
      `it is of version ${JSON.stringify(file['version'])}, and this Isoscope reads version ${String(VERSION)}`,
    );
  }
  if (!Array.isArray(file['parts']) || file['parts'].length === 0) return fail('it has no parts');
  const [first, ...rest] = file['parts'].map((part: unknown, index) =>
    isObject(part) ? readPart(part, fail) : fail(`its part ${String(index + 1)} is not an object`),
  );
  try {
    return composeTransforms(first, ...rest);
  } catch (error) {
    return fail(failureMessage(error).replace(/: [^:]*$/, ''));
  }
}

function partToJson(part: SingleTransform): Json {
  const { kind, spec, inputDimension, outputDimension, fittedOn } = part;
  const base = { kind, spec, inputDimension, outputDimension, fittedOn };
  switch (part.kind) {
    case 'identity':
    case 'truncate':
    case 'unit-length':
      return base;
    case 'center':
      return { ...base, mean: vectorToJson(part.mean) };
    case 'scale':
      return { ...base, mean: vectorToJson(part.mean), factors: vectorToJson(part.factors) };
    case 'remove-directions':
      return { ...base, mean: vectorToJson(part.mean), directions: matrixToJson(part.directions) };
    case 'affine':
      return {
        ...base,
        mean: part.mean === null ? null : vectorToJson(part.mean),
        weights: matrixToJson(part.weights),
        details: part.details,
      };
    default:
      return assertNever(part);
  }
}

function readPart(part: Json, fail: (what: string) => never): SingleTransform {
  const kind = part['kind'] as SingleTransform['kind'];
  const spec = typeof part['spec'] === 'string' ? part['spec'] : fail('a part has no "spec"');
  const inputDimension = readDimension(part, 'inputDimension', fail);
  const outputDimension = readDimension(part, 'outputDimension', fail);
  const base = { spec, inputDimension, outputDimension, fittedOn: readFittedOn(part['fittedOn'], fail) };
  const array = (key: string, ...shape: readonly number[]): Float64Array =>
    readArray(part[key], `${spec}: "${key}"`, shape, fail);
  const keepsDimension = (): void => {
    if (inputDimension !== outputDimension) fail(`${spec} cannot change the dimension`);
  };
  switch (kind) {
    case 'identity':
    case 'unit-length':
      keepsDimension();
      return { ...base, kind };
    case 'truncate':
      if (outputDimension > inputDimension) fail(`${spec} cannot add dimensions`);
      return { ...base, kind };
    case 'center':
      keepsDimension();
      return { ...base, kind, mean: array('mean', inputDimension) };
    case 'scale':
      keepsDimension();
      return { ...base, kind, mean: array('mean', inputDimension), factors: array('factors', inputDimension) };
    case 'remove-directions': {
      keepsDimension();
      const shape = isObject(part['directions']) ? part['directions']['shape'] : undefined;
      const rows = Array.isArray(shape) && isCount(shape[0]) ? shape[0] : fail(`${spec}: "directions" has no shape`);
      const directions = { data: array('directions', rows, inputDimension), rows, columns: inputDimension };
      return { ...base, kind, mean: array('mean', inputDimension), directions };
    }
    case 'affine': {
      const weights = {
        data: array('weights', inputDimension, outputDimension),
        rows: inputDimension,
        columns: outputDimension,
      };
      const details = isObject(part['details']) ? part['details'] : {};
      const numberOrNull = (key: string): number | null => (typeof details[key] === 'number' ? details[key] : null);
      return {
        ...base,
        kind,
        mean: part['mean'] === null ? null : array('mean', inputDimension),
        weights,
        details: { rank: numberOrNull('rank'), shrinkage: numberOrNull('shrinkage'), seed: numberOrNull('seed') },
      };
    }
    default:
      return fail(`it has a part of the unknown kind ${JSON.stringify(kind)}`);
  }
}

function readDimension(part: Json, key: string, fail: (what: string) => never): number {
  const value = part[key];
  return isCount(value) ? value : fail(`"${key}" is ${JSON.stringify(value)}, not a number of dimensions`);
}

function readFittedOn(value: unknown, fail: (what: string) => never): FittedOn | null {
  if (value === null) return null;
  if (isObject(value)) {
    const { count, dimension, sha256, transductive } = value;
    if (isCount(count) && isCount(dimension) && typeof sha256 === 'string' && typeof transductive === 'boolean') {
      return { count, dimension, sha256, transductive };
    }
  }
  return fail('its "fittedOn" is not complete');
}

function vectorToJson(vector: Float64Array): ArrayJson {
  return arrayToJson(vector, [vector.length]);
}

function matrixToJson({ data, rows, columns }: Matrix64): ArrayJson {
  return arrayToJson(data, [rows, columns]);
}

function arrayToJson(data: Float64Array, shape: readonly number[]): ArrayJson {
  return { shape, float64: Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64') };
}

function readArray(
  value: unknown,
  what: string,
  shape: readonly number[],
  fail: (what: string) => never,
): Float64Array {
  if (!isObject(value) || typeof value['float64'] !== 'string') return fail(`${what} is missing`);
  if (JSON.stringify(value['shape']) !== JSON.stringify(shape)) {
    return fail(`${what} has the shape ${JSON.stringify(value['shape'])} instead of ${JSON.stringify(shape)}`);
  }
  const bytes = Buffer.from(value['float64'], 'base64');
  const length = shape.reduce((product, size) => product * size, 1);
  if (bytes.byteLength !== length * Float64Array.BYTES_PER_ELEMENT) return fail(`${what} is cut off or damaged`);
  const data = new Float64Array(length);
  new Uint8Array(data.buffer).set(bytes);
  return data.every((number) => Number.isFinite(number)) ? data : fail(`${what} holds NaN or infinite numbers`);
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 1;
}
