import { parquetReadObjects, parquetMetadata } from 'hyparquet';
import Papa from 'papaparse';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planesCsv } from '../../../src/core/export/planes';
import { decimalText } from '../../../src/core/export/vectors/decimalText';
import type { ExportedRows } from '../../../src/core/export/vectors/exportedRows';
import { atlasParquet, vectorsParquet } from '../../../src/core/export/vectors/parquetFiles';
import { projectorMetadata, projectorVectors } from '../../../src/core/export/vectors/projectorFiles';
import { createRandom } from '../../../src/core/linalg/random';

const awkward = [
  'plain',
  'a "quoted", comma',
  'tab\tin it',
  '=SUM(A1)',
  'line\u2028separator',
  '',
  '日本語 😀',
  'nul\u0000 bell\u0007',
];

function someRows(count: number, columns: number): ExportedRows {
  const random = createRandom(3);
  const data = Float32Array.from({ length: count * columns }, () => random.normal());
  return {
    vectors: { data, rows: count, columns },
    lines: Uint32Array.from({ length: count }, (_, row) => 2 * row),
    sentences: Array.from({ length: count }, (_, row) => awkward[row % awkward.length]),
  };
}

async function textOf(pieces: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const piece of pieces) text += piece;
  return text;
}

async function bytesOf(pieces: AsyncIterable<Uint8Array>): Promise<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  for await (const piece of pieces) parts.push(piece);
  const whole = Uint8Array.from(Buffer.concat(parts));
  return whole.buffer;
}

describe('decimalText', () => {
  it('reads back as the same float32, in no more digits than that takes', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const text = decimalText(value);
        expect(Math.fround(Number(text))).toBe(Object.is(value, -0) ? 0 : value);
        expect(text.replace(/e.*|[-.]/g, '').replace(/^0+/, '').length).toBeLessThanOrEqual(
          text.includes('e') || Math.abs(value) < 1e9 ? 9 : 39,
        );
      }),
      { seed: 1 },
    );
  });
  it('is short where the number is', () => {
    expect([0.1, 1, -1.5e-7, 16777216, 0].map((value) => decimalText(Math.fround(value)))).toEqual([
      '0.1',
      '1',
      '-1.5e-7',
      '16777216',
      '0',
    ]);
    expect([NaN, Infinity].map(decimalText)).toEqual(['', '']);
  });
});

