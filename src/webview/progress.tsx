import type { VNode } from 'preact';
import type { AnalysisProgress } from '../core/protocol/engineProtocol';
import { Button, ProgressRing } from './controls';
import { progressText, strings } from './strings';

export interface ProgressProps {
  readonly progress: AnalysisProgress | null;
  readonly onCancel: () => void;
}

/** What runs, how far it is, and a way to stop it. */
export function Progress({ progress, onCancel }: ProgressProps): VNode {
  const isCounted = progress !== null && progress.total > 0 && progress.stage === 'encoding';
  return (
    <div class="progress" data-progress={progress?.stage ?? 'starting'}>
      <ProgressRing />
      <div class="progress-text">
        <span>{progressText(progress)}</span>
        {isCounted && <progress max={progress.total} value={progress.done} aria-label={progressText(progress)} />}
      </div>
      <Button action="cancel" onClick={onCancel}>
        {strings.cancel}
      </Button>
    </div>
  );
}

/** For those who listen: a sentence per stage and tenth, not per batch. */
export function spokenProgress(progress: AnalysisProgress | null): string {
  if (progress?.stage !== 'encoding' || progress.total === 0) return progressText(progress);
  const tenth = Math.floor((10 * progress.done) / progress.total);
  return progressText({ ...progress, done: Math.floor((tenth * progress.total) / 10) });
}
