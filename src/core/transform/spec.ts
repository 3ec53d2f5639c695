import { IsoscopeError } from '../protocol/errors';

/** What to do to the vectors, as a user writes it; plain data, canonical text by `formatTransformSpec`. */
export type TransformSpec = SingleSpec | CompositionSpec;

/** Parts applied in order; never nested, at least two, none of them `none`. */
export interface CompositionSpec {
  readonly kind: 'composition';
  readonly parts: readonly SingleSpec[];
}

export type SingleSpec =
  | { readonly kind: 'none' }
  /** x − μ */
  | { readonly kind: 'center' }
  /** (x − μ)/sd per dimension, divisor N − 1; dead dimensions become 0 */
  | { readonly kind: 'zscore' }
  /** x/‖x‖ */
  | { readonly kind: 'l2' }
  /** all-but-the-top (Mu & Viswanath 2018): (x − μ) minus its projections on the first eigenvectors */
  | { readonly kind: 'abtt'; readonly directions: number }
  | WhiteningSpec
  /** the first k dimensions (Matryoshka) */
  | { readonly kind: 'truncate'; readonly k: number }
  /** a seeded Gaussian projection to k dimensions: a control */
  | { readonly kind: 'random'; readonly k: number };

/** (x − βμ) W; the five methods of Kessy, Lewin & Strimmer (2018), parametric (β, γ) for `pca` and `zca`. */
export interface WhiteningSpec {
  readonly kind: 'whitening';
  readonly method: WhiteningMethod;
  /** components kept; `null` = all that carry variance */
  readonly k: number | null;
  /** added to each eigenvalue */
  readonly eps: number;
  readonly shrinkage: ShrinkageKind;
  /** share of the mean that is taken off; 1 = centred */
  readonly beta: number;
  /** 1 = unit variances, 0 = variances as they are */
  readonly gamma: number;
}

export type WhiteningMethod = 'pca' | 'zca' | 'cholesky' | 'pca-cor' | 'zca-cor';
export type ShrinkageKind = 'none' | 'lw' | 'oas';

const ABTT_DIRECTIONS = 3;
/** Below this a column could overflow float32 where an eigenvalue is 0: (1e-30)^(−γ/2) ≤ 1e30 for γ ≤ 2. */
const SMALLEST_EPS = 1e-30;

const WHITENING_SETTINGS: Readonly<Record<WhiteningMethod, readonly string[]>> = {
  pca: ['k', 'eps', 'shrinkage', 'beta', 'gamma'],
  zca: ['k', 'eps', 'shrinkage', 'beta', 'gamma'],
  cholesky: ['k', 'eps', 'shrinkage'],
  'pca-cor': ['k', 'eps', 'shrinkage'],
  'zca-cor': ['k', 'eps', 'shrinkage'],
};

const NAMES = ['none', 'center', 'zscore', 'l2', 'abtt', ...Object.keys(WHITENING_SETTINGS), 'truncate', 'random'];

/**
 * Reads a specification such as `pca:k=128,eps=1e-5`, `abtt:d=3` or `center+l2`. Settings left out take their defaults:
 * k all, eps 0, shrinkage none, beta 1, gamma 1, abtt's d 3. Parts that do nothing (`none`) vanish from a composition.
 * @throws IsoscopeError `usage`, naming the part and what is allowed
 */
export function parseTransformSpec(text: string): TransformSpec {
  // A "+" parts two transforms only before a name: "eps=1e+3" is a number.
  const parts = text
    .split(/\+(?![\d.])/)
    .map((part) => parsePart(part.trim(), text))
    .filter((part) => part.kind !== 'none');
  if (parts.length === 0) return { kind: 'none' };
  return parts.length === 1 ? parts[0] : { kind: 'composition', parts };
}

/** The canonical text: what `parseTransformSpec` reads back to an equal value; defaults are left out. */
export function formatTransformSpec(spec: TransformSpec): string {
  switch (spec.kind) {
    case 'composition':
      return spec.parts.map(formatTransformSpec).join('+');
    case 'abtt':
      return `abtt:d=${String(spec.directions)}`;
    case 'truncate':
    case 'random':
      return `${spec.kind}:k=${String(spec.k)}`;
    case 'whitening':
      return formatWhitening(spec);
    default:
      return spec.kind;
  }
}

/** The settings of a whitening with everything at its default. */
export function defaultWhitening(method: WhiteningMethod): WhiteningSpec {
  return { kind: 'whitening', method, k: null, eps: 0, shrinkage: 'none', beta: 1, gamma: 1 };
}

