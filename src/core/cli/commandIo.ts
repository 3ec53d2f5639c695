import type { AnalysisProgress } from '../protocol/engineProtocol';
import type { TerminalStyle } from './terminal';

/** What a command sees of the world around it. */
export interface CommandIo {
  /** aborted by SIGINT, SIGTERM and SIGHUP */
  readonly signal: AbortSignal;
  /** of standard output */
  readonly style: TerminalStyle;
  /** resolves when the bytes are on their way; a reader that has gone is no error */
  readonly writeOutput: (data: string | Uint8Array) => Promise<void>;
  /** a line on standard error, unless --quiet */
  readonly say: (line: string) => void;
  readonly onProgress: (progress: AnalysisProgress) => void;
  readonly isOutputTerminal: boolean;
}
