import { readFileSync } from 'node:fs';
import { IsoscopeError } from '../protocol/errors';

/** How a process ended, as `child_process` tells it, and what it said last. */
export interface ProcessExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** the last kilobytes of standard error */
  readonly stderrTail: string;
  /** the kernel's memory guard killed a process meanwhile; `false` where that cannot be known */
  readonly hasKernelKilled: boolean;
}

/** What a user reads when the engine ended by itself. */
export function describeExit({ code, signal, stderrTail, hasKernelKilled }: ProcessExit): IsoscopeError {
  if (MEMORY_WORDS.test(stderrTail) || (isKill(code, signal) && hasKernelKilled)) {
    return new IsoscopeError(
      'out-of-memory',
      'The engine ran out of memory and was stopped: analyse fewer lines, or close other programs; it starts again by itself.',
    );
  }
  if (isKill(code, signal)) {
    return new IsoscopeError(
      'engine',
      'The engine was killed from outside (SIGKILL); systems do that when memory runs short. It starts again by itself.',
    );
  }
  const how = signal === null ? `exit code ${String(code)}` : `signal ${signal}`;
  const lastWords = lastErrorLine(stderrTail);
  return new IsoscopeError(
    'engine',
    `The engine stopped unexpectedly (${how}${lastWords === '' ? '' : `: ${lastWords}`}). It starts again by itself.`,
  );
}

/**
 * How many processes the kernel has killed for want of memory since the machine started; `null` where it does not say
 * (anything but Linux). Two readings around a SIGKILL tell the kernel's kill from a person's.
 */
export function readKernelKillCount(): number | null {
  try {
    const count = /^oom_kill (\d+)$/m.exec(readFileSync('/proc/vmstat', 'utf8'))?.[1];
    return count === undefined ? null : Number(count);
  } catch {
    return null;
  }
}

/** V8's fatal messages, the C++ library's, and ONNX Runtime's wrapping of them. */
export const MEMORY_WORDS =
  /heap out of memory|Fatal process out of memory|Array buffer allocation failed|std::bad_alloc|bad allocation|Failed to allocate memory|Invalid typed array length/;

const isKill = (code: number | null, signal: NodeJS.Signals | null): boolean => signal === 'SIGKILL' || code === 137;

/** The line that names the error: of a stack trace the head, of anything else the last line. */
function lastErrorLine(text: string): string {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('at ') && !/^Node\.js v\d/.test(line));
  const named = lines.filter((line) => /^(\w*Error|FATAL ERROR|terminate called)\b/.test(line));
  return (named.at(-1) ?? lines.at(-1) ?? '').slice(0, 200);
}
