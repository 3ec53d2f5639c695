import type { EncoderChoice } from '../protocol/engineProtocol';
import { IsoscopeError } from '../protocol/errors';
import type { FittedOn, Note } from '../protocol/snapshot';
import { applyTransform } from '../transform/applyTransform';
import type { FitData } from '../transform/fitStage';
import { fitTransform } from '../transform/fitTransform';
import { formatTransformSpec, parseTransformSpec, type TransformSpec } from '../transform/spec';
import type { Transform } from '../transform/transform';
import type { Analysis, AnalysisBasis, AnalysisOptions, CorpusVectors } from './analysis';
import { takeVectors, vectorsOfSentences, type SentenceCorpus, type VectorCorpus } from './corpusVectors';
import { fitDataOfOthers, fitDataOfSelf, type FitCorpus } from './fitCorpus';
import { isFullWhitening } from './fullWhitening';
import { createPreviewMemory } from './previewMemory';
import type { Services } from './services';
import { chooseShownRows } from './shownRows';
import { mergeNotes, NO_TEXT_NOTE, READY_VECTORS_NOTE, shownRowsNote, unfittedNote } from './snapshotNotes';
import { relateSpaces } from './relateSpaces';
import { measureSpace, type Space } from './space';
import { measureSurface } from './surface';
import { toolName } from './toolName';

/** How a corpus is looked at. */
export interface Question {
  /** a specification such as "pca:k=128", or a transform that is fitted already */
  readonly transform: string | Transform;
  /** of drawn pairs, shown rows and random projections */
  readonly seed: number;
  /** other rows to fit the transform on; default: the rows themselves */
  readonly fitOn?: FitCorpus | undefined;
}

/**
 * The chain: sentences → vectors (encoded, or read from a file of ready ones) → geometry → transform → geometry → snapshot and views.
 * @throws IsoscopeError `usage` for a specification that does not fit, `input` for a corpus that cannot be used, `encoder`;
 * AbortError when cancelled
 */
export async function analyzeSentences(
  params: SentenceCorpus & Question,
  services: Services,
  options: AnalysisOptions = {},
): Promise<Analysis> {
  const transform = readTransform(params.transform);
  const corpus = await vectorsOfSentences(params, services, options);
  const encoder = params.encoder.vectors === undefined ? params.encoder : null;
  return analyzeCorpus(corpus, transform, params, encoder, services, options);
}

/** The same for vectors that are there already: float64 ones stay float64 all the way. */
export async function analyzeVectors(
  params: VectorCorpus & Question,
  services: Services,
  options: AnalysisOptions = {},
): Promise<Analysis> {
  const transform = readTransform(params.transform);
  return analyzeCorpus(takeVectors(params, services), transform, params, null, services, options);
}

/** Another transform on the vectors of an analysis: settled numbers. The analysis itself stays as it is. */
export async function retransform(
  analysis: Analysis,
  transform: string | Transform,
  options: AnalysisOptions = {},
): Promise<Analysis> {
  return transformBasis(analysis, readTransform(transform), options);
}

/** A wrong specification is told before anything is encoded. */
function readTransform(transform: string | Transform): TransformSpec | Transform {
  return typeof transform === 'string' ? parseTransformSpec(transform) : transform;
}

async function analyzeCorpus(
  corpus: CorpusVectors,
  transform: TransformSpec | Transform,
  { seed, fitOn }: Question,
  encoder: EncoderChoice | null,
  services: Services,
  options: AnalysisOptions,
): Promise<Analysis> {
  const { vectors } = corpus;
  const { products, now } = services;
  const start = performance.now();
  const shownRows = chooseShownRows(vectors.rows, seed);
  const raw = await measureSpace({ matrix: vectors, space: 'raw' }, { products, seed, shownRows, ...options });
  const surface = await measureSurface(vectors, corpus.sentences, seed, options.signal);
  const rawMs = performance.now() - start;
  const fitStart = performance.now();
  const fitData = fitOn
    ? await fitDataOfOthers(fitOn, corpus, encoder, seed, services, options)
    : fitDataOfSelf(corpus, raw, seed, services);
  const basis: AnalysisBasis = {
    ...corpus,
    preparationMs: corpus.preparationMs + (performance.now() - fitStart),
    raw,
    rawMs,
    surface,
    shownRows,
    seed,
    fitData,
    isFittedOnSelf: fitOn === undefined,
    products,
    now,
    previewMemory: createPreviewMemory(vectors, seed, products),
  };
  return transformBasis(basis, transform, options);
}

