import { encodeRemembering } from '../encoder/rememberVectors';
import { computeMoments } from '../geometry/moments';
import type { Matrix } from '../linalg/matrix';
import type { EncoderChoice } from '../protocol/engineProtocol';
import { IsoscopeError } from '../protocol/errors';
import { createFitMemory } from '../transform/fitMemory';
import type { FitData } from '../transform/fitStage';
import type { AnalysisOptions, CorpusVectors } from './analysis';
import { toUnitRows } from './corpusVectors';
import { hashSentences, hashVectors } from './corpusSummary';
import type { Services } from './services';
import type { Space } from './space';

/** Other rows to fit a transform on: sentences for the same encoder, or ready vectors. */
export type FitCorpus = {
  /** named in errors */
  readonly source: string;
} & ({ readonly sentences: readonly string[] } | { readonly vectors: Matrix });

/** The rows of the analysis themselves. */
export function fitDataOfSelf(
  { corpus, vectors }: CorpusVectors,
  raw: Space,
  seed: number,
  services: Services,
): FitData {
  return {
    moments: raw.moments,
    rows: vectors,
    products: services.products,
    fittedOn: { count: vectors.rows, dimension: vectors.columns, sha256: corpus.sha256, transductive: true },
    seed,
    memory: createFitMemory(raw.eigen ?? undefined),
  };
}

/**
 * Other rows. They count as the analysed rows themselves when they are the same to the byte.
 * @param encoder of the analysis; `null` where it has ready vectors
 * @throws IsoscopeError `input` for another dimension or no rows, `usage` for text where there is no encoder
 */
export async function fitDataOfOthers(
  fitOn: FitCorpus,
  { corpus, vectors, encoder: { dimension, normalized, backend } }: CorpusVectors,
  encoder: EncoderChoice | null,
  seed: number,
  services: Services,
  options: AnalysisOptions,
): Promise<FitData> {
  const { source } = fitOn;
  let rows: Matrix;
  let sha256: string;
  if ('vectors' in fitOn) {
    rows = backend === 'none' && normalized ? toUnitRows(fitOn.vectors) : fitOn.vectors;
    // A corpus with text goes by the hash of its sentences; its vectors are the same rows all the same.
    const isSelf =
      rows.rows === vectors.rows && rows.columns === dimension && hashVectors(rows) === hashVectors(vectors);
    sha256 = isSelf ? corpus.sha256 : hashVectors(fitOn.vectors);
  } else {
    if (encoder === null) {
      throw new IsoscopeError(
        'usage',
        `${source} is text and the vectors are ready ones: fit on vectors of the same encoder.`,
      );
    }
    sha256 = hashSentences(fitOn.sentences);
    rows = await encodeFitSentences(fitOn.sentences, encoder, services, options);
  }
  if (rows.rows === 0) throw new IsoscopeError('input', `${source} has nothing to fit a transform on.`);
  if (rows.columns !== dimension) {
    throw new IsoscopeError(
      'input',
      `${source} has vectors of ${rows.columns} dimensions, the corpus of ${dimension}: fit on vectors of the same encoder.`,
    );
  }
  const moments = await computeMoments(rows, services.products, options.signal);
  return {
    moments,
    rows,
    products: services.products,
    fittedOn: { count: rows.rows, dimension, sha256, transductive: sha256 === corpus.sha256 },
    seed,
    memory: createFitMemory(),
  };
}

async function encodeFitSentences(
  sentences: readonly string[],
  choice: EncoderChoice,
  services: Services,
  { signal, onProgress }: AnalysisOptions,
): Promise<Matrix> {
  const encoder = await services.openEncoder(choice, { signal });
  const { vectors } = await encodeRemembering(encoder, sentences, services, {
    ...(signal && { signal }),
    onProgress: (done, total) => onProgress?.({ stage: 'encoding', done, total }),
  });
  return vectors;
}
