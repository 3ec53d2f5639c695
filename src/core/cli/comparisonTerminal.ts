import type { ComparisonReport, ComparisonTable } from '../export/comparisonReport';
import { type TerminalStyle, toAscii, withoutControls, wrap } from './terminal';

const INDENT = '  ';

/** A comparison for a terminal. Ends with a line feed. */
export function renderComparison({ title, sides, tables, notes }: ComparisonReport, style: TerminalStyle): string {
  const bold = (text: string): string => (style.color && text !== '' ? `\x1b[1m${text}\x1b[22m` : text);
  const lines = [
    ...paragraph(`Isoscope · ${title}`, style).map(bold),
    ...sides.flatMap((side, i) => paragraph(`${'AB'[i]}: ${side}`, style, '   ')),
    '',
    ...tables.flatMap((table) => [...renderTable(table, style, bold), '']),
  ];
  if (notes.length > 0) {
    lines.push(bold('Notes'));
    for (const { message } of notes) {
      const [first, ...rest] = wrap(withoutControls(message), style.width - 4);
      lines.push(`${INDENT}• ${first}`, ...rest.map((line) => `${INDENT}  ${line}`));
    }
    lines.push('');
  }
  const text = `${lines.map((line) => line.trimEnd()).join('\n').trimEnd()}\n`; // prettier-ignore
  return style.unicode ? text : toAscii(text);
}

/** Columns are right-aligned; in a narrow terminal a label gets a line of its own. */
function renderTable({ title, head, rows }: ComparisonTable, { width }: TerminalStyle, bold: (text: string) => string) {
  const all = [['', ...head], ...rows];
  const widths = all[0].map((_, column) => Math.max(...all.map((row) => row[column].length)));
  const total = widths.reduce((sum, columnWidth) => sum + INDENT.length + columnWidth, 0);
  const isNarrow = total > width;
  const cells = (row: readonly string[]): string =>
    row.slice(1).map((cell, i) => `${INDENT}${cell.padStart(widths[i + 1])}`).join(''); // prettier-ignore
  const label = (row: readonly string[]): string => `${INDENT}${row[0].padEnd(isNarrow ? 0 : widths[0])}`;
  const lines = [bold(title)];
  if (head.some((name) => name !== '')) lines.push(bold(`${label([''])}${cells(['', ...head])}`));
  for (const row of rows) {
    if (isNarrow) lines.push(label(row), `${INDENT}${cells(row)}`);
    else lines.push(label(row) + cells(row));
  }
  return lines;
}

function paragraph(text: string, { width }: TerminalStyle, indent = ''): readonly string[] {
  const [first, ...rest] = wrap(withoutControls(text), width - indent.length);
  return [first, ...rest.map((line) => indent + line)];
}
