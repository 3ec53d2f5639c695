/** What a page keeps over being hidden, moved or loaded anew: ids and camera, nothing that the host knows better. */
export interface SavedState {
  readonly version: 2;
  /** the host restores the panel of this document */
  readonly document: string;
  /** the analysis that rows and cameras belong to */
  readonly analysis: string;
  /** disclosures that are open, by id */
  readonly openSections: readonly string[];
  /** selected rows, ascending */
  readonly selectedRows: readonly number[];
  /** ranges of the planes' axes that the user chose: [x from, x to, y from, y to] */
  readonly cameras: Readonly<Record<string, Camera>>;
  readonly tool: PlaneTool;
  readonly projection: Projection;
}

export type Camera = readonly [number, number, number, number];
export type PlaneTool = 'lasso' | 'zoom' | 'pan';
/** which plane is drawn: the principal one, or UMAP's */
export type Projection = 'pca' | 'umap';

export interface StateStore {
  readonly current: SavedState;
  update(change: Partial<Omit<SavedState, 'version' | 'document'>>): void;
}

/** The least of VS Code's webview API that is needed; a report has none. */
interface StateApi {
  getState(): unknown;
  setState(state: SavedState): unknown;
}

const VERSION = 2;

/** @param api `null` in a report, which keeps nothing */
export function openStateStore(api: StateApi | null, documentKey: string): StateStore {
  let current = read(api?.getState(), documentKey);
  // Said at once: a window that is loaded anew must know the panel's document even when the user touched nothing.
  api?.setState(current);
  return {
    get current() {
      return current;
    },
    update(change) {
      current = { ...current, ...change };
      api?.setState(current);
    },
  };
}

/** A state of another version or another document is not ours to use. */
function read(saved: unknown, documentKey: string): SavedState {
  const fresh: SavedState = {
    version: VERSION,
    document: documentKey,
    analysis: '',
    openSections: [],
    selectedRows: [],
    cameras: {},
    tool: 'lasso',
    projection: 'pca',
  };
  if (typeof saved !== 'object' || saved === null) return fresh;
  const state = saved as Partial<SavedState>;
  return state.version === VERSION && state.document === documentKey ? { ...fresh, ...state } : fresh;
}
