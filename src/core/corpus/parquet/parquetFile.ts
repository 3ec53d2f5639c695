import type { ColumnMetaData, FileMetaData, SchemaTree } from 'hyparquet';
import { parquetMetadata, parquetSchema } from 'hyparquet/src/metadata.js';
import { IsoscopeError } from '../../protocol/errors';
import type { ValueType } from './pageValues';
import { describeType, type ParquetKind } from './parquetTypes';

/** A Parquet file with its columns, none of them read yet. */
export interface ParquetFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly rows: number;
  /** the leaves of the schema, in order */
  readonly columns: readonly ParquetColumn[];
}

export interface ParquetColumn extends ValueType {
  /** "embedding", "meta.text" for a field of a record; the names that a list puts around its elements are left out */
  readonly name: string;
  readonly kind: ParquetKind;
  /** what a reader calls it: "a list of float32 numbers" */
  readonly what: string;
  /** level at which a value is there; below it something is null */
  readonly maxDefinition: number;
  /** lists around the value */
  readonly maxRepetition: number;
  /** level from which on a list has an element; below it the list is empty or null */
  readonly listDefinition: number;
  /** one per row group, in order */
  readonly chunks: readonly ColumnMetaData[];
}

/** Some MB for thousands of columns in thousands of row groups. */
const MAX_FOOTER_BYTES = 100_000_000;
const MAGIC = [0x50, 0x41, 0x52, 0x31];
/** A file whose footer is encrypted. */
const ENCRYPTED_MAGIC = [0x50, 0x41, 0x52, 0x45];
/** Values take at least a hundredth of their size on disk, or they are few: what claims more is made to fill the memory. */
const SUSPICIOUS_VALUES = 2 ** 25;
const SUSPICIOUS_RATIO = 100;

export function isParquet(bytes: Uint8Array): boolean {
  return [MAGIC, ENCRYPTED_MAGIC].some((magic) => magic.every((byte, i) => bytes[i] === byte));
}

/**
 * Reads the footer of a Parquet file.
 * @param name of the file, for errors
 * @throws IsoscopeError `input` for a file that is cut short, damaged, encrypted, or claims more values than its bytes can stand for
 */
