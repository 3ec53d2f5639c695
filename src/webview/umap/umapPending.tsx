import type { VNode } from 'preact';
import { Button, ProgressRing } from '../controls';
import { strings } from '../strings';
import type { UmapSide } from './useUmap';

/** In the place of a plane that is not there yet: how far it is, or how to get it. */
export function UmapPending({ umap: { state, start, cancel } }: { readonly umap: UmapSide }): VNode {
  return (
    <div class="plot umap-pending" data-umap={state?.kind ?? 'preview'}>
      <Content state={state} start={start} cancel={cancel} />
    </div>
  );
}

function Content({ state, start, cancel }: UmapSide): VNode | null {
  switch (state?.kind) {
    case undefined:
      return <p class="muted">{strings.umapFollows}</p>;
    case 'idle':
      return (
        <Button action="umap-start" onClick={start}>
          {strings.umapStart}
        </Button>
      );
    case 'failed':
      return (
        <>
          <p class="lab-error" role="alert">
            {state.message}
          </p>
          <Button action="umap-start" onClick={start}>
            {strings.umapAgain}
          </Button>
        </>
      );
    case 'running': {
      // By tens for those who listen, by the percent for those who look.
      const percent = Math.floor(100 * state.share);
      return (
        <>
          <ProgressRing />
          <p aria-hidden="true">{strings.umapRunning(percent)}</p>
          <p class="status" role="status">
            {strings.umapRunning(10 * Math.floor(percent / 10))}
          </p>
          <progress max={100} value={percent} aria-label={strings.umapRunning(percent)} />
          <Button action="umap-cancel" onClick={cancel}>
            {strings.cancel}
          </Button>
        </>
      );
    }
    default:
      return null;
  }
}
