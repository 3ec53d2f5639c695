import { failureMessage, failureReason, IsoscopeError, type FailureReason } from './errors';

/**
 * Typed requests and notifications over any message port: fork IPC (engine) and `postMessage` (page).
 *
 * - Every request settles. Whatever a handler throws becomes an answer; disposing rejects what is pending.
 * - Cancelling rejects the caller AT ONCE with reason `cancelled` and tells the other side, whose handler sees its signal
 *   abort. The answer that still comes is dropped, but reported to `onAcknowledged`: who owns a process can tell a side
 *   that stops from one that is stuck in native code.
 * - Foreign or malformed messages are ignored: a page shares its `message` event with others.
 */

/** The least that a transport must do. Messages of one direction arrive in order, each once or never. */
export interface RpcPort {
  /** @throws when the message cannot be cloned or the channel is closed */
  post(message: unknown): void;
  /** @returns a function that stops listening */
  onMessage(listener: (message: unknown) => void): () => void;
}

/** Requests by name, e.g. `EngineRequests`. */
export type RequestMap<Map> = { readonly [Name in keyof Map]: RequestShape };
export interface RequestShape {
  readonly params: unknown;
  readonly result: unknown;
  /** `never` for requests without progress */
  readonly progress: unknown;
}

/** What one side sends: requests that the other answers, and notifications by name, payload as value. */
export interface Outgoing<Requests extends RequestMap<Requests> = object, Notifications = object> {
  readonly requests: Requests;
  readonly notifications: Notifications;
}
interface AnyOutgoing {
  readonly requests: object;
  readonly notifications: object;
}
type Shape<Requests, Name extends keyof Requests> = Requests[Name] extends RequestShape ? Requests[Name] : never;

export interface RequestOptions<Progress> {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** the other side has answered, also when the caller has cancelled meanwhile; not called when the peer is disposed */
  readonly onAcknowledged?: (() => void) | undefined;
}

/** What a handler may use besides its parameters. */
export interface RequestContext<Progress> {
  /** aborts when the caller cancels or the peer is disposed */
  readonly signal: AbortSignal;
  readonly reportProgress: (progress: Progress) => void;
}

/** One function per request of the other side. */
export type RequestHandlers<Requests> = {
  readonly [Name in keyof Requests]: (
    params: Shape<Requests, Name>['params'],
    context: RequestContext<Shape<Requests, Name>['progress']>,
  ) => Shape<Requests, Name>['result'] | Promise<Shape<Requests, Name>['result']>;
};

/** Functions for the notifications of the other side; those without one are ignored. */
export type NotificationListeners<Notifications> = {
  readonly [Name in keyof Notifications]?: (payload: Notifications[Name]) => void;
};

export interface PeerOptions<Incoming extends AnyOutgoing> {
  readonly requests: RequestHandlers<Incoming['requests']>;
  readonly notifications: NotificationListeners<Incoming['notifications']>;
  /** for the log: a listener that threw, a post that failed. Never called with the user's own cancelling */
  readonly onProblem?: (error: unknown) => void;
}

/** One end of a connection: sends `Sent`. */
export interface Peer<Sent extends AnyOutgoing> {
  /**
   * Asks the other side.
   * @throws IsoscopeError with the other side's reason, `cancelled`, or the reason given to `dispose`
   */
  request<Name extends keyof Sent['requests'] & string>(
    name: Name,
    params: Shape<Sent['requests'], Name>['params'],
    options?: RequestOptions<Shape<Sent['requests'], Name>['progress']>,
  ): Promise<Shape<Sent['requests'], Name>['result']>;
  /** Tells the other side; nothing comes back. Does nothing after `dispose`. */
  notify<Name extends keyof Sent['notifications'] & string>(name: Name, payload: Sent['notifications'][Name]): void;
  /** Stops listening, rejects what is pending with `error` and aborts the handlers that run. */
  dispose(error?: IsoscopeError): void;
}

