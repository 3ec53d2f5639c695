import { breathe } from '../../geometry/breathe';
import { decimalText } from './decimalText';
import { type ExportedRows, requireAligned } from './exportedRows';

/** Rows between two looks at the signal. */
const ROWS_AT_ONCE = 500;

/**
 * vectors.tsv of the TensorFlow Embedding Projector: one row a line, numbers parted by tabs, no header.
 * @throws AbortError when cancelled
 */
export async function* projectorVectors({ vectors }: ExportedRows, signal?: AbortSignal): AsyncGenerator<string> {
  const { data, rows, columns } = vectors;
  for (let start = 0; start < rows; start += ROWS_AT_ONCE) {
    await breathe(signal);
    let text = '';
    for (let row = start; row < Math.min(start + ROWS_AT_ONCE, rows); row++) {
      const numbers = data.subarray(row * columns, (row + 1) * columns);
      text += `${Array.from(numbers, decimalText).join('\t')}\n`;
    }
    yield text;
  }
}

/**
 * metadata.tsv: a header and, for each vector, its row (from 0), its line (from 1) and its text. The Projector knows no quotation marks and no escapes: what would end a
 * cell or a line becomes a space, and everything else stays.
 */
export async function* projectorMetadata(exported: ExportedRows, signal?: AbortSignal): AsyncGenerator<string> {
  requireAligned(exported);
  const { vectors, lines, sentences } = exported;
  // The Projector takes a first line for a header where there are several columns.
  yield 'row\tline\ttext\n';
  for (let start = 0; start < vectors.rows; start += ROWS_AT_ONCE) {
    await breathe(signal);
    let text = '';
    for (let row = start; row < Math.min(start + ROWS_AT_ONCE, vectors.rows); row++) {
      text += `${row}\t${(lines?.[row] ?? row) + 1}\t${cellText(sentences?.[row] ?? '')}\n`;
    }
    yield text;
  }
}

/** Tabs, line ends and other control characters as single spaces; the separators of Unicode end a line in some readers. */
function cellText(text: string): string {
  // eslint-disable-next-line no-control-regex -- they are what is looked for
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ');
}
