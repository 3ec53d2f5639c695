import type { VNode } from 'preact';
import type { Report } from '../core/protocol/webviewProtocol';
import { Button } from './controls';
import { Icon } from './icons';
import { Progress } from './progress';
import { strings } from './strings';

export interface BannersProps {
  readonly report: Report;
  /** the progress is shown where it was asked for */
  readonly isProgressElsewhere?: boolean;
  readonly onReanalyze: () => void;
  readonly onCancel: () => void;
}

/** A re-analysis that runs over what is shown, or that what is shown is no longer what is written. */
export function Banners({ report, isProgressElsewhere, onReanalyze, onCancel }: BannersProps): VNode | null {
  const { progress, isStale, staleRows } = report;
  if (progress !== null && isProgressElsewhere !== true) {
    return (
      <div class="banner">
        <Progress progress={progress} onCancel={onCancel} />
      </div>
    );
  }
  if (!isStale && staleRows.length === 0) return null;
  return (
    <div class="banner" data-stale={staleRows.length}>
      <Icon name="warning" />
      <span class="banner-text" title={strings.staleHint}>
        {strings.stale(staleRows.length)}
      </span>
      <Button kind="primary" action="reanalyze" title={strings.staleHint} onClick={onReanalyze}>
        {strings.reanalyze}
      </Button>
    </div>
  );
}
