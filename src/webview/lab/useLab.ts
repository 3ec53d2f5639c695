import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { failureMessage, failureReason } from '../../core/protocol/errors';
import type { Snapshot } from '../../core/protocol/snapshot';
import type { Preview } from '../../core/protocol/views';
import type { Host } from '../hostConnection';
import { type LabSpec, readLabSpec, writeLabSpec } from './labSpec';
import { createPreviewQueue } from './previewQueue';

/** The transform as the user is choosing it. */
export interface Lab {
  readonly spec: LabSpec;
  /** what to show instead of the settled after; `null` when the settled one is right */
  readonly preview: Preview | null;
  /** a chosen setting is being measured */
  readonly isSettling: boolean;
  readonly error: string | null;
  /** a slider passes through a setting */
  readonly pass: (spec: LabSpec) => void;
  /** a setting is chosen */
  readonly choose: (spec: LabSpec) => void;
}

/** Arrow keys choose a setting with every press; it is measured when they rest. */
const SETTLE_DELAY_MS = 200;

/**
 * Previews while a slider moves, a transform when it rests. A new snapshot is the truth: it ends both, unless the user is on the way to
 * yet another setting.
 */
export function useLab(snapshot: Snapshot, host: Host): Lab {
  const settled = useMemo(() => readLabSpec(snapshot.transform.spec), [snapshot]);
  const [draft, setDraft] = useState<LabSpec | null>(null);
  const [preview, setPreview] = useState<Preview | null>(null);
  const [isSettling, setSettling] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const isPassing = useRef(false);
  const chosen = useRef(0);
  const latestSettled = useRef(settled);
  latestSettled.current = settled;

  const fail = (reason: unknown): void => {
    if (failureReason(reason) !== 'cancelled') setError(failureMessage(reason));
  };
  const queue = useMemo(
    () =>
      createPreviewQueue<Preview>({
        ask: (spec) => host.request('preview', { spec }),
        onResult: (result) => {
          setError(null);
          setPreview(result);
        },
        onError: fail,
      }),
    [host],
  );

  useEffect(() => {
    if (isOnTheWay()) return;
    forget();
    setError(null);
  }, [snapshot]);
  useEffect(
    () => () => {
      clearTimeout(timer.current);
      queue.clear();
    },
    [queue],
  );

  /** The user has left the setting that the host knows for another one. */
  const isOnTheWay = (): boolean => isPassing.current || timer.current !== undefined;
  const pass = (spec: LabSpec): void => {
    isPassing.current = true;
    clearTimeout(timer.current);
    timer.current = undefined;
    setDraft(spec);
    queue.want(writeLabSpec(spec));
  };
  const forget = (): void => {
    queue.clear();
    setDraft(null);
    setPreview(null);
  };
  const choose = (spec: LabSpec): void => {
    isPassing.current = false;
    setDraft(spec);
    clearTimeout(timer.current);
    timer.current = undefined;
    if (!isSettling && writeLabSpec(spec) === writeLabSpec(settled)) {
      // Back where it was: measured already.
      forget();
      return;
    }
    timer.current = setTimeout(() => {
      timer.current = undefined;
      void settle(writeLabSpec(spec));
    }, SETTLE_DELAY_MS);
  };
  async function settle(spec: string): Promise<void> {
    const turn = ++chosen.current;
    setSettling(true);
    setError(null);
    try {
      await host.request('transform', { spec });
      // The state comes before the answer. Another one than was asked for: somebody cancelled.
      if (turn === chosen.current && !isOnTheWay() && writeLabSpec(latestSettled.current) !== spec) forget();
    } catch (reason) {
      if (turn !== chosen.current) return;
      fail(reason);
      // What could not be fitted is not what is shown.
      forget();
    } finally {
      if (turn === chosen.current) setSettling(false);
    }
  }
  return { spec: draft ?? settled, preview, isSettling, error, pass, choose };
}
