import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Analysis } from '../analysis/analysis';
import { analyzeSentences, analyzeVectors, type Question } from '../analysis/analyze';
import type { FitCorpus } from '../analysis/fitCorpus';
import { openServices, type Services } from '../analysis/services';
import { verdictOf } from '../analysis/verdict';
import { type PageBundle, renderHtmlReport } from '../export/htmlReport';
import { renderMarkdownReport } from '../export/markdownReport';
import type { EncoderChoice } from '../protocol/engineProtocol';
import { IsoscopeError } from '../protocol/errors';
import type { Report, UmapPlanes } from '../protocol/webviewProtocol';
import { resourcePath } from '../resources';
import { analyzeAllLayers, renderLayers } from './analyzeAllLayers';
import { checkAnalysisExports, writeAnalysisExports } from './analysisExports';
import type { AnalyzeArguments } from './arguments';
import type { CommandIo } from './commandIo';
import { checkOutput, writeResult } from './outputs';
import { type Corpus, readCorpus, readFitCorpus } from './readCorpus';
import { renderTerminalReport } from './terminalReport';
import { readTransformFile } from './transformFile';
import { makeUmapPlanes, umapViews } from './umapPlanes';

/** `isoscope analyze`: the geometry of one corpus, raw | transformed, as JSON, page, Markdown, or a report for the terminal. */
export async function runAnalyze(command: AnalyzeArguments, io: CommandIo): Promise<void> {
  const { json, html, markdown } = command.outputs;
  for (const file of [json, html, markdown]) {
    if (file !== undefined) await checkOutput(file);
  }
  await checkAnalysisExports(command.exports);
  // Before the work, so that a missing build is not found after it.
  const page = html === undefined ? undefined : await readPage();
  const corpus = await readCorpus(command.corpus, io.signal);
  const question = {
    source: corpus.source,
    transform:
      'spec' in command.transform ? command.transform.spec : await readTransformFile(command.transform.file, io.signal),
    seed: command.seed,
    fitOn: await readOtherRows(command, io.signal),
  };
  const isEveryLayer = command.encoder.layer === 'all';
  const services = await openServices({
    threads: command.threads,
    cacheFolder: command.cacheFolder,
    log: (line) => {
      io.say(`isoscope: ${line}`);
    },
    // All layers wait for their turn.
    ...(isEveryLayer && { vectorMemoryBytes: Infinity }),
  });
  let analysis: Analysis;
  let umap: UmapPlanes | undefined;
  try {
    if (isEveryLayer) {
      const layers = await analyzeAllLayers(question, corpus.text?.sentences ?? [], command.encoder, services, io);
      if (json === undefined) await io.writeOutput(renderLayers(layers, io.style));
      else await writeResult(json, [`${JSON.stringify(layers, null, 2)}\n`], io);
      return;
    }
    analysis = await analyze(question, command.encoder, corpus, services, io);
    if (command.projection === 'umap') umap = await makeUmapPlanes(analysis, io);
    const planes = umap === undefined ? analysis.result.views : umapViews(umap);
    await writeAnalysisExports(analysis, planes, corpus, command.exports, services, io);
  } finally {
    await services.dispose();
  }
  const report = { ...reportOf(analysis, corpus), ...(umap && { umap }) };
  if (html !== undefined && page !== undefined) {
    await writeResult(html, [renderHtmlReport(report, corpus.text?.sentences ?? [], page)], io);
  }
  if (markdown !== undefined) await writeResult(markdown, [renderMarkdownReport(report)], io);
  if (json !== undefined) await writeResult(json, [`${JSON.stringify(report.snapshot, null, 2)}\n`], io);
  if (html === undefined && markdown === undefined && json === undefined) {
    await io.writeOutput(renderTerminalReport(report, io.style));
  }
}

async function analyze(
  question: Question & { readonly source: string },
  encoder: EncoderChoice,
  { text, vectors }: Corpus,
  services: Services,
  { signal, onProgress }: CommandIo,
): Promise<Analysis> {
  if (vectors !== undefined) {
    return analyzeVectors(
      {
        ...question,
        vectors: vectors.vectors,
        encoder: { id: vectors.name, sha256: vectors.sha256 },
        notes: vectors.notes,
        sentences: text?.sentences,
        normalize: encoder.normalize === 'yes',
      },
      services,
      { signal, onProgress },
    );
  }
  return analyzeSentences({ ...question, sentences: text?.sentences ?? [], encoder }, services, { signal, onProgress });
}

/** What the transform is fitted on: `undefined` = the rows themselves. */
async function readOtherRows(
  { transform, fitOn, corpus }: AnalyzeArguments,
  signal: AbortSignal,
): Promise<FitCorpus | undefined> {
  // Without a transform there is nothing to fit, and nothing is read for it.
  if (fitOn === 'self' || ('spec' in transform && transform.spec === 'none')) return undefined;
  const { source, text, vectors } = await readFitCorpus(fitOn, corpus.vectors, signal);
  return vectors === undefined ? { source, sentences: text?.sentences ?? [] } : { source, vectors: vectors.vectors };
}

function reportOf({ result: { snapshot, views } }: Analysis, { source, text }: Corpus): Report {
  return {
    title: path.basename(source),
    verdict: verdictOf(snapshot),
    snapshot,
    views,
    offer: null,
    fit: 'self',
    lines: text?.lines ?? Uint32Array.from({ length: snapshot.corpus.count }, (_, row) => row),
    staleRows: new Uint32Array(0),
    isStale: false,
    progress: null,
  };
}

/** The panel's program and style, as the build left them. */
async function readPage(): Promise<PageBundle> {
  const read = async (name: string) => {
    const file = resourcePath('dist', name);
    return readFile(file, 'utf8').catch((cause: unknown) => {
      throw new IsoscopeError('engine', `${file} is missing: build Isoscope with npm run build.`, { cause });
    });
  };
  return { script: await read('webview.js'), style: await read('webview.css') };
}
