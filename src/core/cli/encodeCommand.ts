import { openEncoder } from '../encoder/openEncoder';
import { npyParts } from '../corpus/npy';
import { formatCount } from '../export/numberText';
import { openNodeRuntime } from '../runtime/nodeRuntime';
import type { EncodeArguments } from './arguments';
import type { CommandIo } from './commandIo';
import { checkOutput, refuseTerminal, writeResult } from './outputs';
import { nameOf, readText } from './readCorpus';

/** `isoscope encode`: one float32 row per sentence, in order. */
export async function runEncode(command: EncodeArguments, io: CommandIo): Promise<void> {
  const { signal, onProgress, say } = io;
  refuseTerminal(command.out, io);
  await checkOutput(command.out);
  const { sentences } = await readText(command.text, signal);
  onProgress({ stage: 'loading', done: 0, total: 1 });
  const runtime = await openNodeRuntime(command.threads === undefined ? {} : { threads: command.threads });
  const encoder = await openEncoder(command.encoder, runtime, {
    signal,
    onProgress: (done, total) => {
      onProgress({ stage: 'loading', done, total });
    },
  });
  try {
    const {
      vectors,
      truncatedRows,
      notes = [],
    } = await encoder.encode(sentences, {
      signal,
      onProgress: (done, total) => {
        onProgress({ stage: 'encoding', done, total });
      },
    });
    if (truncatedRows.length > 0) {
      const count = formatCount(truncatedRows.length);
      const limit =
        encoder.summary.maxTokens === null ? 'what the encoder takes' : `${encoder.summary.maxTokens} tokens`;
      say(
        `isoscope: ${nameOf(command.text.path)}: sentences longer than ${limit} were cut there: ${count} of ${formatCount(sentences.length)}.`,
      );
    }
    for (const { message } of notes) say(`isoscope: ${nameOf(command.text.path)}: ${message}`);
    await writeResult(command.out, npyParts(vectors), io);
  } finally {
    await encoder.dispose();
  }
}
