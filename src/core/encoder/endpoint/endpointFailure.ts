import { failureMessage, IsoscopeError } from '../../protocol/errors';

/** Why a request did not give vectors, and whether another attempt, or fewer sentences at once, may. */
export class EndpointFailure extends IsoscopeError {
  /** HTTP's; `null` when no answer came at all */
  readonly status: number | null;
  readonly canRetry: boolean;
  /** what the server asks for, in milliseconds */
  readonly retryAfterMs: number | null;

  constructor(message: string, facts: FailureFacts = {}) {
    super('encoder', message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.status = facts.status ?? null;
    this.canRetry = facts.canRetry ?? false;
    this.retryAfterMs = facts.retryAfterMs ?? null;
  }

  /** The server may take the same sentences in smaller portions. */
  get isAboutContent(): boolean {
    return this.status === 400 || this.status === 413 || this.status === 422;
  }
}

interface FailureFacts {
  readonly status?: number;
  readonly canRetry?: boolean;
  readonly retryAfterMs?: number | null;
  readonly cause?: unknown;
}

/** What a failed `fetch` says in the words of a user. */
export function networkFailure(error: unknown, address: string): EndpointFailure {
  const code = codeOf(error);
  const fail = (problem: string, canRetry = true) =>
    new EndpointFailure(`The endpoint ${address} ${problem}.`, { canRetry, cause: error });
  switch (code) {
    case 'ECONNREFUSED':
      return fail('refuses the connection: check that the server runs, and its port');
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return fail('is not found: check its name and the network', code === 'EAI_AGAIN');
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'UND_ERR_CONNECT_TIMEOUT':
      return fail('cannot be reached: check the address and the network');
    case 'ECONNRESET':
    case 'EPIPE':
    case 'UND_ERR_SOCKET':
    case 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH':
      return fail('broke the connection off in the middle of an answer: try again');
    case 'UND_ERR_HEADERS_TIMEOUT':
    case 'UND_ERR_BODY_TIMEOUT':
      return fail('stopped answering: try again');
  }
  if (/CERT|SELF_SIGNED|UNABLE_TO_|HOSTNAME|ALTNAME/.test(code)) {
    return fail(
      `has a TLS certificate that is not trusted (${code}): for one of your own, set NODE_EXTRA_CA_CERTS`,
      false,
    );
  }
  if (/SSL|EPROTO/.test(code)) return fail('does not speak TLS: check whether its address begins with http://', false);
  if (code.startsWith('HPE_')) return fail('does not answer in HTTP: check the address and the port', false);
  if (/terminated|other side closed|aborted/i.test(failureMessage(error))) {
    return fail('broke the connection off in the middle of an answer: try again');
  }
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return fail(`cannot be asked (${failureMessage(cause)})`, false);
}

/** Of the error or of what caused it: `fetch` hides the system's errors one or two levels down. */
function codeOf(error: unknown): string {
  let current: unknown = error;
  for (let depth = 0; depth < 4 && typeof current === 'object' && current !== null; depth++) {
    const { code, errors, cause } = current as { code?: unknown; errors?: unknown; cause?: unknown };
    if (typeof code === 'string') return code;
    current = Array.isArray(errors) ? (errors as unknown[])[0] : cause;
  }
  return '';
}
