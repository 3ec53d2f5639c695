import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import path from 'node:path';
import * as ort from 'onnxruntime-node';
import { readSentences } from '../src/core/corpus/sentences';
import { planBatches } from '../src/core/encoder/batching';
import { readGraphInputs } from '../src/core/encoder/graphInputs';
import { embeddedModelFolder } from '../src/core/encoder/modelFolder';
import { openEncoder } from '../src/core/encoder/openEncoder';
import { createTokenizer, type TokenSequence } from '../src/core/encoder/tokenizer/tokenizer';
import type { JsonObject } from '../src/core/encoder/jsonObject';
import { openNodeRuntime } from '../src/core/runtime/nodeRuntime';
import { describeTensor, toOrtTensor } from '../src/core/runtime/ortTensors';
import { physicalCores } from '../src/core/runtime/threads';
import { resourcePath } from '../src/core/resources';
import { openTransformersJs, type Effort } from './peers/transformersJs';

// Sentences per second of the embedded encoder, text in, vectors out, beside: ONNX Runtime's bare `session.run` on tokens that are ready, length-sorted, in batches
// of 32 and in ours (only the runs are timed: neither tokenising, nor making tensors, nor pooling); transformers.js, text in, vectors out. Each takes its turn, several
// times; the shortest time of each counts. Bounds to keep: at least 1.6 times transformers.js, at least 0.97 of the better bare run.
//
// ISOSCOPE_BENCH_TEXT names a text, one sentence a line; without it the sample corpus is used, each line three times in other words of length.

const rounds = Number(process.env['ISOSCOPE_BENCH_ROUNDS'] ?? 3);
const threads = Number(process.env['ISOSCOPE_BENCH_THREADS'] ?? physicalCores());
const graph = path.join(embeddedModelFolder(), 'onnx/model_int8w.onnx');

interface Contender {
  readonly name: string;
  /** one pass over the sentences */
  readonly pass: () => Promise<Effort>;
}

function readText(): readonly string[] {
  const file = process.env['ISOSCOPE_BENCH_TEXT'];
  const { sentences } = readSentences(readFileSync(file ?? resourcePath('media/samples/support-messages.txt'), 'utf8'));
  if (file !== undefined) return sentences;
  return sentences.flatMap((sentence, i) => [sentence, `${i}. ${sentence}`, `${sentence} ${sentences.at(-1 - i)}`]);
}

async function timed(work: () => Promise<unknown>): Promise<Effort> {
  const start = performance.now();
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return { seconds: (performance.now() - start) / 1000, processorSeconds: (user + system) / 1e6 };
}

async function ours(sentences: readonly string[]): Promise<Contender> {
  const encoder = await openEncoder({ encoder: 'embedded' }, await openNodeRuntime({ threads }));
  return { name: 'Isoscope', pass: () => timed(() => encoder.encode(sentences)) };
}

/** The same sentences as tensors, distinct ones once, as the encoder takes them. */
function tokenize(sentences: readonly string[]): TokenSequence[] {
  const json = JSON.parse(readFileSync(path.join(embeddedModelFolder(), 'tokenizer.json'), 'utf8')) as JsonObject;
  const tokenizer = createTokenizer(json, { maxTokens: 256 });
  return [...new Set(sentences)].map((sentence) => tokenizer.encode(sentence));
}

async function bare(
  name: string,
  sequences: readonly TokenSequence[],
  rules: { readonly tokenBudget: number; readonly maxSentences: number },
): Promise<Contender> {
  const session = await ort.InferenceSession.create(graph, { intraOpNumThreads: threads, logSeverityLevel: 4 });
  const inputs = readGraphInputs(session.inputMetadata.map(describeTensor), graph, { padId: 0, firstPosition: 0 });
  const lengths = sequences.map(({ ids }) => ids.length);
  const feeds = planBatches(lengths, { ...rules, isUnpadded: false }).map((batch) => {
    const tensors = inputs.feed(
      batch.map((i) => sequences[i]),
      Math.max(...batch.map((i) => lengths[i])),
    );
    return Object.fromEntries(Object.entries(tensors).map(([input, tensor]) => [input, toOrtTensor(ort, tensor)]));
  });
  return {
    name,
    pass: () =>
      timed(async () => {
        for (const feed of feeds) await session.run(feed);
      }),
  };
}

async function main(): Promise<void> {
  const sentences = readText();
  const sequences = tokenize(sentences);
  const transformersJs = await openTransformersJs(embeddedModelFolder(), 'model_int8w', sentences, threads);
  const contenders: Contender[] = [
    await ours(sentences),
    await bare('bare session.run, batches of 32', sequences, { tokenBudget: Infinity, maxSentences: 32 }),
    await bare('bare session.run, our batches', sequences, { tokenBudget: 512, maxSentences: Infinity }),
    ...('pass' in transformersJs ? [{ name: 'transformers.js, batches of 32', ...transformersJs }] : []),
  ];
  const best = contenders.map(() => ({ seconds: Infinity, processorSeconds: Infinity }));
  for (let round = 0; round < rounds; round++) {
    for (const [i, { pass }] of contenders.entries()) {
      const { seconds, processorSeconds } = await pass();
      best[i].seconds = Math.min(best[i].seconds, seconds);
      best[i].processorSeconds = Math.min(best[i].processorSeconds, processorSeconds);
    }
  }
  console.log(
    `${sentences.length} sentences, ${sequences.length} distinct, ${threads} threads, load ${loadavg()[0].toFixed(1)}`,
  );
  console.log(`${''.padEnd(34)} seconds  sentences/s   ratio   processor s   ratio`);
  contenders.forEach(({ name }, i) => {
    const { seconds, processorSeconds } = best[i];
    const cells = [
      seconds.toFixed(2).padStart(7),
      String(Math.round(sentences.length / seconds)).padStart(12),
      (seconds / best[0].seconds).toFixed(3).padStart(7),
      processorSeconds.toFixed(2).padStart(13),
      (processorSeconds / best[0].processorSeconds).toFixed(3).padStart(7),
    ];
    console.log(`${name.padEnd(34)} ${cells.join(' ')}`);
  });
  if ('close' in transformersJs) transformersJs.close();
  else console.log(transformersJs.reason);
}

void main();
