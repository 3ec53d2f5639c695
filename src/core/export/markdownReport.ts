import type { CosineHistogram } from '../protocol/views';
import type { Report } from '../protocol/webviewProtocol';
import { tabulateCosines } from './cosineShares';
import { describeEncoder, describeFit, tabulateGeometry } from './geometryTable';
import { formatCount, formatDuration, formatShare, formatStretchEnd } from './numberText';

/**
 * The report as Markdown (GitHub's tables): verdict, what was measured, the numbers raw and transformed, the cosine histogram, notes.
 * Text of the user's (file names) is escaped: it is never markup.
 */
export function renderMarkdownReport({ title, verdict, snapshot, views }: Report): string {
  const { corpus, transform, notes, timing } = snapshot;
  const fit = describeFit(snapshot);
  const hasAfter = snapshot.transformed !== null;
  const lines = [
    `# ${escapeMarkdown(title)}`,
    '',
    escapeMarkdown(verdict),
    '',
    `- Corpus: ${escapeMarkdown(corpus.source)}, ${formatCount(corpus.count)} rows` +
      (corpus.duplicates > 0 ? `, ${formatCount(corpus.duplicates)} repeat an earlier one` : ''),
    `- Encoder: ${escapeMarkdown(describeEncoder(snapshot))}`,
    ...(fit === null ? [] : [`- Transform: ${escapeMarkdown(fit)}`]),
    `- Seed ${snapshot.seed}; ${snapshot.tool}; ${snapshot.created}; ${formatDuration(timing.totalMs)}`,
    '',
    '## Numbers',
    '',
    ...table(
      ['', 'raw', ...(hasAfter ? [escapeMarkdown(transform.spec)] : [])],
      tabulateGeometry(snapshot).map((row) => [
        row.label,
        row.raw,
        ...(row.transformed === null ? [] : [row.transformed]),
      ]),
    ),
    '',
    '## Cosines of random pairs',
    '',
    ...histogram(views.raw.cosines, views.transformed?.cosines ?? null, transform.spec),
  ];
  if (notes.length > 0) {
    lines.push('', '## Notes', '', ...notes.map((note) => `- ${escapeMarkdown(note.message)}`));
  }
  return `${lines.join('\n')}\n`;
}

/** Backslashes before what Markdown or HTML would read as markup; line ends become spaces. */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/[\r\n]+/g, ' ')
    .replace(/[\\`*_{}[\]<>#|~!&]/g, (character) => (character === '&' ? '&amp;' : `\\${character}`));
}

function histogram(raw: CosineHistogram, after: CosineHistogram | null, spec: string): readonly string[] {
  const rows = tabulateCosines(after === null ? [raw] : [raw, after]).map(({ low, high, shares }) => [
    `${formatStretchEnd(low)} to ${formatStretchEnd(high)}`,
    ...shares.map(formatShare),
  ]);
  if (rows.length === 0) return ['There are no pairs.'];
  return table(['cosine', 'raw', ...(after === null ? [] : [escapeMarkdown(spec)])], rows);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, i) => (i === 0 ? '---' : '---:'))), ...rows.map(line)];
}
