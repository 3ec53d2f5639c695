import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { writeNpy } from '../../../src/core/corpus/npy';
import { readVectorFile } from '../../../src/core/corpus/vectorFile';

const folder = mkdtempSync(path.join(tmpdir(), 'isoscope-vectors-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function save(name: string, values: readonly number[], columns: number): string {
  const file = path.join(folder, name);
  const rows = columns === 0 ? 0 : values.length / columns;
  writeFileSync(file, writeNpy({ data: Float64Array.from(values), rows, columns }));
  return file;
}

describe('readVectorFile', () => {
  it('reads a matrix', async () => {
    const { vectors } = await readVectorFile(save('ok.npy', [1, 2, 3, 4, 5, 6], 3));
    expect(vectors).toEqual({ data: Float64Array.of(1, 2, 3, 4, 5, 6), rows: 2, columns: 3 });
  });

  it('names the row and column of the first number that is none', async () => {
    await expect(readVectorFile(save('nan.npy', [1, 2, 3, 4, NaN, 6], 3))).rejects.toThrow(
      /nan\.npy, row 2: column 2 is not a number \(NaN\)/,
    );
    await expect(readVectorFile(save('inf.npy', [1, 2, 3, 4, 5, -Infinity], 2))).rejects.toThrow(
      /inf\.npy, row 3: column 2 is infinite/,
    );
  });

  it('refuses a matrix without rows or columns', async () => {
    await expect(readVectorFile(save('empty.npy', [], 3))).rejects.toThrow('holds no vectors: its shape is (0, 3)');
    await expect(readVectorFile(save('flat.npy', [], 0))).rejects.toThrow('its shape is (0, 0)');
  });

  it('says that --array is for archives', async () => {
    await expect(readVectorFile(save('ok.npy', [1], 1), { array: 'x' })).rejects.toThrow(
      '--array names an array of a .npz',
    );
  });
});
