/** The transform as the panel's controls have it: one of four methods, k and ε. Everything else in a specification is kept as it came. */
export interface LabSpec {
  readonly method: LabMethod;
  /** components kept; `null` = all that carry variance */
  readonly k: number | null;
  /** added to each eigenvalue */
  readonly eps: number;
  /** settings without a control here, e.g. `shrinkage=lw` */
  readonly rest: readonly string[];
  /** the specification itself where `method` is `other` */
  readonly other: string | null;
}

export type LabMethod = 'none' | 'center' | 'pca' | 'zca' | 'other';
export const METHODS: readonly Exclude<LabMethod, 'other'>[] = ['none', 'center', 'pca', 'zca'];

/** Reads a canonical specification; what the controls cannot say becomes `other`, shown and left alone. */
export function readLabSpec(spec: string): LabSpec {
  const other: LabSpec = { method: 'other', k: null, eps: 0, rest: [], other: spec };
  const match = /^(none|center|pca|zca)(?::(.*))?$/.exec(spec);
  if (match === null) return other;
  const settings = match[2] === undefined ? [] : match[2].split(',');
  const method = match[1] as LabMethod;
  let k: number | null = null;
  let eps = 0;
  const rest: string[] = [];
  for (const setting of settings) {
    const [key, value] = setting.split('=');
    if (key === 'k') k = Number(value);
    else if (key === 'eps') eps = Number(value);
    else rest.push(setting);
  }
  if (Number.isNaN(k) || Number.isNaN(eps)) return other;
  return { method, k, eps, rest, other: null };
}

/** The specification that the controls say. */
export function writeLabSpec({ method, k, eps, rest, other }: LabSpec): string {
  if (method === 'other') return other ?? 'none';
  if (!hasSettings(method)) return method;
  const settings = [...(k === null ? [] : [`k=${k}`]), ...(eps === 0 ? [] : [`eps=${eps}`]), ...rest];
  return settings.length === 0 ? method : `${method}:${settings.join(',')}`;
}

/** Whether k and ε mean something. */
export function hasSettings(method: LabMethod): boolean {
  return method === 'pca' || method === 'zca';
}

/** Positions of the ε slider: 0 is ε = 0, then logarithmic from a millionth of the largest eigenvalue up to that eigenvalue. */
export const EPS_STEPS = 120;
const EPS_DECADES = 6;

/** @param largestEigenvalue λ1 of the raw space, > 0 */
export function epsAt(position: number, largestEigenvalue: number): number {
  if (position <= 0) return 0;
  const exponent = EPS_DECADES * ((position - 1) / (EPS_STEPS - 1) - 1);
  // Two digits: what is chosen by hand should be readable in the specification.
  return Number((largestEigenvalue * 10 ** exponent).toPrecision(2));
}

/** The slider's position nearest to an ε. */
export function positionOfEps(eps: number, largestEigenvalue: number): number {
  if (eps <= 0 || largestEigenvalue <= 0) return 0;
  const exponent = Math.log10(eps / largestEigenvalue);
  const position = Math.round((exponent / EPS_DECADES + 1) * (EPS_STEPS - 1)) + 1;
  return Math.max(1, Math.min(EPS_STEPS, position));
}

/** Eigenvalues that do not count as 0, by the rule of the command line's contract: λ > 1e-12·λ1. */
export function rankOf(eigenvalues: ArrayLike<number>): number {
  const limit = 1e-12 * (eigenvalues[0] ?? 0);
  let rank = 0;
  while (rank < eigenvalues.length && eigenvalues[rank]! > limit) rank++;
  return rank;
}
