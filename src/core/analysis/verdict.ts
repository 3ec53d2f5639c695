import type { FittedOn, Geometry, Snapshot } from '../protocol/snapshot';

/** Mean cosine of random pairs from which on most of the scale is used up by what all rows share. */
const HIGH_FLOOR = 0.5;
/** Below it random pairs are as good as unrelated. */
const LOW_FLOOR = 0.1;
/** Rows per fitted dimension below which a whitening mostly fits noise: the usual rule of thumb. */
const ROWS_PER_DIMENSION = 5;
/** Fewer rows describe themselves and no corpus. */
const FEW_ROWS = 20;

/**
 * What the numbers say, in a few plain sentences: the floor that a cosine must rise above, the dimensions in use, and what
 * the transform did. Only what the snapshot holds, and never "better" or "worse": there are no labels in it.
 */
export function verdictOf(snapshot: Snapshot): string {
  return (
    describeDegenerate(snapshot) ?? [describeFloor(snapshot), describeSpread(snapshot), describeTransform(snapshot)]
  )
    .filter((sentence) => sentence !== '')
    .join(' ');
}

/** Sentences for a corpus that has no geometry, or `null`. */
function describeDegenerate(snapshot: Snapshot): string[] | null {
  const { raw, corpus } = snapshot;
  const rows = nounOf(snapshot);
  if (raw.count === 0) return [`There are no ${rows} to look at.`];
  if (raw.count === 1)
    return [`One ${rows.slice(0, -1)} alone has no pairs and no variance: add lines to see a geometry.`];
  if (raw.meanNorm === 0) return [`All ${grouped(raw.count)} vectors have length 0: there is no direction to compare.`];
  if (raw.totalVariance === 0) {
    const isSameText = corpus.truncated !== null && corpus.duplicates === corpus.count - 1;
    return [
      isSameText
        ? `All ${grouped(raw.count)} lines are the same sentence: there is no geometry to look at.`
        : `All ${grouped(raw.count)} ${rows} have the same vector: there is no geometry to look at.`,
    ];
  }
  return null;
}

function describeFloor(snapshot: Snapshot): string {
  const { raw } = snapshot;
  const rows = nounOf(snapshot);
  if (raw.averageCosine === null) return `No pair of these ${grouped(raw.count)} ${rows} has a cosine.`;
  const average = cosine(raw.averageCosine);
  if (raw.count === 2) return `The only pair of these two ${rows} scores ${average}.`;
  if (raw.count < FEW_ROWS) {
    return `The pairs of these ${String(raw.count)} ${rows} score ${average} on average; so few describe themselves, not a corpus.`;
  }
  const upper = raw.cosineQuantiles?.['0.95'];
  const range = upper === undefined ? '' : ` (95 % of them below ${cosine(upper)})`;
  const pairs = `Random pairs of these ${grouped(raw.count)} ${rows}`;
  if (raw.averageCosine >= HIGH_FLOOR) {
    return `${pairs} already score ${average} on average${range}: most of the cosine scale is used up by what all of them share.`;
  }
  if (raw.averageCosine >= LOW_FLOOR) {
    return `${pairs} already score ${average} on average${range}: a cosine means something only above that.`;
  }
  return `${pairs} score ${average} on average${range}: their directions are spread out.`;
}

function describeSpread({ raw, corpus }: Snapshot): string {
  const { count, dimension, componentsFor } = raw;
  if (corpus.truncated !== null && corpus.duplicates * 4 >= count) {
    return `${grouped(corpus.duplicates)} of the ${grouped(count)} lines repeat an earlier one: their pairs score 1.00 and raise these numbers.`;
  }
  if (componentsFor === null) return '';
  const kept = componentsFor['0.9'];
  // N rows span N − 1 directions: the encoder has no part in that number.
  const limit = count - 1 < dimension ? ` (${grouped(count)} rows can fill ${grouped(count - 1)} at most)` : '';
  return `${grouped(kept)} of ${grouped(dimension)} dimensions ${kept === 1 ? 'holds' : 'hold'} 90 % of the variance${limit}.`;
}

function describeTransform({ raw, transformed, transform, notes }: Snapshot): string {
  if (transformed === null) {
    const unfitted = notes.find(({ code }) => code === 'transform-not-fitted');
    if (unfitted) return unfitted.message;
    return raw.count <= raw.dimension + 1
      ? 'Full whitening of so few would show noise; and without labels nothing can say whether another transform helps.'
      : 'No labels: cannot say whether a transform would help.';
  }
  const { spec, fittedOn } = transform;
  const noise = describeNoise(transformed, fittedOn, spec);
  if (noise !== '') return noise;
  const others = fittedOn?.transductive === false ? `, fitted on ${grouped(fittedOn.count)} other rows,` : '';
  return `After ${spec}${others} ${describePairs(transformed, raw.averageCosine)}; no labels: cannot say whether that helps.`;
}

function describePairs({ averageCosine, cosineQuantiles }: Geometry, before: number | null): string {
  if (averageCosine === null) return 'no pair has a cosine';
  const average = cosine(averageCosine);
  const still = before !== null && cosine(before) === average ? 'still ' : '';
  return `they ${still}score ${average}${cosineQuantiles ? ` (95 % below ${cosine(cosineQuantiles['0.95'])})` : ''}`;
}

/** A whitening that was fitted on too few of the very rows it is shown on, or ''. */
function describeNoise(transformed: Geometry, fittedOn: FittedOn | null, spec: string): string {
  const components = equalComponents(transformed);
  if (fittedOn?.transductive !== true || components < 2) return '';
  const { count } = fittedOn;
  const remedy = 'keep fewer components (k), or use shrinkage or gamma < 1';
  if (components >= count - 1) {
    return (
      `${spec} of ${grouped(count)} rows in ${grouped(fittedOn.dimension)} dimensions makes every pair score ` +
      `${cosine(-1 / (count - 1))}: arithmetic, not meaning; ${remedy}.`
    );
  }
  if (count < ROWS_PER_DIMENSION * components) {
    const ratio = (count / components).toFixed(1);
    return `${spec} is fitted on only ${ratio} rows per dimension it keeps, so what it shows on those rows is mostly noise; ${remedy}.`;
  }
  return '';
}

/** How many components carry variance when all of it is equal, as full whitening leaves it; else 0. */
function equalComponents({ eigenvalues }: Geometry): number {
  const largest = eigenvalues?.[0] ?? 0;
  const carrying = (eigenvalues ?? []).filter((value) => value > 1e-12 * largest);
  // Float32 rows leave about 1e-6 between variances that are equal.
  return carrying.every((value) => value >= largest * (1 - 1e-3)) ? carrying.length : 0;
}

function nounOf({ corpus }: Snapshot): 'sentences' | 'vectors' {
  return corpus.truncated === null ? 'vectors' : 'sentences';
}

/** Two decimals; what rounds to 0 is 0, not −0. */
function cosine(value: number): string {
  const text = value.toFixed(2);
  return text === '-0.00' ? '0.00' : text.replace('-', '−');
}

/** 10000 → "10,000", whatever the locale of the machine. */
function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}
