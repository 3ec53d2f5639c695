import type { Neighbour } from '../protocol/engineProtocol';
import { IsoscopeError } from '../protocol/errors';
import type { NeighbourChangeEntry, NeighbourDiff } from '../protocol/lab';
import type { Analysis } from './analysis';
import { neighboursOf, readCosine } from './similarity';

const MOST_NEIGHBOURS = 1000;

/**
 * How the k nearest of a row change from the raw to the transformed space, by cosine in the full dimension; each neighbour with its cosine and percentile
 * in both. Without a transform nothing is lost or gained.
 * @throws IsoscopeError `usage` for a row or k that does not exist
 */
export function diffNeighbours(analysis: Analysis, row: number, k: number): NeighbourDiff {
  if (!Number.isInteger(k) || k < 1 || k > MOST_NEIGHBOURS) {
    throw new IsoscopeError('usage', `Compare 1 to ${String(MOST_NEIGHBOURS)} neighbours, not ${String(k)}.`);
  }
  const { raw, transformed } = analysis;
  const found = neighboursOf(analysis, row, k);
  const before = ranksOf(found.raw);
  const after = found.transformed ? ranksOf(found.transformed) : before;
  const entry = (other: number): NeighbourChangeEntry => ({
    row: other,
    rawRank: before.get(other) ?? null,
    transformedRank: after.get(other) ?? null,
    raw: readCosine(raw, row, other),
    transformed: transformed && readCosine(transformed, row, other),
  });
  const lost = [...before.keys()].filter((other) => !after.has(other)).map(entry);
  const gained = [...after.keys()].filter((other) => !before.has(other)).map(entry);
  const kept = [...after.keys()].filter((other) => before.has(other)).map(entry);
  const either = kept.length + lost.length + gained.length;
  return { row, k, jaccard: either === 0 ? null : kept.length / either, lost, gained, kept };
}

/** Rank from 1 by row, in the order of the ranks. */
function ranksOf(neighbours: readonly Neighbour[]): Map<number, number> {
  return new Map(neighbours.map((neighbour, at) => [neighbour.row, at + 1]));
}
