import { toolName } from '../analysis/toolName';
import { removeUnfinishedFiles } from '../corpus/writeFileAtomically';
import { assertNever, failureReason, type FailureReason, IsoscopeError } from '../protocol/errors';
import { runAnalyze } from './analyzeCommand';
import { runApply } from './applyCommand';
import { type CommandArguments, parseArguments } from './arguments';
import type { CommandIo } from './commandIo';
import { runCompare } from './compareCommand';
import { runEncode } from './encodeCommand';
import { settleEndpoint } from './endpointArguments';
import { runExport } from './exportCommand';
import { runFit } from './fitCommand';
import { type ProgressDisplay, showProgress } from './progress';
import { terminalStyle } from './terminal';

export const EXIT_CODES: Readonly<Record<FailureReason, number>> = {
  usage: 2,
  input: 3,
  encoder: 4,
  engine: 4,
  'out-of-memory': 4,
  lost: 4,
  cancelled: 130,
};

/** How long an interrupted command may take to stop by itself. */
const PATIENCE_MS = 2000;

/** The reader of standard output has gone (`| head`): nothing more is wanted, and nothing is wrong. */
class ReaderGone extends Error {}

/**
 * Runs one command and returns its exit code. Writes to standard output and error, reads standard input, handles signals: the process is its own.
 * @param argv without node and script
 */
export async function runCommandLine(argv: readonly string[]): Promise<number> {
  const isDebug = argv.includes('--debug');
  if (isDebug) process.setSourceMapsEnabled(true);
  const interrupt = listenForInterrupts();
  const progress = showProgress(
    {
      write: (text) => process.stderr.write(text),
      isTTY: process.stderr.isTTY,
      columns: process.stderr.columns,
    },
    () => performance.now(),
  );
  // Errors of the streams arrive where they are written to; without a listener they would end the process as well.
  process.stdout.on('error', () => undefined);
  process.stderr.on('error', () => undefined);
  try {
    const command = parseArguments(argv);
    const io = openIo(command, interrupt, progress);
    const settled = 'encoder' in command ? await settleEndpoint(command, process.env, io) : command;
    await runCommand(settled, io);
    progress.clear();
    return 0;
  } catch (error) {
    progress.clear();
    if (error instanceof ReaderGone) return 0;
    const reason = interrupt.aborted ? 'cancelled' : failureReason(error);
    if (reason !== 'cancelled') await explain(error, isDebug);
    return EXIT_CODES[reason];
  } finally {
    removeUnfinishedFiles();
  }
}

async function runCommand(command: CommandArguments, io: CommandIo): Promise<void> {
  switch (command.command) {
    case 'help':
      return io.writeOutput(command.text);
    case 'version':
      return io.writeOutput(`${toolName()}\n`);
    case 'analyze':
      return runAnalyze(command, io);
    case 'encode':
      return runEncode(command, io);
    case 'fit':
      return runFit(command, io);
    case 'apply':
      return runApply(command, io);
    case 'export':
      return runExport(command, io);
    case 'compare':
      return runCompare(command, io);
    default:
      return assertNever(command);
  }
}

function openIo(command: CommandArguments, signal: AbortSignal, progress: ProgressDisplay): CommandIo {
  const isQuiet = 'quiet' in command && command.quiet;
  const { isTTY, columns } = process.stdout;
  return {
    signal,
    style: terminalStyle({ isTTY, columns, environment: process.env, platform: process.platform }),
    isOutputTerminal: isTTY,
    writeOutput: (data) => {
      progress.clear();
      return writeOutput(data);
    },
    say: (line) => {
      progress.clear();
      if (!isQuiet) process.stderr.write(`${line}\n`);
    },
    onProgress: isQuiet ? () => undefined : progress.update,
  };
}

function writeOutput(data: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(data, (error) => {
      if (!error) resolve();
      else if ('code' in error && error.code === 'EPIPE') reject(new ReaderGone());
      else reject(new IsoscopeError('input', `Standard output cannot be written: ${error.message}.`, { cause: error }));
    });
  });
}

/** One sentence on standard error; the stack of it and of its causes with --debug. */
function explain(error: unknown, debug: boolean): Promise<void> {
  const sentence = sentenceOf(error).replace(/\s*[\r\n]+\s*/g, ' ');
  let text = sentence.startsWith('isoscope ') ? `${sentence}\n` : `isoscope: ${sentence}\n`;
  for (let cause = error; debug && cause instanceof Error; cause = cause.cause)
    text += `${cause.stack ?? String(cause)}\n`;
  return new Promise((resolve) => {
    process.stderr.write(text, () => {
      resolve();
    });
  });
}

function sentenceOf(error: unknown): string {
  if (error instanceof IsoscopeError) return error.message;
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof RangeError && /allocation|array length|array buffer/i.test(message)) {
    return `There is not enough memory for this (${message}): use fewer lines or a smaller encoder.`;
  }
  return `Something went wrong inside Isoscope: ${message}; run again with --debug for where.`;
}

/**
 * The first SIGINT (or SIGTERM, SIGHUP) asks the command to stop, a second one or two seconds without effect end the process; half-written files go either way.
 */
function listenForInterrupts(): AbortSignal {
  const control = new AbortController();
  const leave = () => {
    removeUnfinishedFiles();
    process.exit(EXIT_CODES.cancelled);
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (control.signal.aborted) leave();
      control.abort();
      setTimeout(leave, PATIENCE_MS).unref();
    });
  }
  return control.signal;
}
