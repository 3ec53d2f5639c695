import type { Analysis } from '../analysis/analysis';
import type { Surface } from '../analysis/surface';
import { countOccurrences, HUBNESS_K } from '../geometry/hubness';
import { localOutlierFactors } from '../geometry/outliers';
import { rowNorms } from '../geometry/rowNorms';
import { quantileOf } from '../geometry/similarityDistribution';
import { sentenceLengths } from '../geometry/textStatistics';
import type { StepProgress } from '../protocol/engineProtocol';
import {
  findingKinds,
  MOST_FINDINGS,
  type Finding,
  type FindingKind,
  type Findings,
  type FindingsOfKind,
} from '../protocol/findings';
import { findDominatedLines } from './dominatedLines';
import * as describe from './findingMessages';
import { repeatedRows, sameRows, type RowSets } from './lineGroups';
import { lineNeighbours, type LineNeighbours } from './lineNeighbours';
import { findNearDuplicates, nearThreshold } from './nearDuplicates';

export interface FindOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: StepProgress) => void) | undefined;
}

/** A line among the nearest of so many times as many others as the average is a hub. */
const HUB_TIMES = 5;
/** Local outlier factors from which on a line stands outside: scikit-learn's own offset. */
const OUTLIER_FACTOR = 1.5;
/** Notes of encoders that speak of words they do not know, with rows. */
const UNKNOWN_WORD_NOTES: ReadonlySet<string> = new Set(['no-known-word', 'out-of-vocabulary', 'unknown-words']);
const STEPS = 4;

/**
 * What is wrong with which lines of an analysis, in its raw space. Most of the time nothing has to be searched for anew: O(N) beside what the analysis
 * holds; where lines are repeated often, their nearest others once more, O(N²d).
 * @throws AbortError when cancelled (checked between pieces of work)
 */
export async function findLines(analysis: Analysis, { signal, onProgress }: FindOptions = {}): Promise<Findings> {
  const { raw, sentences, products } = analysis;
  const { matrix } = raw;
  const step = (done: number): void => onProgress?.({ done, total: STEPS });
  step(0);
  const same = sameRows(matrix, sentences);
  const near = await lineNeighbours(matrix, raw.neighbours, same, products, signal);
  step(1);
  const median = medianOfUnlike(analysis.surface, same);
  const nearGroups = await findNearDuplicates(near, same, sentences, nearThreshold(median), median, signal);
  step(2);
  const unknown = unknownWordRows(analysis);
  const found: Finding[] = [
    ...zeroVectors(analysis, new Set(unknown)),
    ...truncatedLines(analysis),
    ...unknown.map(describe.unknownWords),
    ...duplicates(analysis),
    ...nearGroups.map(describe.nearDuplicate),
    ...outliers(near, matrix.rows),
  ];
  step(3);
  const dominated = await findDominatedLines(matrix, raw.moments.mean, signal);
  found.push(...hubsAndAntiHubs(analysis), ...dominated.map(describe.dominated));
  step(4);
  return { kinds: byKind(found), notes: notesOn(analysis) };
}

/** The floor without the pairs of repeated lines, which would raise it to 1; 0 where there is none. */
function medianOfUnlike({ pairs: { first, second }, rawCosines }: Surface, same: RowSets): number {
  const unlike = rawCosines.filter(
    (cosine, pair) => !Number.isNaN(cosine) && same.find(first[pair]) !== same.find(second[pair]),
  );
  return unlike.length === 0 ? 0 : quantileOf(unlike.sort(), 0.5);
}

function zeroVectors({ raw }: Analysis, explained: ReadonlySet<number>): Finding[] {
  if (raw.moments.unitCount === raw.moments.count) return [];
  const rows: number[] = [];
  rowNorms(raw.matrix).forEach((norm, row) => {
    if (norm === 0 && !explained.has(row)) rows.push(row);
  });
  return rows.map(describe.zeroVector);
}

