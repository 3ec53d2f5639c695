import { openPeer, type Peer } from '../core/protocol/rpc';
import type { HostToPage, PageState, PageToHost } from '../core/protocol/webviewProtocol';
import { createCell, type Cell } from './cell';
import { watchProblems } from './problems';
import { keepUnchanged, withProgress, withStale } from './pageStates';

/** The host, as the page asks and tells it. */
export type Host = Peer<PageToHost>;

/** What the host last said. */
export interface HostView {
  readonly host: Host;
  /** `null` until the first answer to `ready` */
  readonly state: Cell<PageState | null>;
  /** rows under the editor's cursor or in its selection, ascending */
  readonly highlighted: Cell<Uint32Array>;
}

/** Connects to the extension host over VS Code's messages and asks for the state. */
export function connectToHost(api: { postMessage(message: unknown): void }): HostView {
  const state = createCell<PageState | null>(null);
  const highlighted = createCell<Uint32Array>(new Uint32Array(0));
  const host = openPeer<PageToHost, HostToPage>(
    {
      post: (message) => api.postMessage(message),
      onMessage: (listener) => {
        const onMessage = (event: MessageEvent<unknown>): void => listener(event.data);
        window.addEventListener('message', onMessage);
        return () => window.removeEventListener('message', onMessage);
      },
    },
    {
      requests: {},
      notifications: {
        state: (next) => state.set(keepUnchanged(state.value, next)),
        progress: (progress) => state.set(withProgress(state.value, progress)),
        stale: ({ staleRows, isStale }) => state.set(withStale(state.value, staleRows, isStale)),
        highlight: ({ rows }) => highlighted.set(rows),
      },
      onProblem: (error) => host.notify('problem', { message: String(error) }),
    },
  );
  watchProblems((message) => host.notify('problem', { message }));
  host.notify('ready', null);
  return { host, state, highlighted };
}
