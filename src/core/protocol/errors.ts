/** Why a piece of work did not end well. The command line maps it to an exit code, the panel to a way on. */
export type FailureReason =
  /** wrong options or settings (exit code 2) */
  | 'usage'
  /** a file, line or matrix that cannot be used (exit code 3) */
  | 'input'
  /** a model folder, graph or tokenizer that cannot be used (exit code 4) */
  | 'encoder'
  /** the engine process or ONNX Runtime failed (exit code 4) */
  | 'engine'
  /** the engine process ran out of memory (exit code 4) */
  | 'out-of-memory'
  /** the engine no longer holds what was asked for, e.g. after a restart: run the analysis again (exit code 4) */
  | 'lost'
  /** the user's own wish: never shown as an error (exit code 130) */
  | 'cancelled';

/** An error that a user reads: one sentence that names the file, line or setting and the way on. */
export class IsoscopeError extends Error {
  override readonly name = 'IsoscopeError';
  readonly reason: FailureReason;

  constructor(reason: FailureReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/** The reason behind anything that was thrown; an aborted signal counts as `cancelled`. */
export function failureReason(error: unknown): FailureReason {
  if (error instanceof IsoscopeError) return error.reason;
  if (error instanceof Error && error.name === 'AbortError') return 'cancelled';
  return 'engine';
}

/** The sentence a user reads of anything that was thrown. */
export function failureMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Closes an exhaustive switch: the compiler refuses a call that can be reached. */
export function assertNever(value: never): never {
  throw new Error(`unexpected value: ${JSON.stringify(value)}`);
}
