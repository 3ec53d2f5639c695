import type { VNode } from 'preact';
import { Button, ProgressRing } from '../controls';
import { Icon } from '../icons';
import { strings } from '../strings';

/** Always as wide: what stands beside it must not move under the hand. */
export function Busy({ isBusy, onCancel }: { readonly isBusy: boolean; readonly onCancel: () => void }): VNode {
  return (
    <div class="lab-status">
      {isBusy && (
        <>
          <ProgressRing />
          <Button kind="icon" action="cancel" title={strings.cancel} onClick={onCancel}>
            <Icon name="close" />
          </Button>
        </>
      )}
    </div>
  );
}
