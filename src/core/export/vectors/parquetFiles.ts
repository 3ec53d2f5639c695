import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import { breathe } from '../../geometry/breathe';
import type { CosineNeighbours } from '../../geometry/neighbours';
import { type ExportedRows, requireAligned } from './exportedRows';

/** Numbers of a row group: its rows pass through ordinary arrays, 30 bytes a number. */
const GROUP_NUMBERS = 2 ** 20;

type Schema = ConstructorParameters<typeof ParquetWriter>[0]['schema'];
type Column = Parameters<ParquetWriter['write']>[0]['columnData'][number];

/** Columns of a file, a row group at a time. */
interface Table {
  readonly rows: number;
  readonly rowsPerGroup: number;
  readonly schema: Schema;
  /** columns of rows start … end − 1, in the order of the schema */
  readonly columnsOf: (start: number, end: number) => Column[];
}

/**
 * Vectors as Parquet: row (from 0, int32), line (from 1, int32), text (string; null without text) and embedding (list of float, the numbers that most readers of vectors
 * look for). pyarrow, pandas, DuckDB, Polars and Isoscope read it.
 * @throws IsoscopeError `input` where rows and sentences do not belong together; AbortError
 */
export function vectorsParquet(exported: ExportedRows, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  requireAligned(exported);
  const { vectors } = exported;
  return writeTable(
    {
      rows: vectors.rows,
      rowsPerGroup: groupRows(vectors.columns),
      schema: schemaOf([...nameFields, ...listField('embedding', 'FLOAT')]),
      columnsOf: (start, end) => [...nameColumns(exported, start, end), embeddingColumn(exported, start, end)],
    },
    signal,
  );
}

/** What Embedding Atlas shows at once, instead of computing a projection of its own. */
export interface AtlasPlane {
  /** row-major, shape [N, 2] */
  readonly plane: Float32Array;
  /** nearest rows, for its list of neighbours; `null` without them */
  readonly neighbours: CosineNeighbours | null;
}

/**
 * Vectors and a plane as Parquet for Embedding Atlas: row, line, text, projection_x and projection_y (float), neighbors (struct of ids, rows from 0, and distances, 1 −
 * cosine; null for a row without neighbours), embedding. `embedding-atlas FILE --text text --x projection_x --y projection_y --neighbors neighbors`.
 * @throws IsoscopeError `input` where rows and sentences do not belong together; AbortError
 */
export function atlasParquet(
  exported: ExportedRows,
  { plane, neighbours }: AtlasPlane,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  requireAligned(exported);
  const { vectors } = exported;
  const neighbourFields = [
    { name: 'neighbors', repetition_type: 'OPTIONAL' as const, num_children: 2 },
    ...listField('ids', 'INT32'),
    ...listField('distances', 'FLOAT'),
  ];
  return writeTable(
    {
      rows: vectors.rows,
      rowsPerGroup: groupRows(vectors.columns),
      schema: schemaOf([
        ...nameFields,
        { name: 'projection_x', type: 'FLOAT', repetition_type: 'REQUIRED' },
        { name: 'projection_y', type: 'FLOAT', repetition_type: 'REQUIRED' },
        ...(neighbours === null ? [] : neighbourFields),
        ...listField('embedding', 'FLOAT'),
      ]),
      columnsOf: (start, end) => [
        ...nameColumns(exported, start, end),
        ...['projection_x', 'projection_y'].map((name, axis) => ({
          name,
          data: range(start, end, (row) => plane[2 * row + axis]),
        })),
        ...(neighbours === null
          ? []
          : [{ name: 'neighbors', data: range(start, end, (row) => neighboursOf(neighbours, row)) }]),
        embeddingColumn(exported, start, end),
      ],
    },
    signal,
  );
}

const nameFields: Schema = [
  { name: 'row', type: 'INT32', repetition_type: 'REQUIRED' },
  { name: 'line', type: 'INT32', repetition_type: 'REQUIRED' },
  {
    name: 'text',
    type: 'BYTE_ARRAY',
    repetition_type: 'OPTIONAL',
    converted_type: 'UTF8',
    logical_type: { type: 'STRING' },
  },
];

/** The three-level list of the specification, its elements never null. */
function listField(name: string, type: 'FLOAT' | 'INT32'): Schema {
  return [
    { name, repetition_type: 'REQUIRED', num_children: 1, converted_type: 'LIST', logical_type: { type: 'LIST' } },
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    { name: 'element', type, repetition_type: 'REQUIRED' },
  ];
}

/** The root counts the columns, which are those fields that belong to no other. */
function schemaOf(fields: Schema): Schema {
  let inner = 0;
  let columns = 0;
  for (const { num_children } of fields) {
    if (inner === 0) columns++;
    else inner--;
    inner += num_children ?? 0;
  }
  return [{ name: 'schema', num_children: columns }, ...fields];
}

function groupRows(columns: number): number {
  return Math.max(1, Math.floor(GROUP_NUMBERS / Math.max(1, columns)));
}

function nameColumns({ lines, sentences }: ExportedRows, start: number, end: number): Column[] {
  return [
    { name: 'row', data: range(start, end, (row) => row) },
    { name: 'line', data: range(start, end, (row) => (lines?.[row] ?? row) + 1) },
    { name: 'text', data: range(start, end, (row) => sentences?.[row] ?? null) },
  ];
}

function embeddingColumn({ vectors: { data, columns } }: ExportedRows, start: number, end: number): Column {
  const vectors = range(start, end, (row) => Array.from(data.subarray(row * columns, (row + 1) * columns)));
  return {
    name: 'embedding',
    data: vectors,
    // Floats do not repeat: a dictionary and Snappy would cost time and save nothing.
    encoding: 'PLAIN',
    codec: 'UNCOMPRESSED',
    statistics: false,
  };
}

function neighboursOf(
  { k, rows, cosines }: CosineNeighbours,
  row: number,
): { ids: number[]; distances: number[] } | null {
  const ids = Array.from(rows.subarray(row * k, (row + 1) * k)).filter((id) => id >= 0);
  if (ids.length === 0) return null;
  const distances = Array.from(cosines.subarray(row * k, row * k + ids.length), (cosine) => Math.max(0, 1 - cosine));
  return { ids, distances };
}

function range<T>(start: number, end: number, value: (row: number) => T): T[] {
  return Array.from({ length: end - start }, (_, i) => value(start + i));
}

/** The bytes of a file, a row group at a time: what was written is given away before the next group is made. */
async function* writeTable(
  { rows, rowsPerGroup, schema, columnsOf }: Table,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const bytes = new ByteWriter();
  const writer = new ParquetWriter({ writer: bytes, schema, createdBy: 'isoscope' });
  const take = () => {
    const piece = bytes.getBytes().slice();
    // Offsets in the file go on counting; only the buffer begins anew.
    bytes.index = 0;
    return piece;
  };
  for (let start = 0; start < rows; start += rowsPerGroup) {
    await breathe(signal);
    const end = Math.min(start + rowsPerGroup, rows);
    await writer.write({ columnData: columnsOf(start, end), rowGroupSize: rowsPerGroup });
    yield take();
  }
  await writer.finish();
  yield take();
}
