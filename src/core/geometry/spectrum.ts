import { countRank } from './rank';

/*
 * Functions of λ: the eigenvalues of a covariance, descending, ≥ 0, length d. Those that count as 0 (rank.ts) are taken as 0 throughout: the rounding
 * left in null directions is 1e-17·λ1, but its root is 3e-9·σ1, and hundreds of those show in an entropy.
 * `null` where λ1 = 0 (nothing varies) or d = 0, unless said otherwise.
 */

/** Σλ; 0 where nothing varies. */
export function totalVariance(values: Float64Array): number {
  // From the small ones up: least rounding.
  let sum = 0;
  for (let i = values.length - 1; i >= 0; i--) sum += values[i];
  return sum;
}

/** exp(H(p)), p = σ/Σσ, σ = √λ the singular values (Roy & Vetterli 2007). Of the eigenvalues it would be another number. */
export function effectiveRank(values: Float64Array): number | null {
  const deviations = countedValues(values).map(Math.sqrt);
  if (deviations.length === 0) return null;
  const total = deviations.reduce((sum, deviation) => sum + deviation, 0);
  let entropy = 0;
  for (const deviation of deviations) {
    const share = deviation / total;
    entropy -= share * Math.log(share);
  }
  return Math.exp(entropy);
}

/** (Σλ)²/Σλ² */
export function participationRatio(values: Float64Array): number | null {
  if (values.length === 0 || values[0] === 0) return null;
  const largest = values[0];
  // Of λ/λ1: squares of variances can leave float64 where variances do not.
  const shares = values.map((value) => value / largest);
  const squares = shares.reduceRight((sum, share) => sum + share * share, 0);
  return totalVariance(shares) ** 2 / squares;
}

/** (participation ratio − 1)/(d − 1): what IsoScore (Rudman et al. 2022) is. `null` for d = 1 too. */
export function isoScore(values: Float64Array): number | null {
  const ratio = participationRatio(values);
  return ratio === null || values.length < 2 ? null : (ratio - 1) / (values.length - 1);
}

/** Σλ/λ1 */
export function stableRank(values: Float64Array): number | null {
  return values.length === 0 || values[0] === 0 ? null : totalVariance(values) / values[0];
}

/** λ1/λd; `null` when λd counts as 0. */
export function conditionNumber(values: Float64Array): number | null {
  const rank = countRank(values);
  return rank === 0 || rank < values.length ? null : values[0] / values[values.length - 1];
}

/** The smallest k whose first k components hold `share` of the variance. */
export function componentsFor(values: Float64Array, share: number): number | null {
  if (values.length === 0 || values[0] === 0) return null;
  // Where k equal eigenvalues hold exactly the share, rounding must not ask for one more.
  const wanted = share * totalVariance(values) * (1 - 1e-12);
  let sum = 0;
  for (let k = 0; k < values.length; k++) {
    sum += values[k];
    if (sum >= wanted) return k + 1;
  }
  return values.length;
}

/** −slope of log λ on log rank, ordinary least squares over the ranks whose λ does not count as 0; `null` for fewer than two of them. */
export function decayExponent(values: Float64Array): number | null {
  const logs = countedValues(values).map(Math.log);
  const n = logs.length;
  if (n < 2) return null;
  const logRanks = logs.map((_, i) => Math.log(i + 1));
  const meanLog = logs.reduce((sum, value) => sum + value, 0) / n;
  const meanLogRank = logRanks.reduce((sum, value) => sum + value, 0) / n;
  let product = 0;
  let square = 0;
  for (let i = 0; i < n; i++) {
    product += (logRanks[i] - meanLogRank) * (logs[i] - meanLog);
    square += (logRanks[i] - meanLogRank) ** 2;
  }
  return -product / square;
}

function countedValues(values: Float64Array): Float64Array {
  return values.slice(0, countRank(values));
}
