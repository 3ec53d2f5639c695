import { tabulateCosines } from '../export/cosineShares';
import { describeEncoder, describeFit, tabulateGeometry, type TableRow } from '../export/geometryTable';
import { formatCount, formatDuration, formatNumber, formatShare, formatStretchEnd } from '../export/numberText';
import type { SpaceView } from '../protocol/views';
import type { Report } from '../protocol/webviewProtocol';
import { drawBar, drawColumns } from './barCharts';
import { type TerminalStyle, toAscii, withoutControls, wrap } from './terminal';

/** Lines of the spectrum's chart. */
const SPECTRUM_ROWS = 5;
/** Decades that the spectrum's chart shows at most: what lies lower is drawn at its foot. */
const MOST_DECADES = 6;
const INDENT = '  ';

/** The report for a terminal: verdict, numbers raw | transformed, spectrum, cosines of random pairs, notes. Ends with a line feed. */
export function renderTerminalReport(report: Report, style: TerminalStyle): string {
  const { snapshot, views } = report;
  const { corpus, transform, notes, timing, encoder } = snapshot;
  const paint = painter(style);
  const fit = describeFit(snapshot);
  const noun = corpus.truncated === null ? 'vectors' : 'sentences';
  const lines: string[] = [
    ...paragraphs(`Isoscope · ${corpus.source} · ${formatCount(corpus.count)} ${noun}`, style).map(paint.bold),
    ...paragraphs(describeEncoder(snapshot), style).map(paint.dim),
    ...(fit === null ? [] : paragraphs(`transform ${fit}`, style).map(paint.dim)),
    '',
    ...paragraphs(report.verdict, style),
    '',
    ...numberTable(tabulateGeometry(snapshot), transform.spec, style, paint),
    '',
    ...spectrum('Spectrum, raw: share of the variance per component, log scale', views.raw, style, paint.raw, paint),
    ...(views.transformed === null
      ? []
      : spectrum(`Spectrum, ${transform.spec}`, views.transformed, style, paint.transformed, paint)),
    ...histogram(views.raw, views.transformed, transform.spec, style, paint),
  ];
  if (notes.length > 0) {
    lines.push(paint.bold('Notes'));
    for (const note of notes) {
      const [first, ...rest] = wrap(withoutControls(note.message), style.width - 4);
      lines.push(`${INDENT}• ${first}`, ...rest.map((line) => `${INDENT}  ${line}`));
    }
    lines.push('');
  }
  const encoded = timing.encodeMs > 0 ? `encoded in ${formatDuration(timing.encodeMs)}, ` : '';
  const threads = `${encoder.threads} thread${encoder.threads === 1 ? '' : 's'}`;
  lines.push(
    paint.dim(`${encoded}measured in ${formatDuration(timing.geometryMs)} on ${threads}, seed ${snapshot.seed}`),
  );
  const text = `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
  return style.unicode ? text : toAscii(text);
}

interface Painter {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly raw: (text: string) => string;
  readonly transformed: (text: string) => string;
}

function painter({ color }: TerminalStyle): Painter {
  const paint = (open: number, close: number) => (text: string) =>
    color && text !== '' ? `\x1b[${open}m${text}\x1b[${close}m` : text;
  return { bold: paint(1, 22), dim: paint(2, 22), raw: paint(33, 39), transformed: paint(36, 39) };
}

function paragraphs(text: string, { width }: TerminalStyle): readonly string[] {
  return wrap(withoutControls(text), width);
}

function numberTable(
  rows: readonly TableRow[],
  spec: string,
  { width }: TerminalStyle,
  paint: Painter,
): readonly string[] {
  const labelWidth = Math.max(...rows.map((row) => row.label.length));
  const rawWidth = Math.max(3, ...rows.map((row) => row.raw.length));
  const hasAfter = rows.some((row) => row.transformed !== null);
  const afterWidth = hasAfter ? Math.max(...rows.map((row) => row.transformed?.length ?? 0)) : 0;
  // In a narrow terminal the label gets a line of its own.
  const isNarrow = 2 + labelWidth + 2 + rawWidth + 2 + afterWidth > width;
  const head = hasAfter ? shorten(spec, Math.max(afterWidth, 11)) : '';
  const columns = (raw: string, after: string) =>
    `${INDENT}${raw.padStart(rawWidth)}${hasAfter ? INDENT + after.padStart(Math.max(afterWidth, head.length)) : ''}`;
  const space = isNarrow ? '' : ' '.repeat(labelWidth);
  const lines = [paint.bold(`${INDENT}${space}${columns('raw', head)}`)];
  for (const { label, raw, transformed } of rows) {
    if (isNarrow) lines.push(INDENT + label, `${INDENT}${columns(raw, transformed ?? '')}`);
    else lines.push(`${INDENT}${label.padEnd(labelWidth)}${columns(raw, transformed ?? '')}`);
  }
  return lines;
}

function spectrum(
  title: string,
  { eigenvalues }: SpaceView,
  style: TerminalStyle,
  color: (text: string) => string,
  paint: Painter,
): readonly string[] {
  const largest = Math.max(0, ...eigenvalues.subarray(0, 1));
  if (largest === 0) return [];
  const total = eigenvalues.reduce((sum, value) => sum + value, 0);
  const alive = eigenvalues.filter((value) => value > 1e-12 * largest);
  const decades = Math.min(MOST_DECADES, Math.max(1, Math.log10(largest / alive[alive.length - 1])));
  const axis = 11;
  const columnCount = Math.min(eigenvalues.length, style.width - INDENT.length - axis);
  const heights = new Float64Array(columnCount);
  for (let column = 0; column < columnCount; column++) {
    // The middle rank of those that share the column.
    const rank = Math.floor(((column + 0.5) * eigenvalues.length) / columnCount);
    const value = eigenvalues[rank];
    // Half a step above the foot, so that the smallest that counts is still seen.
    heights[column] = value > 1e-12 * largest ? Math.max(0.02, 1 + Math.log10(value / largest) / decades) : 0;
  }
  const label = (value: number) =>
    formatNumber(100 * value, 1e-12)
      .concat(' %')
      .padStart(axis - 2);
  const chart = drawColumns(heights, SPECTRUM_ROWS, style.unicode).map((line, row) => {
    const text =
      row === 0
        ? label(largest / total)
        : row === SPECTRUM_ROWS - 1
          ? label(largest / total / 10 ** decades)
          : ' '.repeat(axis - 2);
    return `${INDENT}${paint.dim(text)}  ${color(line)}`;
  });
  const last = formatCount(eigenvalues.length);
  const ranks = `1${last.padStart(Math.max(2 + last.length, columnCount) - 1)}`;
  return [paint.bold(title), ...chart, `${INDENT}${' '.repeat(axis)}${paint.dim(ranks)}`, ''];
}

function histogram(
  raw: SpaceView,
  after: SpaceView | null,
  spec: string,
  { width, unicode }: TerminalStyle,
  paint: Painter,
): readonly string[] {
  const stretches = tabulateCosines([raw.cosines, ...(after === null ? [] : [after.cosines])]);
  if (stretches.length === 0) return [];
  const columnCount = after === null ? 1 : 2;
  const largest = Math.max(...stretches.flatMap(({ shares }) => shares));
  const labelWidth = 16;
  const shareWidth = 8;
  const barWidth = Math.max(
    4,
    Math.min(40, Math.floor((width - INDENT.length - labelWidth) / columnCount) - shareWidth - 1),
  );
  const cell = (share: number, color: (text: string) => string) => {
    const bar = drawBar(share / largest, barWidth, unicode);
    const text = share > 0 ? formatShare(share) : '';
    return `${color(bar)}${' '.repeat(barWidth - bar.length)}${text.padStart(shareWidth)} `;
  };
  const title = `Cosines of random pairs (${formatCount(raw.cosines.randomPairCount)})`;
  const cellWidth = barWidth + shareWidth + 1;
  const head = ['raw', ...(after === null ? [] : [shorten(spec, cellWidth - 1)])].map((name) => name.padEnd(cellWidth));
  const lines = [paint.bold(title), paint.bold(`${INDENT}${' '.repeat(labelWidth)}${head.join('')}`)];
  for (const { low, high, shares } of stretches) {
    const label = `${formatStretchEnd(low).padStart(5)} to ${formatStretchEnd(high).padStart(5)}`.padEnd(labelWidth);
    const cells = shares.map((share, i) => cell(share, i === 0 ? paint.raw : paint.transformed));
    lines.push(`${INDENT}${label}${cells.join('')}`);
  }
  return [...lines, ''];
}

function shorten(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}
