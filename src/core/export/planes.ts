import { breathe } from '../geometry/breathe';
import { IsoscopeError } from '../protocol/errors';
import type { Views } from '../protocol/views';
import { decimalText } from './vectors/decimalText';

/** Rows between two looks at the signal. */
const ROWS_AT_ONCE = 2000;

/**
 * The drawn planes as CSV (RFC 4180, UTF-8, line feeds): row (from 0), line (from 1), x and y before and after the transform, text. The columns after it are empty where
 * there is no transform. Of a corpus that is drawn as a sample, the rows of the sample.
 * @param lines of all rows, from 0; `null` = row by row
 * @param sentences of all rows; `null` where there is no text
 * @throws IsoscopeError `input` where the rows of a plane are not in the corpus; AbortError
 */
export async function* planesCsv(
  {
    shownRows,
    raw,
    transformed,
  }: Pick<Views, 'shownRows'> & {
    readonly raw: Pick<Views['raw'], 'plane'>;
    readonly transformed: Pick<Views['raw'], 'plane'> | null;
  },
  lines: Uint32Array | null,
  sentences: readonly string[] | null,
  signal?: AbortSignal,
): AsyncGenerator<string> {
  const count = raw.plane.length / 2;
  const rowOf = (index: number) => shownRows?.[index] ?? index;
  const least = count === 0 ? 0 : rowOf(count - 1) + 1;
  if ((shownRows !== null && shownRows.length !== count) || (sentences !== null && sentences.length < least)) {
    throw new IsoscopeError('input', 'The plane and the corpus do not belong together: analyze it again.');
  }
  yield 'row,line,x_before,y_before,x_after,y_after,text\n';
  for (let start = 0; start < count; start += ROWS_AT_ONCE) {
    await breathe(signal);
    let text = '';
    for (let index = start; index < Math.min(start + ROWS_AT_ONCE, count); index++) {
      const row = rowOf(index);
      const after = transformed === null ? ',' : pointText(transformed.plane, index);
      text += `${row},${(lines?.[row] ?? row) + 1},${pointText(raw.plane, index)},${after},${quoted(sentences?.[row] ?? '')}\n`;
    }
    yield text;
  }
}

function pointText(plane: Float32Array, index: number): string {
  return `${decimalText(plane[2 * index])},${decimalText(plane[2 * index + 1])}`;
}

/** Always in quotation marks, those within it doubled: commas and line ends are then part of the text. */
function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}
