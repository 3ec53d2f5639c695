import type { AnalysisProgress } from '../core/protocol/engineProtocol';
import { assertNever } from '../core/protocol/errors';
import type { UmapPlane } from '../core/protocol/umap';
import { formatCount } from './format';
import { t } from './l10n';
import type { LabMethod, Shrinkage } from './lab/labSpec';
import type { Projection } from './savedState';

const methodNames: Readonly<Record<Exclude<LabMethod, 'other'>, string>> = {
  none: t('None'),
  center: t('Centre'),
  pca: t('PCA whitening'),
  zca: t('ZCA whitening'),
  cholesky: t('Cholesky whitening'),
  'pca-cor': t('PCA-cor whitening'),
  'zca-cor': t('ZCA-cor whitening'),
  abtt: t('All-but-the-top'),
  zscore: t('z-score'),
  l2: t('Unit length (L2)'),
  truncate: t('Truncate'),
  random: t('Random projection'),
};

const poolingNames: Readonly<Record<string, string>> = {
  mean: t('Mean'),
  cls: t('CLS'),
  max: t('Max'),
  'last-token': t('Last token'),
  'weighted-mean': t('Weighted mean'),
  'mean-sqrt-len': t('Mean √length'),
  pooler: t('Pooler'),
  'first-last': t('First and last layer, mean'),
  'last-2': t('Last two layers, mean'),
  sif: t('SIF'),
  'sif-weights': t('SIF weights only'),
};