describe('vectors as Parquet', () => {
  it('holds row, line, text and the very numbers', async () => {
    const exported = someRows(20, 5);
    const rows = await parquetReadObjects({ file: await bytesOf(vectorsParquet(exported)) });
    expect(rows).toHaveLength(20);
    expect(Object.keys(rows[0])).toEqual(['row', 'line', 'text', 'embedding']);
    rows.forEach((row, i) => {
      expect(row).toMatchObject({ row: i, line: 2 * i + 1, text: awkward[i % awkward.length] });
      expect(Float32Array.from(row['embedding'] as number[])).toEqual(exported.vectors.data.slice(5 * i, 5 * i + 5));
    });
  });

  it('is written in groups of bounded size, and numbered by row without text', async () => {
    const vectors = { data: new Float64Array(3 * 400_000).fill(0.1), rows: 3, columns: 400_000 };
    const pieces: number[] = [];
    const parts: Uint8Array[] = [];
    for await (const piece of vectorsParquet({ vectors, lines: null, sentences: null })) {
      pieces.push(piece.length);
      parts.push(piece);
    }
    // Two rows of 400,000 numbers fit into a group of a million.
    expect(pieces).toHaveLength(3);
    const file = Uint8Array.from(Buffer.concat(parts)).buffer;
    expect(parquetMetadata(file).row_groups.map(({ num_rows }) => Number(num_rows))).toEqual([2, 1]);
    const rows = await parquetReadObjects({ file, columns: ['row', 'line', 'text'] });
    expect(rows).toEqual([0, 1, 2].map((row) => ({ row, line: row + 1, text: null })));
  });

  it('of no rows is a file as well', async () => {
    const empty = { vectors: { data: new Float32Array(0), rows: 0, columns: 4 }, lines: null, sentences: null };
    expect(await parquetReadObjects({ file: await bytesOf(vectorsParquet(empty)) })).toEqual([]);
  });

  it('holds what Embedding Atlas asks for: a plane and neighbours, none for a row without', async () => {
    const exported = someRows(3, 2);
    const neighbours = {
      k: 2,
      rows: Int32Array.of(1, 2, 0, 2, -1, -1),
      cosines: Float64Array.of(0.9, 0.5, 0.9, 1.0000001, NaN, NaN),
    };
    const plane = Float32Array.of(1, 2, 3, 4, 5, 6);
    const rows = await parquetReadObjects({ file: await bytesOf(atlasParquet(exported, { plane, neighbours })) });
    expect(rows[0]).toMatchObject({
      projection_x: 1,
      projection_y: 2,
      neighbors: { ids: [1, 2], distances: [Math.fround(1 - 0.9), 0.5] },
    });
    expect(rows[1]['neighbors']).toEqual({ ids: [0, 2], distances: [Math.fround(1 - 0.9), 0] });
    expect(rows[2]['neighbors'] ?? null).toBeNull();
    const bare = await parquetReadObjects({ file: await bytesOf(atlasParquet(exported, { plane, neighbours: null })) });
    expect(Object.keys(bare[0])).toEqual(['row', 'line', 'text', 'projection_x', 'projection_y', 'embedding']);
  });

  it('refuses what does not belong together, and stops when it is cancelled', async () => {
    const exported = someRows(4, 2);
    expect(() => vectorsParquet({ ...exported, sentences: ['one'] })).toThrow('1 sentences do not belong to 4 vectors');
    await expect(bytesOf(vectorsParquet(exported, AbortSignal.abort()))).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('files for the Embedding Projector', () => {
  it('vectors without a header, metadata with one, and no cell that breaks a line', async () => {
    const exported = someRows(1203, 3);
    const vectors = (await textOf(projectorVectors(exported))).trimEnd().split('\n');
    expect(vectors).toHaveLength(1203);
    expect(Float32Array.from(vectors.flatMap((line) => line.split('\t').map(Number)))).toEqual(exported.vectors.data);
    const metadata = (await textOf(projectorMetadata(exported))).trimEnd().split('\n');
    expect(metadata[0]).toBe('row\tline\ttext');
    expect(metadata).toHaveLength(1204);
    expect(
      metadata.every((line) => line.split('\t').length === 3 && !line.includes('\u2028') && !line.includes('\u0000')),
    ).toBe(true);
    expect(metadata.slice(1, 4)).toEqual(['0\t1\tplain', '1\t3\ta "quoted", comma', '2\t5\ttab in it']);
  });
});

describe('planes as CSV', () => {
  const lines = Uint32Array.of(0, 2, 4, 6, 8, 10, 12, 14);
  it('reads back as it was, whatever the text holds', async () => {
    const plane = Float32Array.from({ length: 16 }, (_, i) => i / 10);
    const text = await textOf(
      planesCsv({ shownRows: null, raw: { plane }, transformed: { plane: plane.map((x) => -x) } }, lines, awkward),
    );
    const { data, errors } = Papa.parse<Record<string, string>>(text.trimEnd(), { header: true });
    expect(errors).toEqual([]);
    expect(data.map((row) => row['text'])).toEqual(awkward);
    expect(data[3]).toMatchObject({
      row: '3',
      line: '7',
      x_before: '0.6',
      y_before: '0.7',
      x_after: '-0.6',
      y_after: '-0.7',
    });
  });
  it('of a sample holds its rows, and no coordinates where there is no transform', async () => {
    const views = { shownRows: Uint32Array.of(1, 5), raw: { plane: Float32Array.of(1, 2, 3, 4) }, transformed: null };
    expect(await textOf(planesCsv(views, lines, null))).toBe(
      'row,line,x_before,y_before,x_after,y_after,text\n1,3,1,2,,,""\n5,11,3,4,,,""\n',
    );
    await expect(textOf(planesCsv(views, lines, ['too', 'few']))).rejects.toThrow('do not belong together');
  });
});
