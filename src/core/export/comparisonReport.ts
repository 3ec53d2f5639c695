import type { ComparedNumber } from '../comparison/compareSnapshots';
import type { SpaceComparison } from '../protocol/comparison';
import type { Note } from '../protocol/snapshot';
import { escapeMarkdown } from './markdownReport';
import { formatCosine, formatCount, formatNumber, NOTHING } from './numberText';

/** A comparison as tables of text, for the terminal and for Markdown. */
export interface ComparisonReport {
  readonly title: string;
  /** what A and B are */
  readonly sides: readonly [string, string];
  readonly tables: readonly ComparisonTable[];
  readonly notes: readonly Note[];
}

export interface ComparisonTable {
  readonly title: string;
  /** of the columns after the first */
  readonly head: readonly string[];
  /** label, then one text per column */
  readonly rows: readonly (readonly string[])[];
}

/** Float32 rows leave about 1e-7. */
const ROUNDING = 1e-7;
/** A residual is a square: that of float32 rounding is 1e-14. */
const RESIDUAL_ROUNDING = 1e-12;
/** Rows that are named as those whose neighbours change most. */
const NAMED_ROWS = 20;

const PART_TITLES: Readonly<Record<string, string>> = {
  raw: 'Raw',
  transformed: 'Transformed',
  text: 'What the text explains',
  comparison: 'Transformed beside raw',
};

/** One table per part of the snapshots that both of them have. */
export function tabulateSnapshots(numbers: readonly ComparedNumber[]): readonly ComparisonTable[] {
  const parts = new Set(numbers.flatMap(({ key, difference }) => (difference === null ? [] : [key.split('.')[0]])));
  return Array.from(parts, (part) => ({
    title: PART_TITLES[part] ?? part,
    head: ['A', 'B', 'difference'],
    rows: numbers
      .filter(({ key }) => key.startsWith(`${part}.`))
      .map(({ key, a, b, difference }) => [
        key.slice(part.length + 1),
        formatNumber(a, roundingOf(numbers, key, 'a')),
        formatNumber(b, roundingOf(numbers, key, 'b')),
        formatDifference(difference),
      ]),
  }));
}

/** What of a number is rounding: lengths near 0 are differences of lengths of the size of the vectors'. */
function roundingOf(numbers: readonly ComparedNumber[], key: string, side: 'a' | 'b'): number {
  const [part, name] = key.split('.');
  if (name === 'procrustes') return RESIDUAL_ROUNDING;
  if (name !== 'normStd' && name !== 'meanVectorNorm') return 0;
  return ROUNDING * (numbers.find((number) => number.key === `${part}.meanNorm`)?.[side] ?? 0);
}

/** Two spaces of the same rows. @param jaccards of each row; NaN = none */
export function tabulateSpaces(comparison: SpaceComparison, jaccards: Float64Array): readonly ComparisonTable[] {
  const { neighbours, linearCka, procrustes, rsa } = comparison;
  const measures = {
    title: 'How alike the spaces are',
    head: ['', 'over'],
    rows: [
      [
        'Neighbours shared, mean Jaccard of 10 nearest',
        formatCosine(neighbours?.meanJaccard),
        count(neighbours?.count, 'rows'),
      ],
      ['Linear CKA, debiased', formatCosine(linearCka?.debiased), count(comparison.count, 'rows')],
      ['Linear CKA, biased', formatCosine(linearCka?.biased), count(comparison.count, 'rows')],
      [
        'Procrustes residual (0 = equal but for rotation and scale)',
        formatNumber(procrustes, RESIDUAL_ROUNDING),
        count(comparison.count, 'rows'),
      ],
      ['RSA: Spearman of the cosines', formatCosine(rsa?.spearman), count(rsa?.count, 'pairs')],
    ],
  };
  const changed = mostChanged(jaccards);
  if (changed.length === 0) return [measures];
  const rows = changed.map(({ row, jaccard }) => [formatCount(row + 1), formatCosine(jaccard)]);
  return [measures, { title: 'Rows whose neighbours change most (from 1)', head: ['shared'], rows }];
}

/** The rows that share the fewest neighbours, fewest first; none where no row changes. */
function mostChanged(jaccards: Float64Array): { row: number; jaccard: number }[] {
  return Array.from(jaccards, (jaccard, row) => ({ row, jaccard }))
    .filter(({ jaccard }) => jaccard < 1)
    .sort((a, b) => a.jaccard - b.jaccard || a.row - b.row)
    .slice(0, NAMED_ROWS);
}

export function renderComparisonMarkdown({ title, sides, tables, notes }: ComparisonReport): string {
  const lines = [`# ${escapeMarkdown(title)}`, '', ...sides.map((side, i) => `- ${'AB'[i]}: ${escapeMarkdown(side)}`)];
  for (const { title: name, head, rows } of tables) {
    lines.push('', `## ${name}`, '', rowOf(['', ...head]), rowOf(['---', ...head.map(() => '---:')]));
    for (const row of rows) lines.push(rowOf(row.map(escapeMarkdown)));
  }
  if (notes.length > 0) lines.push('', '## Notes', '', ...notes.map(({ message }) => `- ${escapeMarkdown(message)}`));
  return `${lines.join('\n')}\n`;
}

function rowOf(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

/** With its sign; 0 has none. */
function formatDifference(difference: number | null): string {
  const text = formatNumber(difference);
  return difference !== null && difference > 0 ? `+${text}` : text;
}

function count(value: number | undefined, noun: string): string {
  return value === undefined ? NOTHING : `${formatCount(value)} ${noun}`;
}
