import type { Note } from '../protocol/snapshot';
import type { WhiteningSpec } from './spec';

/** What the warnings of one whitening stand on. */
interface WhiteningFacts {
  readonly spec: WhiteningSpec;
  readonly count: number;
  readonly dimension: number;
  /** directions that carry variance */
  readonly rank: number;
  /** components kept */
  readonly columns: number;
  /** of the kept components over the fitted rows; `null` where not known */
  readonly variances: Float64Array | null;
}

/** Rows per dimension below which a covariance is too uncertain to invert (science.md's rule). */
const ROWS_PER_DIMENSION = 5;
/** Variances of the whitened components that differ by less are as good as equal. */
const NEARLY_EQUAL = 1.1;

/**
 * What a reader must know before trusting a whitening:
 * - `noise`: N rows span at most N − 1 directions; with all of those whitened the rows are the corners of a simplex and
 *   every pair has the same cosine, whatever the text;
 * - `small-sample`: fewer than 5 rows per dimension;
 * - `rank-deficient`: directions without variance, which are left out.
 */
export function notesOnWhitening(facts: WhiteningFacts): Note[] {
  const notes: Note[] = [];
  if (isNoise(facts)) notes.push(noiseNote(facts));
  else if (facts.count < ROWS_PER_DIMENSION * facts.dimension) notes.push(smallSampleNote(facts));
  // Too few rows say more of a missing rank than the space does.
  if (facts.rank < facts.dimension && facts.count > facts.dimension) notes.push(rankNote(facts));
  return notes;
}

function isNoise({ spec, count, rank, columns, variances }: WhiteningFacts): boolean {
  if (columns < rank || rank < count - 1) return false;
  if (variances !== null) {
    // The rows' own variances after shrinkage, ε and γ: soft settings leave them unequal, and then something is left to see.
    const spanned = variances.slice(0, count - 1);
    return Math.max(...spanned) <= NEARLY_EQUAL * Math.min(...spanned);
  }
  return spec.shrinkage === 'none' && spec.eps === 0 && spec.gamma === 1;
}

function noiseNote({ spec, count, dimension }: WhiteningFacts): Note {
  const cosine = spec.beta === 1 ? `−1/(N − 1) = ${(-1 / (count - 1)).toPrecision(3)}` : 'the same';
  const clause = spec.beta === 1 ? `exactly ${cosine}` : cosine;
  return {
    code: 'noise',
    message:
      `${String(count)} rows in ${String(dimension)} dimensions can be whitened into a simplex: every two of them get the cosine ` +
      `${clause}, whatever they say, so the result is noise. ${proposal(count)}`,
    keys: ['transformed'],
  };
}

function smallSampleNote({ spec, count, dimension, columns }: WhiteningFacts): Note {
  const isSoft = spec.shrinkage !== 'none' || spec.eps > 0 || spec.gamma < 1;
  const rows = `${String(count)} rows are fewer than 5 per dimension (d = ${String(dimension)})`;
  return {
    code: 'small-sample',
    message:
      isSoft || ROWS_PER_DIMENSION * columns <= count
        ? `${rows}: the fit is uncertain, so judge it on rows that it has not seen.`
        : `${rows}: whitening blows up small variances that so few rows cannot measure. ${proposal(count)}`,
    keys: ['transformed'],
  };
}

function rankNote({ spec, dimension, rank, columns }: WhiteningFacts): Note {
  const without = dimension - rank;
  const asked = spec.k !== null && spec.k > columns ? `; k=${String(spec.k)} gives ${String(columns)} columns` : '';
  return {
    code: 'rank-deficient',
    message:
      `${String(without)} of ${String(dimension)} directions carry${without === 1 ? 'ies' : ''} no variance (λ ≤ 1e-12·λ1)` +
      `${spec.eps > 0 ? ': only eps keeps them from being divided by 0' : ' and are left out'}${asked}.`,
    keys: ['transformed'],
  };
}

function proposal(count: number): string {
  const k = Math.floor(count / ROWS_PER_DIMENSION);
  return `Keep ${k >= 1 ? `k=${String(k)} components or fewer` : 'fewer components'}, or use shrinkage=lw, or gamma=0.5.`;
}