async function transformBasis(
  basis: AnalysisBasis,
  given: TransformSpec | Transform,
  options: AnalysisOptions,
): Promise<Analysis> {
  const start = performance.now();
  const outcome = await transformSpace(basis, given, options);
  const { corpus, encoder, raw, seed, shownRows } = basis;
  const { transform, transformed } = outcome;
  const relation = await relateSpaces(basis, transformed, options);
  const transformMs = performance.now() - start;
  const notes = mergeNotes(
    encoder.backend === 'none' ? [READY_VECTORS_NOTE] : [],
    basis.sentences === null ? [NO_TEXT_NOTE] : [],
    basis.notes,
    shownRows === null ? [] : [shownRowsNote(shownRows.length, corpus.count, seed)],
    raw.notes,
    outcome.notes,
    transformed?.notes ?? [],
    relation.notes,
  );
  return {
    ...basis,
    transform,
    transformed,
    result: {
      snapshot: {
        format: 'isoscope.snapshot',
        version: 1,
        created: basis.now().toISOString(),
        tool: toolName(),
        corpus,
        encoder,
        transform: { spec: transform.spec, fittedOn: fittedOnOf(transform, corpus.sha256) },
        raw: raw.geometry,
        transformed: transformed?.geometry ?? null,
        text: relation.text,
        comparison: relation.comparison,
        seed,
        notes,
        timing: {
          encodeMs: basis.encodeMs,
          geometryMs: basis.rawMs + transformMs,
          totalMs: basis.preparationMs + basis.rawMs + transformMs,
        },
      },
      views: { shownRows, raw: raw.view, transformed: transformed?.view ?? null },
      truncatedRows: basis.truncatedRows,
      encodedCount: basis.encodedCount,
      offer: basis.offer,
    },
  };
}

interface TransformOutcome {
  readonly transform: Transform;
  readonly transformed: Space | null;
  readonly notes: readonly Note[];
}

async function transformSpace(
  basis: AnalysisBasis,
  given: TransformSpec | Transform,
  options: AnalysisOptions,
): Promise<TransformOutcome> {
  const { raw, products, seed, shownRows, vectors, corpus } = basis;
  const fitted = 'spec' in given ? { transform: given, notes: [] } : await fitOrExplain(given, basis.fitData, options);
  const { transform, notes } = fitted;
  if (transform.kind === 'identity') return { transform, transformed: null, notes };
  const matrix = await applyTransform(transform, vectors, products, options.signal);
  const transformed = await measureSpace(
    {
      matrix,
      space: 'transformed',
      pairs: raw.pairs,
      isWhitened: fittedOnOf(transform, corpus.sha256)?.transductive === true && isFullWhitening(transform.spec),
      intrinsicDimension: raw.geometry.intrinsicDimension,
    },
    { products, seed, shownRows, ...options },
  );
  return { transform, transformed, notes };
}

/** A fit; where these rows do not allow one (one row, equal rows), the identity with a note that says why. */
async function fitOrExplain(
  spec: TransformSpec,
  fitData: FitData,
  { signal }: AnalysisOptions,
): Promise<{ transform: Transform; notes: readonly Note[] }> {
  try {
    return await fitTransform(spec, signal ? { ...fitData, signal } : fitData);
  } catch (error) {
    if (!(error instanceof IsoscopeError) || error.reason !== 'input') throw error;
    const text = formatTransformSpec(spec);
    const { dimension } = fitData.moments;
    return {
      transform: {
        kind: 'identity',
        spec: text,
        inputDimension: dimension,
        outputDimension: dimension,
        fittedOn: null,
      },
      notes: [unfittedNote(text, error.message)],
    };
  }
}

/** A transform out of a file says of itself what it was fitted on; here it matters whether those are these very rows. */
function fittedOnOf({ fittedOn }: Transform, sha256: string): FittedOn | null {
  return fittedOn && { ...fittedOn, transductive: fittedOn.sha256 === sha256 };
}
