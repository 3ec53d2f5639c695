import { useState } from 'preact/hooks';
import { failureMessage, failureReason } from '../../core/protocol/errors';
import type { FitChoice } from '../../core/protocol/webviewProtocol';
import type { Host } from '../hostConnection';

/** Chooses what the transform is fitted on; the host answers with a new state. */
export function useFit(host: Host): { readonly error: string | null; readonly choose: (on: FitChoice) => void } {
  const [error, setError] = useState<string | null>(null);
  const choose = (on: FitChoice): void => {
    setError(null);
    host.request('fit', { on }).catch((reason: unknown) => {
      if (failureReason(reason) !== 'cancelled') setError(failureMessage(reason));
    });
  };
  return { error, choose };
}
