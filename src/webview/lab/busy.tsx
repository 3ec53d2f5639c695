import type { VNode } from 'preact';
import { Button, ProgressRing } from '../controls';
import { Icon } from '../icons';
import { strings } from '../strings';

/** Something that was chosen is being computed; it takes its room from the control before it, so that nothing beside moves under the hand. */
export function Busy({ onCancel }: { readonly onCancel: () => void }): VNode {
  return (
    <div class="lab-status">
      <ProgressRing />
      <Button kind="icon" action="cancel" title={strings.cancel} onClick={onCancel}>
        <Icon name="close" />
      </Button>
    </div>
  );
}
