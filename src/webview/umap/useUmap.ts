import { useEffect, useMemo } from 'preact/hooks';
import type { Views } from '../../core/protocol/views';
import { createCell, useCell } from '../cell';
import type { Side, Sides } from '../charts/sides';
import type { UmapState, UmapStore } from './umapStore';

/** UMAP of one side as it stands. */
export interface UmapSide {
  /** `null` while the side shows a preview, which has no layout of its own */
  readonly state: UmapState | null;
  readonly start: () => void;
  readonly cancel: () => void;
}

const IDLE = createCell<UmapState>({ kind: 'idle' });
const NO_POINTS = new Float32Array(0);

/**
 * Watches, and when it is wanted starts, UMAP of a side. One whose transform is no longer shown is cancelled.
 * @param store `null` where there is no UMAP to be had
 */
export function useUmap(store: UmapStore | null, side: Side | null, isWanted: boolean): UmapSide {
  const id = side?.id ?? 'before';
  const spec = side === null || side.isPreview ? null : side.spec;
  const cell = useMemo(() => (store === null || spec === null ? IDLE : store.state(id, spec)), [store, id, spec]);
  const state = useCell(cell);
  const start = (): void => {
    if (spec !== null) store?.start(id, spec);
  };
  useEffect(() => {
    if (isWanted) start();
  }, [store, id, spec, isWanted]);
  useEffect(() => () => (spec === null ? undefined : store?.cancel(id, spec)), [store, id, spec]);
  return {
    // The cell of another spec is subscribed to after this drawing only.
    state: spec === null ? null : cell === IDLE ? IDLE.value : state === cell.value ? state : cell.value,
    start,
    cancel: () => (spec === null ? undefined : store?.cancel(id, spec)),
  };
}

/** Sides and rows as UMAP shows them: what plots and tables draw instead of the principal planes. */
export interface UmapView {
  readonly sides: Sides;
  readonly views: Views;
}

/** A side without a layout has no points. */
export function useUmapView(sides: Sides, views: Views, before: UmapSide, after: UmapSide): UmapView {
  return useMemo(() => {
    const planeOf = ({ state }: UmapSide): Float32Array => (state?.kind === 'shown' ? state.plane.plane : NO_POINTS);
    const laidOut = (side: Side, umap: UmapSide): Side => ({ ...side, view: { ...side.view, plane: planeOf(umap) } });
    const shown = [before.state, after.state].find((state) => state?.kind === 'shown');
    const rows = shown?.kind === 'shown' ? shown.plane.rows : views.shownRows;
    return {
      sides: {
        before: laidOut(sides.before, before),
        after: sides.after && laidOut(sides.after, after),
      },
      views: { ...views, shownRows: rows },
    };
  }, [sides, views, before.state, after.state]);
}