function formatWhitening(spec: WhiteningSpec): string {
  const settings: string[] = [];
  if (spec.k !== null) settings.push(`k=${String(spec.k)}`);
  if (spec.eps !== 0) settings.push(`eps=${String(spec.eps)}`);
  if (spec.shrinkage !== 'none') settings.push(`shrinkage=${spec.shrinkage}`);
  if (spec.beta !== 1) settings.push(`beta=${String(spec.beta)}`);
  if (spec.gamma !== 1) settings.push(`gamma=${String(spec.gamma)}`);
  return settings.length === 0 ? spec.method : `${spec.method}:${settings.join(',')}`;
}

function parsePart(part: string, whole: string): SingleSpec {
  const [, name = '', , settingsText] = /^([^:]*)(:(.*))?$/s.exec(part) ?? [];
  if (name === '') {
    throw new IsoscopeError(
      'usage',
      part === '' && whole.trim() === ''
        ? `The transform is empty: use one of ${NAMES.join(', ')}, or several joined by "+".`
        : `The transform "${whole}" has an empty part: join names by one "+", as in "center+l2".`,
    );
  }
  const settings = readSettings(part, settingsText);
  switch (name) {
    case 'none':
    case 'center':
    case 'zscore':
    case 'l2':
      settings.allow([]);
      return { kind: name };
    case 'abtt':
      settings.allow(['d']);
      return { kind: 'abtt', directions: settings.count('d') ?? ABTT_DIRECTIONS };
    case 'pca':
    case 'zca':
    case 'cholesky':
    case 'pca-cor':
    case 'zca-cor':
      settings.allow(WHITENING_SETTINGS[name]);
      return {
        kind: 'whitening',
        method: name,
        k: settings.count('k'),
        eps: settings.eps(),
        shrinkage: settings.shrinkage(),
        beta: settings.upToTwo('beta'),
        gamma: settings.upToTwo('gamma'),
      };
    case 'truncate':
    case 'random': {
      settings.allow(['k']);
      const k = settings.count('k');
      if (k === null) {
        throw new IsoscopeError(
          'usage',
          `Transform "${part}" needs the number of dimensions to keep, as in "${name}:k=64".`,
        );
      }
      return { kind: name, k };
    }
    default:
      throw new IsoscopeError(
        'usage',
        `There is no transform "${name}": use ${NAMES.join(', ')}, a fitted T.json, or several joined by "+".`,
      );
  }
}

/** The `key=value` settings of one part, read with errors that name the part. */
function readSettings(part: string, text: string | undefined) {
  const values = new Map<string, string>();
  for (const item of text === undefined ? [] : text.split(',')) {
    const match = /^\s*([^=\s]+)\s*=\s*(\S+)\s*$/.exec(item);
    if (match === null) {
      throw new IsoscopeError(
        'usage',
        `Transform "${part}": "${item}" is not a setting; write key=value, parted by commas.`,
      );
    }
    const [, key, value] = match;
    if (values.has(key)) throw new IsoscopeError('usage', `Transform "${part}" sets ${key} twice: keep one of them.`);
    values.set(key, value);
  }
  const refuse = (key: string, allowed: string): never => {
    throw new IsoscopeError(
      'usage',
      `Transform "${part}": ${key}=${values.get(key) ?? ''} is not allowed; ${key} is ${allowed}.`,
    );
  };
  return {
    allow(keys: readonly string[]): void {
      for (const key of values.keys()) {
        if (keys.includes(key)) continue;
        const allowed = keys.length === 0 ? 'it takes no settings' : `its settings are ${keys.join(', ')}`;
        throw new IsoscopeError('usage', `Transform "${part}" has no setting "${key}": ${allowed}.`);
      }
    },
    count(key: string): number | null {
      const value = values.get(key);
      if (value === undefined) return null;
      const count = /^\d+$/.test(value) ? Number(value) : 0;
      return count >= 1 && Number.isSafeInteger(count) ? count : refuse(key, 'a whole number, at least 1');
    },
    eps(): number {
      const value = readNumber(values.get('eps'), 0);
      return value === 0 || value >= SMALLEST_EPS
        ? value
        : refuse('eps', `0 or a number of at least ${String(SMALLEST_EPS)}`);
    },
    shrinkage(): ShrinkageKind {
      const value = values.get('shrinkage') ?? 'none';
      return value === 'none' || value === 'lw' || value === 'oas' ? value : refuse('shrinkage', 'none, lw or oas');
    },
    upToTwo(key: 'beta' | 'gamma'): number {
      const value = readNumber(values.get(key), 1);
      return value >= 0 && value <= 2 ? value : refuse(key, 'a number from 0 to 2');
    },
  };
}

/** A finite decimal number, or NaN (which passes no comparison). */
function readNumber(text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : NaN;
  return Number.isFinite(value) ? value : NaN;
}
