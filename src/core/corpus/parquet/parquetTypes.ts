import type { SchemaElement } from 'hyparquet';

/** `vector`: a list of floating-point numbers in each row; the others have one value in each row. */
export type ParquetKind = 'vector' | 'float' | 'integer' | 'text' | 'boolean' | 'other';

/**
 * What a column holds, by the annotations of its leaf.
 * @param lists around the value
 */
export function describeType(
  { type, logical_type: logical, converted_type: converted }: SchemaElement,
  lists: number,
): { kind: ParquetKind; what: string } {
  const scalar = describeScalar(type, logical?.type, converted);
  if (lists === 0) return scalar;
  if (lists > 1) return { kind: 'other', what: 'lists of lists' };
  return { kind: scalar.kind === 'float' ? 'vector' : 'other', what: `lists of ${scalar.what}` };
}

function describeScalar(
  type: SchemaElement['type'],
  logical: string | undefined,
  converted: string | undefined,
): { kind: ParquetKind; what: string } {
  if (type === 'FLOAT') return { kind: 'float', what: 'float32 numbers' };
  if (type === 'DOUBLE') return { kind: 'float', what: 'float64 numbers' };
  if (logical === 'FLOAT16') return { kind: 'float', what: 'float16 numbers' };
  const special = logical ?? converted;
  if (type === 'INT32' || type === 'INT64') {
    const isPlain = special === undefined || special === 'INTEGER' || /^U?INT_/.test(special);
    return isPlain ? { kind: 'integer', what: 'integers' } : { kind: 'other', what: special.toLowerCase() };
  }
  // Writers of old leave texts without a mark.
  const isText = special === undefined || ['STRING', 'UTF8', 'ENUM', 'JSON'].includes(special);
  if (type === 'BYTE_ARRAY' && isText) return { kind: 'text', what: 'texts' };
  if (type === 'BOOLEAN') return { kind: 'boolean', what: 'booleans' };
  return { kind: 'other', what: special?.toLowerCase() ?? 'bytes' };
}
