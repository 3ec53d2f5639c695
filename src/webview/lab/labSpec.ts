/** The transform as the panel's controls have it: a method and its settings. What they cannot say (compositions, fitted files) is kept as it came. */
export interface LabSpec {
  readonly method: LabMethod;
  /** components kept; `null` = all that carry variance */
  readonly k: number | null;
  /** added to each eigenvalue */
  readonly eps: number;
  readonly shrinkage: Shrinkage;
  /** share of the mean that is taken off */
  readonly beta: number;
  /** 1 = unit variances, 0 = variances as they are */
  readonly gamma: number;
  /** directions that all-but-the-top takes out */
  readonly directions: number;
  /** the specification itself where `method` is `other` */
  readonly other: string | null;
}

export const METHODS = [
  'none',
  'center',
  'pca',
  'zca',
  'cholesky',
  'pca-cor',
  'zca-cor',
  'abtt',
  'zscore',
  'l2',
  'truncate',
  'random',
] as const;
export type LabMethod = (typeof METHODS)[number] | 'other';
export const SHRINKAGES = ['none', 'lw', 'oas'] as const;
export type Shrinkage = (typeof SHRINKAGES)[number];

export type Parameter = 'k' | 'eps' | 'shrinkage' | 'beta' | 'gamma' | 'd';

/** The settings that each method has, in the order of a canonical specification. */
const PARAMETERS: Readonly<Record<LabMethod, readonly Parameter[]>> = {
  none: [],
  center: [],
  pca: ['k', 'eps', 'shrinkage', 'beta', 'gamma'],
  zca: ['k', 'eps', 'shrinkage', 'beta', 'gamma'],
  cholesky: ['k', 'eps', 'shrinkage'],
  'pca-cor': ['k', 'eps', 'shrinkage'],
  'zca-cor': ['k', 'eps', 'shrinkage'],
  abtt: ['d'],
  zscore: [],
  l2: [],
  truncate: ['k'],
  random: ['k'],
  other: [],
};

const DEFAULTS: LabSpec = {
  method: 'none',
  k: null,
  eps: 0,
  shrinkage: 'none',
  beta: 1,
  gamma: 1,
  directions: 3,
  other: null,
};

/** Whether a setting means something for a method. */
export function hasParameter(method: LabMethod, parameter: Parameter): boolean {
  return PARAMETERS[method].includes(parameter);
}

/** Reads a canonical specification; what the controls cannot say becomes `other`, shown and left alone. */
export function readLabSpec(spec: string): LabSpec {
  const other: LabSpec = { ...DEFAULTS, method: 'other', other: spec };
  const match = /^([a-z\d-]+)(?::(.*))?$/.exec(spec);
  const method = METHODS.find((name) => name === match?.[1]);
  if (match === null || method === undefined) return other;
  let read: LabSpec = { ...DEFAULTS, method };
  for (const setting of match[2]?.split(',') ?? []) {
    const [name, value = ''] = setting.split('=');
    const changed = hasParameter(method, name as Parameter) ? withSetting(read, name as Parameter, value) : null;
    if (changed === null) return other;
    read = changed;
  }
  return needsK(method) && read.k === null ? other : read;
}

function withSetting(spec: LabSpec, parameter: Parameter, text: string): LabSpec | null {
  if (parameter === 'shrinkage') {
    const shrinkage = SHRINKAGES.find((name) => name === text);
    return shrinkage === undefined ? null : { ...spec, shrinkage };
  }
  const value = Number(text);
  if (text === '' || !Number.isFinite(value)) return null;
  return parameter === 'd' ? { ...spec, directions: value } : { ...spec, [parameter]: value };
}

/** The canonical specification that the controls say: defaults are left out. */
export function writeLabSpec(spec: LabSpec): string {
  if (spec.method === 'other') return spec.other ?? 'none';
  const settings = PARAMETERS[spec.method].flatMap((parameter): string[] => {
    if (parameter === 'd') return [`d=${spec.directions}`];
    const value = spec[parameter];
    return value === null || value === DEFAULTS[parameter] ? [] : [`${parameter}=${value}`];
  });
  return settings.length === 0 ? spec.method : `${spec.method}:${settings.join(',')}`;
}

/** Another method with the settings that it shares with the one before. */
export function withMethod(spec: LabSpec, method: Exclude<LabMethod, 'other'>, dimension: number): LabSpec {
  const k = needsK(method) ? (spec.k ?? Math.max(1, Math.floor(dimension / 2))) : spec.k;
  return { ...spec, method, k: hasParameter(method, 'k') ? k : spec.k, other: null };
}

/** Whether a method learns anything from rows. */
export function isFitted(method: LabMethod): boolean {
  return !['none', 'l2', 'truncate', 'random'].includes(method);
}

/** Whether a method has no "all" to fall back on. */
export function needsK(method: LabMethod): boolean {
  return method === 'truncate' || method === 'random';
}

/** The most components that a setting can keep: with a floor or a shrunk covariance, directions without variance count too. */
export function largestK({ method, eps, shrinkage }: LabSpec, rank: number, dimension: number): number {
  return needsK(method) || eps > 0 || shrinkage !== 'none' ? dimension : rank;
}

/** Positions of the sliders of β and γ: 0 … 2 in steps of 0.05. */
export const EXPONENT_STEPS = 40;
const STEPS_PER_UNIT = 20;

export function exponentAt(position: number): number {
  return position / STEPS_PER_UNIT;
}

export function positionOfExponent(value: number): number {
  return Math.round(value * STEPS_PER_UNIT);
}

/** All-but-the-top takes out a few: about d/100 of them (Mu & Viswanath 2018); a slider goes this far. */
export const MOST_DIRECTIONS = 20;

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
