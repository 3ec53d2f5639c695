import type { CorpusVectors } from '../analysis/analysis';
import { encodeCorpus, takeVectors } from '../analysis/corpusVectors';
import { openServices, type Services } from '../analysis/services';
import { computeMoments } from '../geometry/moments';
import { fitTransform } from '../transform/fitTransform';
import { serializeTransform } from '../transform/serializeTransform';
import { parseTransformSpec } from '../transform/spec';
import type { FitArguments } from './arguments';
import type { CommandIo } from './commandIo';
import { checkOutput, writeResult } from './outputs';
import { type Corpus, readCorpus, readFitCorpus } from './readCorpus';

/** `isoscope fit`: a transform fitted on a corpus, to a file that `apply` and `--transform` read. */
export async function runFit(command: FitArguments, io: CommandIo): Promise<void> {
  const { signal, onProgress, say } = io;
  await checkOutput(command.out);
  const corpus = await (command.fitOn === 'self'
    ? readCorpus(command.corpus, signal)
    : readFitCorpus(command.fitOn, command.corpus.vectors, signal));
  const services = await openServices({ threads: command.threads, cacheFolder: command.cacheFolder });
  try {
    const rows = await vectorsOf(corpus, command, services, io);
    onProgress({ stage: 'transform', done: 0, total: 1 });
    const { transform, notes } = await fitTransform(parseTransformSpec(command.spec), {
      moments: await computeMoments(rows.vectors, services.products, signal),
      rows: rows.vectors,
      products: services.products,
      fittedOn: {
        count: rows.vectors.rows,
        dimension: rows.vectors.columns,
        sha256: rows.corpus.sha256,
        // Known only where it is applied, from the hash.
        transductive: false,
      },
      seed: command.seed,
      signal,
    });
    for (const { message } of notes) say(`isoscope: ${message}`);
    await writeResult(command.out, [serializeTransform(transform)], io);
  } finally {
    await services.dispose();
  }
}

async function vectorsOf(
  { source, text, vectors }: Corpus,
  { encoder }: FitArguments,
  services: Services,
  { signal, onProgress }: CommandIo,
): Promise<CorpusVectors> {
  if (vectors === undefined) {
    return encodeCorpus({ source, sentences: text?.sentences ?? [], encoder }, services, { signal, onProgress });
  }
  return takeVectors(
    {
      source,
      vectors: vectors.vectors,
      encoder: { id: vectors.name, sha256: vectors.sha256 },
      notes: vectors.notes,
      sentences: text?.sentences,
      normalize: encoder.normalize === 'yes',
    },
    services,
  );
}
