import type { StepProgress } from '../../core/protocol/engineProtocol';
import { failureMessage, failureReason } from '../../core/protocol/errors';
import type { UmapPlane } from '../../core/protocol/umap';
import { createCell, type Cell } from '../cell';

export type SideId = 'before' | 'after';

/** How far UMAP of one space is. */
export type UmapState =
  /** not asked for, or cancelled */
  | { readonly kind: 'idle' }
  | { readonly kind: 'running'; readonly share: number }
  | { readonly kind: 'shown'; readonly plane: UmapPlane }
  | { readonly kind: 'failed'; readonly message: string };

/** UMAP planes of one analysis, by side and transform: made when asked for, kept while the analysis is shown. */
export interface UmapStore {
  state(side: SideId, spec: string): Cell<UmapState>;
  /** Does nothing when it is there or on its way. */
  start(side: SideId, spec: string): void;
  cancel(side: SideId, spec: string): void;
}

/** Of many transforms that were tried, so many planes are kept. */
const MOST_KEPT = 12;

export type AskUmap = (
  params: { readonly side: 'raw' | 'transformed'; readonly spec: string },
  options: { readonly signal: AbortSignal; readonly onProgress: (progress: StepProgress) => void },
) => Promise<UmapPlane | null>;

/** @param ask answers `null` when the host shows something else by now */
export function createUmapStore(ask: AskUmap): UmapStore {
  const cells = new Map<string, Cell<UmapState>>();
  const running = new Map<string, AbortController>();

  const cellOf = (key: string): Cell<UmapState> => {
    const known = cells.get(key) ?? createCell<UmapState>({ kind: 'idle' });
    // A Map's first key is the one asked for longest ago.
    cells.delete(key);
    cells.set(key, known);
    for (const oldest of cells.keys()) {
      if (cells.size <= MOST_KEPT) break;
      if (!running.has(oldest)) cells.delete(oldest);
    }
    return known;
  };
  async function run(side: SideId, spec: string, cell: Cell<UmapState>): Promise<UmapState> {
    const controller = new AbortController();
    const key = keyOf(side, spec);
    running.set(key, controller);
    try {
      const plane = await ask(
        { side: side === 'before' ? 'raw' : 'transformed', spec },
        {
          signal: controller.signal,
          onProgress: ({ done, total }) => cell.set({ kind: 'running', share: total > 0 ? done / total : 0 }),
        },
      );
      return plane === null ? { kind: 'idle' } : { kind: 'shown', plane };
    } catch (error) {
      return failureReason(error) === 'cancelled'
        ? { kind: 'idle' }
        : { kind: 'failed', message: failureMessage(error) };
    } finally {
      if (running.get(key) === controller) running.delete(key);
    }
  }
  return {
    state: (side, spec) => cellOf(keyOf(side, spec)),
    start(side, spec) {
      const key = keyOf(side, spec);
      const cell = cellOf(key);
      if (running.has(key) || cell.value.kind === 'shown') return;
      cell.set({ kind: 'running', share: 0 });
      void run(side, spec, cell).then((state) => {
        // Cancelled and started again meanwhile: the newer one has the say.
        if (!running.has(key)) cell.set(state);
      });
    },
    cancel(side, spec) {
      const key = keyOf(side, spec);
      const controller = running.get(key);
      if (controller === undefined) return;
      running.delete(key);
      cells.get(key)?.set({ kind: 'idle' });
      controller.abort();
    },
  };
}

/** Planes that are there already: the report's. */
export function heldUmap(planes: { readonly raw: UmapPlane; readonly transformed: UmapPlane | null }): UmapStore {
  const idle = createCell<UmapState>({ kind: 'idle' });
  const shown = (plane: UmapPlane | null): Cell<UmapState> =>
    plane === null ? idle : createCell<UmapState>({ kind: 'shown', plane });
  const cells = { before: shown(planes.raw), after: shown(planes.transformed) };
  return { state: (side) => cells[side], start: () => undefined, cancel: () => undefined };
}

function keyOf(side: SideId, spec: string): string {
  return `${side}|${spec}`;
}