/** Opens one end of a connection that sends `Sent` and receives `Incoming`. */
export function openPeer<Sent extends AnyOutgoing, Incoming extends AnyOutgoing>(
  port: RpcPort,
  options: PeerOptions<Incoming>,
): Peer<Sent> {
  const handlers = options.requests as Readonly<Record<string, UntypedHandler | undefined>>;
  const listeners = options.notifications as Readonly<Record<string, ((payload: unknown) => void) | undefined>>;
  const pending = new Map<number, PendingRequest>();
  const running = new Map<number, AbortController>();
  let disposedBy: IsoscopeError | undefined;
  let nextId = firstId();

  const report = (error: unknown): void => options.onProblem?.(error);

  function tryPost(message: WireMessage): boolean {
    if (disposedBy !== undefined) return false;
    try {
      port.post(message);
      return true;
    } catch (error) {
      report(error);
      return false;
    }
  }

  function request(
    name: string,
    params: unknown,
    { signal, onProgress, onAcknowledged }: RequestOptions<unknown> = {},
  ) {
    return new Promise<unknown>((resolve, reject) => {
      if (disposedBy !== undefined || signal?.aborted === true) {
        reject(disposedBy ?? cancelledError());
        return;
      }
      const id = nextId++;
      const cancel = (): void => {
        tryPost({ id, cancel: true });
        reject(cancelledError());
      };
      pending.set(id, {
        resolve,
        reject,
        onProgress: (progress) => {
          if (signal?.aborted !== true) onProgress?.(progress);
        },
        settle: (isAcknowledged) => {
          pending.delete(id);
          signal?.removeEventListener('abort', cancel);
          if (isAcknowledged) onAcknowledged?.();
        },
      });
      try {
        port.post({ id, request: name, params } satisfies WireMessage);
      } catch (error) {
        pending.delete(id);
        reject(new IsoscopeError('engine', `"${name}" could not be sent: ${failureMessage(error)}`, { cause: error }));
        return;
      }
      signal?.addEventListener('abort', cancel, { once: true });
    });
  }

  async function answer({ id, request: name, params }: RequestMessage): Promise<void> {
    const controller = new AbortController();
    running.set(id, controller);
    const context: RequestContext<unknown> = {
      signal: controller.signal,
      reportProgress: (progress) => {
        if (running.get(id) === controller && !controller.signal.aborted) tryPost({ id, progress });
      },
    };
    let reply: WireMessage;
    try {
      const handler = Object.hasOwn(handlers, name) ? handlers[name] : undefined;
      if (handler === undefined) throw new IsoscopeError('engine', `unknown request "${name}"`);
      // `undefined` would not survive JSON, and a message without `ok` is no answer.
      reply = { id, ok: (await handler(params, context)) ?? null };
    } catch (error) {
      reply = { id, err: describeFailure(error) };
    }
    running.delete(id);
    if (disposedBy !== undefined) return;
    try {
      port.post(reply);
    } catch (error) {
      report(error);
      tryPost({
        id,
        err: { reason: 'engine', message: `the answer to "${name}" could not be sent: ${failureMessage(error)}` },
      });
    }
  }

  const stopListening = port.onMessage((received) => {
    const message = readMessage(received);
    if (message === null) return;
    if ('notify' in message) {
      const listener = Object.hasOwn(listeners, message.notify) ? listeners[message.notify] : undefined;
      guard(() => listener?.(message.payload), report);
    } else if ('request' in message) {
      void answer(message);
    } else if ('cancel' in message) {
      running.get(message.id)?.abort(cancelledError());
    } else {
      const entry = pending.get(message.id);
      if (entry === undefined) return;
      if ('progress' in message) {
        guard(() => entry.onProgress(message.progress), report);
        return;
      }
      guard(() => entry.settle(true), report);
      if ('err' in message) entry.reject(new IsoscopeError(message.err.reason, message.err.message));
      else entry.resolve(message.ok);
    }
  });

  return {
    request,
    notify: (name, payload) => void tryPost({ notify: name, payload }),
    dispose: (error = new IsoscopeError('cancelled', 'The connection was closed.')) => {
      if (disposedBy !== undefined) return;
      disposedBy = error;
      stopListening();
      for (const entry of pending.values()) {
        entry.settle(false);
        entry.reject(error);
      }
      for (const controller of running.values()) controller.abort(error);
      running.clear();
    },
  };
}

/** What travels. Ids are counted by the side that asks. */
type WireMessage = RequestMessage | CancelMessage | ProgressMessage | AnswerMessage | NotificationMessage;
interface RequestMessage {
  readonly id: number;
  readonly request: string;
  readonly params: unknown;
}
interface CancelMessage {
  readonly id: number;
  readonly cancel: true;
}
interface ProgressMessage {
  readonly id: number;
  readonly progress: unknown;
}
type AnswerMessage =
  | { readonly id: number; readonly ok: unknown }
  | { readonly id: number; readonly err: { readonly reason: FailureReason; readonly message: string } };
interface NotificationMessage {
  readonly notify: string;
  readonly payload: unknown;
}

type UntypedHandler = (params: unknown, context: RequestContext<unknown>) => unknown;

interface PendingRequest {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: IsoscopeError) => void;
  readonly onProgress: (progress: unknown) => void;
  readonly settle: (isAcknowledged: boolean) => void;
}

/**
 * Ids start where no earlier page or process on the same port has been: a page that was hidden and loaded anew must not
 * take the late answer to its predecessor's request 3 for the answer to its own.
 */
function firstId(): number {
  return Math.floor(performance.timeOrigin + performance.now());
}

function cancelledError(): IsoscopeError {
  return new IsoscopeError('cancelled', 'The work was cancelled.');
}

function describeFailure(error: unknown): { reason: FailureReason; message: string } {
  try {
    return { reason: failureReason(error), message: failureMessage(error) };
  } catch {
    // Something was thrown that cannot even be made a string.
    return { reason: 'engine', message: 'unknown failure' };
  }
}

function guard(run: () => void, onError: (error: unknown) => void): void {
  try {
    run();
  } catch (error) {
    onError(error);
  }
}

/** A message of ours, or `null` for anything else. */
function readMessage(received: unknown): WireMessage | null {
  if (typeof received !== 'object' || received === null) return null;
  const message: Received = received;
  const { id } = message;
  if (typeof message.notify === 'string') return { notify: message.notify, payload: message.payload };
  if (typeof id !== 'number') return null;
  if (typeof message.request === 'string') return { id, request: message.request, params: message.params };
  if (message.cancel === true) return { id, cancel: true };
  if ('progress' in message) return { id, progress: message.progress };
  if ('err' in message) return { id, err: readFailure(message.err) };
  if ('ok' in message) return { id, ok: message.ok };
  return null;
}

type Received = Readonly<
  Partial<Record<'id' | 'request' | 'params' | 'cancel' | 'progress' | 'ok' | 'err' | 'notify' | 'payload', unknown>>
>;

function readFailure(received: unknown): { reason: FailureReason; message: string } {
  const { reason, message } = (received ?? {}) as { reason?: unknown; message?: unknown };
  return {
    // Both sides are built together, so the reason is one of ours; a foreign one would only fall through every switch.
    reason: typeof reason === 'string' ? (reason as FailureReason) : 'engine',
    message: typeof message === 'string' ? message : 'unknown failure',
  };
}
