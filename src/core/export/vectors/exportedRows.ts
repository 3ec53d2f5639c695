import type { Matrix } from '../../linalg/matrix';
import { IsoscopeError } from '../../protocol/errors';

/** Vectors with what they belong to. */
export interface ExportedRows {
  /** shape [N, d] */
  readonly vectors: Matrix;
  /** line of each row in its file, from 0; `null` where there is no text */
  readonly lines: Uint32Array | null;
  /** of each row; `null` where there is no text */
  readonly sentences: readonly string[] | null;
}

/** @throws IsoscopeError `input` where lines or sentences are not one per row */
export function requireAligned({ vectors, lines, sentences }: ExportedRows): void {
  for (const [what, count] of [
    ['lines', lines?.length],
    ['sentences', sentences?.length],
  ] as const) {
    if (count === undefined || count === vectors.rows) continue;
    throw new IsoscopeError(
      'input',
      `${count} ${what} do not belong to ${vectors.rows} vectors: there must be one per row.`,
    );
  }
}
