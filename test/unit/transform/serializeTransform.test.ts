import { beforeAll, describe, expect, it } from 'vitest';
import type { Products } from '../../../src/core/linalg/products';
import { readTransform, serializeTransform } from '../../../src/core/transform/serializeTransform';
import { fitOn, openTestProducts, randomRows } from './fixtures';

type FileJson = Record<string, unknown> & { parts: Record<string, unknown>[] };

let products: Products;
beforeAll(async () => {
  products = await openTestProducts();
});

async function writeJson(spec: string): Promise<FileJson> {
  const { transform } = await fitOn(spec, randomRows(30, 4, 1), products);
  return JSON.parse(serializeTransform(transform)) as FileJson;
}

describe('serializeTransform', () => {
  it('writes a file that others can read: base64 of little-endian float64', async () => {
    const { transform } = await fitOn('pca:k=2', randomRows(30, 4, 1), products);
    const file = JSON.parse(serializeTransform(transform)) as FileJson;
    expect(file).toMatchObject({
      format: 'isoscope.transform',
      version: 1,
      spec: 'pca:k=2',
      inputDimension: 4,
      outputDimension: 2,
      fittedOn: transform.fittedOn,
    });
    const weights = file.parts[0]['weights'] as { shape: number[]; float64: string };
    const bytes = Buffer.from(weights.float64, 'base64');
    expect(weights.shape).toEqual([4, 2]);
    expect(transform.kind === 'affine' && transform.weights.data[3]).toBe(bytes.readDoubleLE(3 * 8));
  });
});

describe('readTransform', () => {
  const refuse = (text: string, message: RegExp): void => {
    expect(() => readTransform(text, 'T.json')).toThrow(
      expect.objectContaining({ reason: 'input', message: expect.stringMatching(message) as string }) as Error,
    );
  };

  it('refuses what is not a transform', () => {
    refuse('', /T\.json is not a usable transform: it is not JSON/);
    refuse('[]', /"format": "isoscope.transform"/);
    refuse('{"format":"isoscope.snapshot"}', /"format"/);
    refuse('{"format":"isoscope.transform","version":2,"parts":[]}', /of version 2/);
    refuse('{"format":"isoscope.transform","version":1,"parts":[]}', /no parts/);
    refuse('{"format":"isoscope.transform","version":1,"parts":[3]}', /part 1 is not an object/);
  });

  it.each<[string, (part: Record<string, unknown>) => void, RegExp]>([
    ['an unknown kind', (part) => (part['kind'] = 'flow'), /unknown kind "flow"/],
    ['a missing array', (part) => delete part['mean'], /"mean" is missing/],
    ['another shape', (part) => (part['inputDimension'] = 5), /shape \[4.*instead of \[5/],
    ['a dimension that is none', (part) => (part['outputDimension'] = 2.5), /"outputDimension" is 2\.5/],
    ['half an array', (part) => (part['mean'] = { shape: [4], float64: 'AAAA' }), /cut off/],
    [
      'NaN',
      (part) =>
        (part['mean'] = { shape: [4], float64: Buffer.from(Float64Array.of(0, 1, NaN, 0).buffer).toString('base64') }),
      /NaN/,
    ],
    ['no provenance', (part) => (part['fittedOn'] = { count: 3 }), /"fittedOn" is not complete/],
  ])('refuses %s', async (_, damage, message) => {
    const file = await writeJson('pca:k=2');
    damage(file.parts[0]);
    refuse(JSON.stringify(file), message);
  });

  it('refuses parts that do not follow one another', async () => {
    const file = await writeJson('pca:k=2+zscore');
    file.parts.reverse();
    refuse(JSON.stringify(file), /"pca:k=2" takes vectors of 4 dimensions but "zscore" before it gives 2\./);
  });
});