function truncatedLines({ truncatedRows, sentences, encoder }: Analysis): Finding[] {
  const lengths = sentences && sentenceLengths(Array.from(truncatedRows, (row) => sentences[row]));
  return Array.from(truncatedRows, (row, at) => describe.truncated(row, lengths?.[at] ?? null, encoder.maxTokens));
}

function unknownWordRows({ notes }: Analysis): number[] {
  const rows = notes.flatMap((note) => (UNKNOWN_WORD_NOTES.has(note.code) ? (note.rows ?? []) : []));
  return [...new Set(rows)];
}

function duplicates({ raw: { matrix }, sentences }: Analysis): Finding[] {
  const groups = repeatedRows(matrix, sentences).groups();
  return Array.from(groups.values(), (rows) => describe.duplicate(rows, sentences !== null));
}

function outliers({ neighbours, rows }: LineNeighbours, rowCount: number): Finding[] {
  const { k } = neighbours;
  if (k < HUBNESS_K) return [];
  const factors = localOutlierFactors(neighbours, rows?.length ?? rowCount);
  const found: Finding[] = [];
  const rowAt = (position: number): number => (rows ? rows[position] : position);
  factors.forEach((factor, position) => {
    if (!(factor > OUTLIER_FACTOR)) return;
    const nearest = rowAt(neighbours.rows[position * k]);
    found.push(describe.outlier(rowAt(position), factor, nearest, neighbours.cosines[position * k]));
  });
  return found;
}

function hubsAndAntiHubs({ raw: { neighbours, matrix } }: Analysis): Finding[] {
  const { k } = neighbours;
  if (k < HUBNESS_K) return [];
  const found: Finding[] = [];
  countOccurrences(neighbours, matrix.rows).forEach((count, row) => {
    const nearest = neighbours.rows[row * k];
    if (nearest < 0) return;
    if (count >= HUB_TIMES * k) found.push(describe.hub(row, count, k));
    else if (count === 0) found.push(describe.antiHub(row, nearest, neighbours.cosines[row * k], k));
  });
  return found;
}

function byKind(found: readonly Finding[]): FindingsOfKind[] {
  return findingKinds.flatMap((kind) => {
    const all = found.filter((finding) => finding.kind === kind).sort(ORDER[kind]);
    if (all.length === 0) return [];
    const rowCount = all.reduce((sum, finding) => sum + finding.rowCount, 0);
    return [{ kind, count: all.length, rowCount, findings: all.slice(0, MOST_FINDINGS) }];
  });
}

const byRow = (a: Finding, b: Finding): number => a.rows[0] - b.rows[0];
const largestFirst = (a: Finding, b: Finding): number => (b.value ?? 0) - (a.value ?? 0) || byRow(a, b);
const smallestFirst = (a: Finding, b: Finding): number => (a.value ?? 0) - (b.value ?? 0) || byRow(a, b);

/** What matters most comes first. */
const ORDER: Readonly<Record<FindingKind, (a: Finding, b: Finding) => number>> = {
  'zero-vector': byRow,
  truncated: largestFirst,
  'unknown-words': byRow,
  duplicate: largestFirst,
  'near-duplicate': (a, b) => b.rowCount - a.rowCount || largestFirst(a, b),
  outlier: largestFirst,
  hub: largestFirst,
  dominated: largestFirst,
  'anti-hub': smallestFirst,
};

/** What could not be looked for. */
function notesOn({ raw, encoder }: Analysis): Findings['notes'] {
  const notes: { code: string; message: string }[] = [];
  if (raw.neighbours.k < HUBNESS_K) {
    notes.push({
      code: 'few-rows-for-neighbours',
      message: `Outliers and hubs need more than ${String(HUBNESS_K)} lines with a vector; there are ${String(raw.moments.unitCount)}.`,
    });
  }
  if (encoder.backend === 'none') {
    notes.push({
      code: 'ready-vectors',
      message: 'The vectors came ready-made: which lines were cut at the maximum length is not known.',
    });
  }
  return notes;
}