/** Every word that the page says, except the explanations (explanations.ts) and what the host sends. */
export const strings = {
  // Frame
  before: t('Before'),
  after: t('After'),
  beforeLabel: t('Before · raw'),
  afterLabel: (spec: string) => t('After · {0}', spec),
  preview: t('preview'),
  noTransform: t('No transform: there is no after.'),
  noTransformHint: t('Choose a method above to see before | after.'),
  sentences: (n: number) => (n === 1 ? t('sentence') : t('sentences')),
  vectors: (n: number) => (n === 1 ? t('vector') : t('vectors')),
  dimensions: (d: number) => t('{0} dimensions', formatCount(d)),
  layer: (layer: string | number) => (layer === 'last' ? t('last layer') : t('layer {0}', layer)),
  pooling: (pooling: string) => t('{0} pooling', pooling),
  unitLength: t('unit length'),
  seed: (seed: number) => t('seed {0}', seed),
  readyVectors: t('ready vectors'),
  fittedOnSelf: (n: number) =>
    n === 1
      ? t('fitted on this sentence')
      : t('fitted on these {0} rows: it describes them, not unseen text', formatCount(n)),
  fittedElsewhere: (n: number) => t('fitted on {0} other rows', formatCount(n)),

  // States
  starting: t('Starting'),
  cancel: t('Cancel'),
  failedTitle: (title: string) => t('{0} could not be analysed', title),
  emptyTitle: t('Nothing analysed yet'),
  emptyText: t(
    'Open a text file with one sentence per line and run “Isoscope: Analyze Embeddings” from the Command Palette. It works offline; no key, no download.',
  ),
  emptyPanel: t('The result was not kept. Analyse the document again to see it here.'),
  analyze: t('Analyze'),
  openPanel: t('Open Panel'),
  reanalyze: t('Re-analyse'),
  stale: (edited: number) =>
    edited === 0
      ? t('The text has changed since this analysis.')
      : edited === 1
        ? t('1 line was edited since this analysis.')
        : t('{0} lines were edited since this analysis.', formatCount(edited)),
  staleHint: t('Only new or changed lines are encoded again.'),
  damagedReport: t('This report is damaged: make it anew with isoscope analyze --html.'),

  // Lab
  lab: t('Transform'),
  method: t('Method'),
  methodName: (method: Exclude<LabMethod, 'other'>): string => methodNames[method],
  otherMethod: (spec: string) => t('Other: {0}', spec),
  k: t('Components k'),
  dimensionK: t('Dimensions k'),
  kTitle: (method: LabMethod): string => {
    switch (method) {
      case 'truncate':
        return t('The first k dimensions are kept, as a Matryoshka model means them.');
      case 'random':
        return t('The vectors are projected to k random directions, drawn with the seed.');
      default:
        return t('How many principal components are kept, largest variance first.');
    }
  },
  kValue: (k: number, rank: number) =>
    k >= rank ? t('all {0}', formatCount(rank)) : t('{0} of {1}', formatCount(k), formatCount(rank)),
  eps: t('Floor ε'),
  epsTitle: t(
    'Added to each eigenvalue before the division: directions with less variance than ε are not blown up. Logarithmic; leftmost is 0.',
  ),
  beta: t('Centring β'),
  betaTitle: t('Share of the mean that is taken off: 1 centres, 0 leaves the mean where it is. x − βμ.'),
  gamma: t('Scaling γ'),
  gammaTitle: t(
    'How far variances are made equal: 1 whitens, 0 only rotates. Each component is divided by λ to the γ/2.',
  ),
  directions: t('Directions D'),
  directionsTitle: t('How many leading principal directions are taken out, after centring.'),
  shrinkage: t('Shrinkage'),
  shrinkageTitle: t(
    'Draws the covariance towards a sphere, as far as the number of rows asks for: steadier with few rows.',
  ),
  shrinkageName: (name: Shrinkage): string => {
    switch (name) {
      case 'none':
        return t('None');
      case 'lw':
        return t('Ledoit–Wolf');
      case 'oas':
        return t('OAS');
      default:
        return assertNever(name);
    }
  },
  randomRemark: t('A control: what chance alone keeps at this size.'),

  // Layer and pooling
  poolingLabel: t('Pooling'),
  poolingName: (pooling: string, isOwn: boolean) =>
    isOwn ? t('{0} (the model’s own)', poolingNames[pooling] ?? pooling) : (poolingNames[pooling] ?? pooling),
  layerLabel: t('Layer'),
  layerTitle: t(
    'Which block’s output is pooled: 0 is the embedding layer. The first change reads all layers in one pass.',
  ),
  layerValue: (layer: number, count: number) =>
    layer === count ? t('{0}, last', layer) : t('{0} of {1}', layer, count),
  lastLayerOnly: t('The inner layers of this graph cannot be told with certainty: only the last one is offered.'),
  otherPooling: (own: string) => t('The model was trained with {0} pooling.', poolingNames[own] ?? own),

  previewNumbers: t('Preview from moments and a sample of pairs; the measured numbers follow when you let go.'),
  noRank: t('These rows have no variance to whiten.'),

  // Numbers
  numbers: t('Numbers'),
  measure: t('Measure'),
  basis: t('n'),
  allNumbers: t('More numbers'),
  whatNumbersMean: t('What do these numbers mean?'),
  noLabels: t('A rounder space is not by itself a better one. No labels: cannot say whether better.'),
  followsWhenSettled: t('Follows when the setting is measured.'),
  notComputed: t('Could not be computed.'),

  // Charts
  savePlot: t('Save as a picture'),
  whatIsThis: t('What am I looking at?'),
  formula: t('Formula'),
  source: t('Source'),
  asTable: t('As a table'),
  noVariance: t('No direction carries variance.'),

  spectrum: t('Spectrum'),
  spectrumX: t('component'),
  spectrumY: t('share of variance'),
  spectrumHover: t('component'),
  spectrumCaption: (largest: string, total: string) => t('λ₁ = {0} · Σλ = {1}', largest, total),
  spectrumNull: (zeros: number, of: number) =>
    t('{0} of {1} directions carry no variance and are not drawn', formatCount(zeros), formatCount(of)),
  ninety: (k: number) => t('90 % in {0}', formatCount(k)),
  spectrumLabel: (side: string, d: number, ninety: number | null) =>
    ninety === null
      ? t('Spectrum, {0}: {1} components.', side, formatCount(d))
      : t('Spectrum, {0}: {1} components, 90 % of the variance in {2}.', side, formatCount(d), formatCount(ninety)),
  keySpectrum: t('variance of each component'),
  keyGhost: t('before, for comparison'),
  keyNinety: t('90 % of the variance'),

  cosines: t('Cosines'),
  cosinesX: t('cosine'),
  cosinesY: (width: number) => t('share per {0}', width),
  keyRandom: t('random pairs'),
  keyNearest: t('nearest neighbours'),
  keyFloor: t('floor: 5 %, median, 95 % of random pairs'),
  floorCaption: (low: string, middle: string, high: string) =>
    t('Floor: 5 % {0} · median {1} · 95 % {2}', low, middle, high),
  cosineCounts: (pairs: number, nearest: number | null) =>
    nearest === null
      ? t('{0} random pairs', formatCount(pairs))
      : t('{0} random pairs, {1} nearest', formatCount(pairs), formatCount(nearest)),
  noPairs: t('No pair has a cosine.'),
  nearestLater: t('nearest neighbours follow when measured'),
  cosinesLabel: (side: string, floor: string) => t('Cosines, {0}. {1}', side, floor),

  plane: t('Plane'),
  planeAxis: (axis: 1 | 2, share: string) => t('PC{0} · {1} of variance', axis, share),
  planeLabel: (side: string, n: number, share: string) =>
    t('Principal plane, {0}: {1} sentences; the two axes hold {2} of the variance.', side, formatCount(n), share),
  planeCaption: (share: string) => t('{0} of the variance lies in this plane', share),
  planeSampled: (shown: number, of: number) =>
    t('{0} of {1} rows are shown, drawn with the seed; numbers are of all rows.', formatCount(shown), formatCount(of)),
  noWebGl: (shown: number, of: number) =>
    shown < of
      ? t('WebGL is not available here: {0} of {1} points are drawn, as SVG.', formatCount(shown), formatCount(of))
      : t('WebGL is not available here: the {0} points are drawn as SVG.', formatCount(of)),
  noWebGl2: (shown: number, of: number) =>
    t('WebGL 2 is not available here: {0} of {1} points are drawn.', formatCount(shown), formatCount(of)),
  panTitle: t('Drag to move the picture'),

  projection: t('Projection'),
  projectionName: (projection: Projection): string => (projection === 'pca' ? t('PCA') : t('UMAP')),
  projectionTitle: (projection: Projection): string =>
    projection === 'pca'
      ? t('The principal plane: keeps distances as far as a plane can')
      : t('UMAP: keeps neighbours together; computed when asked for'),
  umapAxis: (axis: 1 | 2) => t('UMAP {0}', axis),
  umapLabel: (side: string, n: number) =>
    t('UMAP, {0}: {1} sentences; what lies together are neighbours.', side, formatCount(n)),
  umapCaption: ({ neighbours, minDist, seed }: UmapPlane) =>
    t('{0} neighbours · minimum distance {1} · seed {2}', neighbours, minDist, seed),
  umapRunning: (percent: number) => t('UMAP: {0} %', percent),
  umapStart: t('Compute UMAP'),
  umapAgain: t('Try Again'),
  umapFollows: t('UMAP follows when the setting is measured.'),
  lassoTitle: t('Drag around points to list their lines'),
  zoomTitle: t('Drag a box to zoom; Ctrl+wheel zooms too; double-click shows everything'),
  reset: t('Show all'),
  keyHighlight: t('line at the cursor'),
  keyStale: t('edited since'),
  line: (line: number) => t('Line {0}', formatCount(line)),
  clickToReveal: t('Click to select the line'),
  loadingSentence: t('…'),

  selected: (n: number) => (n === 1 ? t('1 line selected') : t('{0} lines selected', formatCount(n))),
  openAsDocument: t('Open as Document'),
  clearSelection: t('Clear'),
  selectionTable: t('Selected lines'),

  neighbours: t('Neighbours of the line at the cursor'),
  neighboursHint: t('Put the cursor on a line of the text, or select a point, to see its nearest sentences.'),
  neighbourChange: t('change'),
  neighbourKind: (kind: 'lost' | 'gained' | 'kept'): string => {
    switch (kind) {
      case 'lost':
        return t('lost');
      case 'gained':
        return t('gained');
      case 'kept':
        return t('kept');
      default:
        return assertNever(kind);
    }
  },
  neighbourSummary: (kept: number, of: number, jaccard: string) =>
    t('{0} of {1} nearest stay · Jaccard {2}', kept, of, jaccard),
  neighbourReading: (cosine: string, share: string, rank: number | null) =>
    rank === null
      ? t('cosine {0}, above {1} of random pairs', cosine, share)
      : t('cosine {0}, above {1} of random pairs; no. {2} of the nearest', cosine, share, rank),
  neighboursOnly: (n: number) => t('The {0} nearest by cosine.', n),
  noNeighbours: t('This line has no neighbours: its vector has length 0.'),

  dimensionsTitle: t('Dimensions'),
  dimensionsHint: t('click a dimension to look at it'),
  dimensionsX: t('dimension'),
  dimensionHover: t('dimension'),
  dimensionsLabel: (side: string, d: number) => t('Variance by dimension, {0}: {1} dimensions.', side, formatCount(d)),
  topDimensions: (share: string) => t('the three strongest hold {0} of the variance', share),
  deadDimensions: (n: number, text: string) => (n === 1 ? t('1 does not vary') : t('{0} do not vary', text)),
  mean: t('mean'),
  varianceShare: t('share of variance'),
  cosineShare: t('share of average cosine'),
  inspectorTitle: (dimension: number, side: string) => t('Dimension {0}, {1}', dimension, side),
  inspectorNumbers: (mean: string, sd: string, share: string) =>
    t('mean {0} · standard deviation {1} · share of the average cosine {2}', mean, sd, share),
  inspectorLabel: (dimension: number) => t('Values of dimension {0} over all rows.', dimension),
  highest: t('Highest'),
  lowest: t('Lowest'),
  valueX: t('value'),
  countY: t('rows'),
  close: t('Close'),

  curveTitle: t('How many dimensions?'),
  curveHint: t('What is left with fewer dimensions, and of which kind: measured on these rows when you ask for it.'),
  measureCurve: t('Measure'),
  curveX: t('dimensions k'),
  curveMethod: (method: 'truncate' | 'pca' | 'whiten' | 'random'): string => {
    switch (method) {
      case 'truncate':
        return t('first k');
      case 'pca':
        return t('PCA');
      case 'whiten':
        return t('PCA, whitened');
      case 'random':
        return t('random');
      default:
        return assertNever(method);
    }
  },
  curveMeasure: (measure: 'varianceKept' | 'agreement'): string =>
    measure === 'varianceKept' ? t('variance kept') : t('neighbours kept'),
  curveLabel: (measure: string) => t('{0} against the number of dimensions, for four methods.', measure),
  curveCaption: (rows: number, k: number) =>
    k === 0
      ? t('Too few rows to compare neighbours.')
      : t('Neighbours: mean Jaccard@{0} over {1} rows. Click a point to choose that transform.', k, formatCount(rows)),
  chooseTransform: (spec: string) => t('Choose {0}', spec),

  fitLabel: t('Fitted on'),
  fitTitle: t(
    'What the transform learns its mean and covariance from. Held out: what it shows is not what it was fitted on.',
  ),
  fitName: (on: 'self' | 'half' | 'file'): string => {
    switch (on) {
      case 'self':
        return t('These lines');
      case 'half':
        return t('Half of them, shown: the rest');
      case 'file':
        return t('Another file…');
      default:
        return assertNever(on);
    }
  },

  // Tables
  lineColumn: t('Line'),
  sentenceColumn: t('Sentence'),
  selectColumn: t('Select'),
  selectRow: (line: number) => t('Select line {0}', formatCount(line)),
  component: t('Component'),
  eigenvalue: t('λ'),
  share: t('share'),
  cumulative: t('cumulative'),
  from: t('From'),
  to: t('To'),
  randomPairs: t('random pairs'),
  pairsBelow: t('share below “To”'),
  nearest: t('nearest'),
  ofSide: (side: string, what: string) => t('{0}: {1}', side, what),
  page: (from: number, to: number, of: number) =>
    t('{0}–{1} of {2}', formatCount(from), formatCount(to), formatCount(of)),
  previousPage: t('Previous page'),
  nextPage: t('Next page'),
  gridHelp: t('↑ ↓ move, Enter goes to the line, Space selects; click a heading to sort.'),
  reportGridHelp: t('↑ ↓ move, Space selects; click a heading to sort.'),
  editedTag: t('edited'),

  // Notes
  notes: t('Notes'),
  notesCount: (n: number) => (n === 1 ? t('1 note') : t('{0} notes', n)),
  showRows: (n: number) => (n === 1 ? t('Show the line') : t('Show the {0} lines', formatCount(n))),

  // Status, read aloud
  statusShown: (spec: string) => (spec === 'none' ? t('Analysis shown.') : t('Analysis shown, transform {0}.', spec)),
  statusPreview: (spec: string, rank: string) => t('Preview {0}: effective rank {1}.', spec, rank),
  statusSelected: (n: number) => (n === 1 ? t('1 line selected.') : t('{0} lines selected.', formatCount(n))),
} as const;

/** "Encoding 1,200 of 10,000 sentences" */
export function progressText(progress: AnalysisProgress | null): string {
  if (progress === null) return strings.starting;
  const { stage, done, total } = progress;
  switch (stage) {
    case 'loading':
      // Bytes of a large file; a model's folder is there in one step.
      return total > 1 ? t('Reading the encoder, {0} %', Math.floor((100 * done) / total)) : t('Loading the encoder');
    case 'encoding':
      return t('Encoding {0} of {1} sentences', formatCount(done), formatCount(total));
    case 'geometry':
      return t('Measuring the geometry');
    case 'transform':
      return t('Transforming');
    case 'projection':
      return t('Projecting');
    default:
      return assertNever(stage);
  }
}
