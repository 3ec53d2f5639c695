import { formatCosine, formatCount, formatNumber, formatShare } from '../export/numberText';
import { MOST_FINDING_ROWS, type Finding, type MessagePiece } from '../protocol/findings';
import type { DominatedLine } from './dominatedLines';
import type { NearDuplicates } from './nearDuplicates';

/** Other lines that a message names. */
const NAMED_ROWS = 5;

/*
 * One finding each: what it is about, and a sentence that says it to somebody who does not know the statistic. The line itself is not named: the sentence
 * stands beside it.
 */

export function zeroVector(row: number): Finding {
  return single('zero-vector', row, null, ['The vector has length 0: no cosine, and no place among the others.']);
}

/** @param characters of the whole line; `null` where there is no text */
export function truncated(row: number, characters: number | null, maxTokens: number | null): Finding {
  const limit = maxTokens === null ? 'what the encoder takes' : `${formatCount(maxTokens)} tokens`;
  const length = characters === null ? '' : ` of the ${formatCount(characters)} characters`;
  return single('truncated', row, characters, [`Cut at ${limit}: the rest${length} is not in the vector.`]);
}

export function unknownWords(row: number): Finding {
  return single('unknown-words', row, null, ['The encoder’s vocabulary does not have the words of this line.']);
}

/** @param isText the sentences are the same; else the vectors */
export function duplicate(rows: readonly number[], isText: boolean): Finding {
  const what = isText ? 'The same sentence as in' : 'The same vector as in';
  return grouped('duplicate', rows, rows.length, [`${what} `, ...nameRows(rows.slice(1)), '.']);
}

export function nearDuplicate({ rows, cosine }: NearDuplicates): Finding {
  const how = ` (cosine ${formatCosine(cosine)}${rows.length > 2 ? ' or more' : ''}).`;
  return grouped('near-duplicate', rows, cosine, ['Says nearly the same as ', ...nameRows(rows.slice(1)), how]);
}

export function outlier(row: number, factor: number, nearest: number, cosine: number): Finding {
  const much = `Stands outside: its neighbourhood is ${formatNumber(factor)} times as thin as that of its neighbours; the nearest is `;
  return single('outlier', row, factor, [much, { row: nearest }, ` (cosine ${formatCosine(cosine)}).`]);
}

export function hub(row: number, count: number, k: number): Finding {
  const message = `Among the ${String(k)} nearest of ${formatCount(count)} lines, where ${String(k)} are the average: a search finds it for everything.`;
  return single('hub', row, count, [message]);
}

export function antiHub(row: number, nearest: number, cosine: number, k: number): Finding {
  const message = `Among the ${String(k)} nearest of no line, so that a search hardly finds it; its own nearest is `;
  return single('anti-hub', row, cosine, [message, { row: nearest }, ` (cosine ${formatCosine(cosine)}).`]);
}

export function dominated({ row, dimension, share }: DominatedLine): Finding {
  const message = `Dimension ${String(dimension)} alone holds ${formatShare(share)} of what tells this line from the mean.`;
  return { ...single('dominated', row, share, [message]), dimension };
}

function single(kind: Finding['kind'], row: number, value: number | null, message: readonly MessagePiece[]): Finding {
  return { kind, rows: [row], rowCount: 1, value, message };
}

function grouped(
  kind: Finding['kind'],
  rows: readonly number[],
  value: number,
  message: readonly MessagePiece[],
): Finding {
  return { kind, rows: rows.slice(0, MOST_FINDING_ROWS), rowCount: rows.length, value, message };
}

/** "line 4", "line 4 and line 7", "line 4, line 7 … and 12 more lines" */
function nameRows(rows: readonly number[]): MessagePiece[] {
  const named = rows.length <= NAMED_ROWS + 1 ? rows : rows.slice(0, NAMED_ROWS);
  const more = rows.length - named.length;
  const pieces = named.flatMap((row, at): MessagePiece[] => {
    if (at === 0) return [{ row }];
    return [more === 0 && at === named.length - 1 ? ' and ' : ', ', { row }];
  });
  return more > 0 ? [...pieces, ` and ${formatCount(more)} more lines`] : pieces;
}
