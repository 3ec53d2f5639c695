import { npyParts } from '../corpus/npy';
import type { Encoder } from '../encoder/encoder';
import { openEncoder } from '../encoder/openEncoder';
import { encodeRemembering } from '../encoder/rememberVectors';
import { createVectorMemory } from '../encoder/vectorMemory';
import { formatCount } from '../export/numberText';
import { openNodeRuntime } from '../runtime/nodeRuntime';
import type { Runtime } from '../runtime/runtime';
import type { EncodeArguments } from './arguments';
import type { CommandIo } from './commandIo';
import { encodeAllLayers, openCache } from './encodeAllLayers';
import { checkOutput, refuseTerminal, writeResult } from './outputs';
import { nameOf, readText } from './readCorpus';

/** `isoscope encode`: one float32 row per sentence, in order; with --layer all one array per layer. */
export async function runEncode(command: EncodeArguments, io: CommandIo): Promise<void> {
  const { signal, onProgress, say } = io;
  refuseTerminal(command.out, io);
  await checkOutput(command.out);
  const { sentences } = await readText(command.text, signal);
  onProgress({ stage: 'loading', done: 0, total: 1 });
  const runtime = await openNodeRuntime(command.threads === undefined ? {} : { threads: command.threads });
  const name = nameOf(command.text.path);
  const tell = ({ summary: { maxTokens }, notes }: Encoder, truncated: number) => {
    for (const { message } of notes) say(`isoscope: ${message}`);
    if (truncated === 0) return;
    const limit = maxTokens === null ? 'what the encoder takes' : `${maxTokens} tokens`;
    const counts = `${formatCount(truncated)} of ${formatCount(sentences.length)}`;
    say(`isoscope: ${name}: sentences longer than ${limit} were cut there: ${counts}.`);
  };
  if (command.encoder.layer === 'all') return encodeAllLayers(command, sentences, runtime, io, tell);
  return encodeOne(command, sentences, runtime, io, tell);
}

async function encodeOne(
  command: EncodeArguments,
  sentences: readonly string[],
  runtime: Runtime,
  io: CommandIo,
  tell: (encoder: Encoder, truncated: number) => void,
): Promise<void> {
  const { signal, onProgress, say } = io;
  const cache = openCache(command, io);
  const encoder = await openEncoder(command.encoder, runtime, {
    signal,
    onProgress: (done, total) => {
      onProgress({ stage: 'loading', done, total });
    },
    ...(cache && { dimensionOf: (identity: string) => cache.dimensionOf(identity) }),
  });
  try {
    const options = {
      signal,
      onProgress: (done: number, total: number) => {
        onProgress({ stage: 'encoding', done, total });
      },
    };
    const { vectors, truncatedRows, notes } =
      cache === null
        ? await encoder.encode(sentences, options)
        : await encodeRemembering(encoder, sentences, { memory: createVectorMemory(0), cache }, options);
    tell(encoder, truncatedRows.length);
    for (const { message } of notes ?? []) say(`isoscope: ${nameOf(command.text.path)}: ${message}`);
    await writeResult(command.out, npyParts(vectors), io);
  } finally {
    await encoder.dispose();
  }
}