export function openParquet(bytes: Uint8Array, name: string): ParquetFile {
  const end = bytes.subarray(bytes.length - 4);
  if (bytes.length < 12 || !isParquet(end)) {
    throw damaged(name, 'it is cut short: the mark at its end is missing');
  }
  if (isEncrypted(bytes) || isEncrypted(end)) {
    throw new IsoscopeError('input', `${name} is an encrypted Parquet file: save it without encryption.`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const footerLength = view.getUint32(bytes.length - 8, true);
  if (footerLength > bytes.length - 12 || footerLength > MAX_FOOTER_BYTES) {
    throw damaged(name, `its footer claims ${footerLength} bytes and the file has ${bytes.length}`);
  }
  const metadata = guarded(name, () =>
    parquetMetadata(bytes.subarray(bytes.length - footerLength - 8), { geoparquet: false }),
  );
  return guarded(name, () => describeFile(metadata, bytes, name));
}

/** Runs what the library does; whatever it throws becomes a sentence that names the file. */
export function guarded<Result>(name: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (error instanceof IsoscopeError) throw error;
    throw damaged(name, describeProblem(error), error);
  }
}

/** The library reads what it finds; where that is not what the format says, it stumbles in the words of the language. */
function describeProblem(error: unknown): string {
  if (error instanceof RangeError) return 'a part of it points outside its bytes';
  if (error instanceof TypeError || !(error instanceof Error)) return 'a part of it is not what the format says';
  return error.message.replace(/^parquet /, '');
}

export function damaged(name: string, problem: string, cause?: unknown): IsoscopeError {
  return new IsoscopeError('input', `${name} cannot be read as a Parquet file: ${problem}.`, { cause });
}

/** Rows or columns as the message of an error lists them. */
export function listColumns(columns: readonly { readonly name: string }[]): string {
  const names = columns.slice(0, 20).map(({ name }) => name);
  return columns.length > 20 ? `${names.join(', ')} and ${columns.length - 20} more` : names.join(', ');
}

function isEncrypted(bytes: Uint8Array): boolean {
  return ENCRYPTED_MAGIC.every((byte, i) => bytes[i] === byte);
}

function describeFile(metadata: FileMetaData, bytes: Uint8Array, name: string): ParquetFile {
  const rows = Number(metadata.num_rows);
  const sum = metadata.row_groups.reduce((total, group) => total + Number(group.num_rows), 0);
  if (!Number.isSafeInteger(rows) || rows < 0 || sum !== rows) {
    throw damaged(name, `it claims ${rows} rows and its row groups ${sum}`);
  }
  const columns: ParquetColumn[] = [];
  const visit = (node: SchemaTree, path: readonly SchemaTree[]): void => {
    const nodes = [...path, node];
    if (node.children.length === 0) columns.push(describeColumn(nodes, columns.length, metadata, name));
    for (const child of node.children) visit(child, nodes);
  };
  for (const child of parquetSchema(metadata).children) visit(child, []);
  return { name, bytes, rows, columns };
}

function describeColumn(
  nodes: readonly SchemaTree[],
  leaf: number,
  metadata: FileMetaData,
  name: string,
): ParquetColumn {
  const { element } = nodes[nodes.length - 1];
  let maxDefinition = 0;
  let maxRepetition = 0;
  let listDefinition = 0;
  for (const { element: node } of nodes) {
    if (node.repetition_type !== 'REQUIRED') maxDefinition++;
    if (node.repetition_type !== 'REPEATED') continue;
    maxRepetition++;
    listDefinition = maxDefinition;
  }
  const columnName = nameOf(nodes);
  const isMap = nodes.some(({ element: node }) => node.converted_type === 'MAP' || node.logical_type?.type === 'MAP');
  const { kind, what } = isMap ? { kind: 'other' as const, what: 'maps' } : describeType(element, maxRepetition);
  const chunks = metadata.row_groups.map(({ columns }) => {
    const { meta_data: chunk, file_path: path } = columns[leaf] ?? {};
    if (!chunk) throw damaged(name, `the values of column ${columnName} are missing or encrypted`);
    if (path) throw damaged(name, `the values of column ${columnName} lie in another file, ${path}`);
    return chunk;
  });
  checkClaims(chunks, name, columnName);
  return {
    name: columnName,
    kind,
    what,
    type: element.type ?? 'BYTE_ARRAY',
    byteLength: element.type_length,
    maxDefinition,
    maxRepetition,
    listDefinition,
    chunks,
  };
}

/** What a list puts around its elements (list.element, bag.array …) is no name that a user knows. */
function nameOf(nodes: readonly SchemaTree[]): string {
  const isList = ({ element }: SchemaTree) =>
    element.converted_type === 'LIST' || element.logical_type?.type === 'LIST';
  return nodes
    .filter((_, i) => !(i > 0 && isList(nodes[i - 1])) && !(i > 1 && isList(nodes[i - 2])))
    .map(({ element }) => element.name)
    .join('.');
}

function checkClaims(chunks: readonly ColumnMetaData[], name: string, column: string): void {
  let values = 0;
  let packedBytes = 0;
  for (const chunk of chunks) {
    values += Number(chunk.num_values);
    packedBytes += Number(chunk.total_compressed_size);
    if (!(chunk.num_values >= 0)) throw damaged(name, `column ${column} claims ${chunk.num_values} values`);
  }
  if (values > SUSPICIOUS_VALUES && values > SUSPICIOUS_RATIO * packedBytes) {
    throw damaged(name, `column ${column} claims ${values} values in ${packedBytes} bytes, which no real column does`);
  }
}
