/** Findings about LINES of one analysis (its raw space), most serious kind first. Plain data. */
export interface Findings {
  readonly kinds: readonly FindingsOfKind[];
  /** what could not be looked for, and why */
  readonly notes: readonly { readonly code: string; readonly message: string }[];
}

/** All findings of one kind; a kind without any is left out. */
export interface FindingsOfKind {
  readonly kind: FindingKind;
  /** findings in all: `count - findings.length` of them are not listed */
  readonly count: number;
  /** rows that any of them speaks of */
  readonly rowCount: number;
  /** those that matter most first, at most `MOST_FINDINGS` */
  readonly findings: readonly Finding[];
}

/** In the order of their seriousness. */
export const findingKinds = [
  /** no vector to speak of: length 0 */
  'zero-vector',
  /** cut at the encoder's maximum length */
  'truncated',
  /** words that the vocabulary of a static encoder does not have */
  'unknown-words',
  /** the same sentence (without text: the same vector) in several rows */
  'duplicate',
  /** nearly the same sentence, or nearly the same vector */
  'near-duplicate',
  /** far from its neighbours, which are near to each other (local outlier factor) */
  'outlier',
  /** among the nearest of very many others */
  'hub',
  /** one dimension holds most of what tells the row from the mean */
  'dominated',
  /** among the nearest of nobody */
  'anti-hub',
] as const;
export type FindingKind = (typeof findingKinds)[number];

/** Findings of a kind, and rows of a finding, that are listed at most. */
export const MOST_FINDINGS = 200;
export const MOST_FINDING_ROWS = 100;

export interface Finding {
  readonly kind: FindingKind;
  /** rows concerned, from 0, at most `MOST_FINDING_ROWS`; the first is the one to go to */
  readonly rows: readonly number[];
  /** rows concerned in all */
  readonly rowCount: number;
  /**
   * How much it matters, in the measure of its kind: rows of the group (duplicate), least cosine that ties the group (near-duplicate), local outlier
   * factor (outlier), 10-occurrence (hub), cosine with the nearest row (anti-hub), share of the squared length (dominated), characters (truncated);
   * `null` where there is none
   */
  readonly value: number | null;
  /** the dimension, from 0 (dominated) */
  readonly dimension?: number;
  /** one sentence, in pieces; rows other than the first as places */
  readonly message: readonly MessagePiece[];
}

/** Text as it stands, or a row that is shown as the number of its line (and may be a link). */
export type MessagePiece = string | { readonly row: number };
