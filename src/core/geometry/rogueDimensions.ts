import type { Moments } from './moments';
import type { RogueDimension } from '../protocol/snapshot';
import { cosineContributions } from './anisotropy';

const SHOWN = 10;
/** Of the sum of the sizes of all contributions: an average cosine below it is rounding. */
const AVERAGE_ROUNDING = 1e-12;

/**
 * Signed share of each dimension in the average cosine. `null` when there is no pair, or when the average cosine is 0 but for rounding: nothing has a
 * share of nothing.
 * @returns length d, sum 1
 */
export function cosineShares(moments: Moments): Float64Array | null {
  const contributions = cosineContributions(moments);
  if (!contributions) return null;
  const average = contributions.reduce((sum, value) => sum + value, 0);
  const sizes = contributions.reduce((sum, value) => sum + Math.abs(value), 0);
  return Math.abs(average) <= AVERAGE_ROUNDING * sizes ? null : contributions.map((value) => value / average);
}

/**
 * The ten dimensions with the largest signed share of the average cosine (Timkey & van Schijndel 2021), largest first, equal ones by number.
 * `null` where there are no shares.
 */
export function rogueDimensions(moments: Moments): RogueDimension[] | null {
  const shares = cosineShares(moments);
  if (!shares) return null;
  return Array.from(shares, (share, dimension) => ({ dimension, share }))
    .sort((a, b) => b.share - a.share || a.dimension - b.dimension)
    .slice(0, SHOWN);
}
