import { useEffect, useRef, useState } from 'preact/hooks';
import { failureMessage, failureReason } from '../../core/protocol/errors';
import type { Snapshot } from '../../core/protocol/snapshot';
import type { Host } from '../hostConnection';

/** Which of an encoder's vectors are looked at. */
export interface Reading {
  /** "last" or a block number */
  readonly layer: string | number;
  readonly pooling: string;
}

/** Layer and pooling as the user is choosing them. */
export interface Encoding {
  readonly reading: Reading;
  /** the sentences are being read that way */
  readonly isSettling: boolean;
  readonly error: string | null;
  readonly choose: (reading: Reading) => void;
}

/** Arrow keys pass through layers; they are read when the keys rest. */
const SETTLE_DELAY_MS = 250;

/** A choice is shown at once and holds until the host's next snapshot, which is the truth. */
export function useEncoding(snapshot: Snapshot, host: Host): Encoding {
  const settled: Reading = { layer: snapshot.encoder.layer ?? 'last', pooling: snapshot.encoder.pooling ?? 'mean' };
  const [draft, setDraft] = useState<Reading | null>(null);
  const [isSettling, setSettling] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const turn = useRef(0);

  useEffect(() => {
    if (timer.current !== undefined) return;
    setDraft(null);
    setError(null);
  }, [snapshot]);
  useEffect(() => () => clearTimeout(timer.current), []);

  async function settle(reading: Reading): Promise<void> {
    const mine = ++turn.current;
    setSettling(true);
    setError(null);
    try {
      await host.request('encode', reading);
    } catch (reason) {
      if (mine === turn.current && failureReason(reason) !== 'cancelled') setError(failureMessage(reason));
    } finally {
      if (mine === turn.current) {
        setSettling(false);
        // Read that way, cancelled or refused: what the host shows now is what holds.
        if (timer.current === undefined) setDraft(null);
      }
    }
  }
  const choose = (reading: Reading): void => {
    setDraft(reading);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      timer.current = undefined;
      void settle(reading);
    }, SETTLE_DELAY_MS);
  };
  return { reading: draft ?? settled, isSettling, error, choose };
}
