import { formatCount } from '../export/numberText';
import type { AnalysisProgress } from '../protocol/engineProtocol';

/** Where progress is shown. */
export interface ProgressTarget {
  readonly write: (text: string) => void;
  readonly isTTY: boolean;
  readonly columns: number | undefined;
}

export interface ProgressDisplay {
  readonly update: (progress: AnalysisProgress) => void;
  /** takes the live line away, so that something else can be written */
  readonly clear: () => void;
}

const LIVE_INTERVAL_MS = 80;
const SPARSE_INTERVAL_MS = 5000;

/**
 * Progress for people: one live line in a terminal; elsewhere (logs) a line per stage and one every five seconds while it lasts.
 * @param now milliseconds of a clock that never goes back
 */
export function showProgress(target: ProgressTarget, now: () => number): ProgressDisplay {
  const lineWidth = target.columns !== undefined && target.columns > 0 ? target.columns : 80;
  let stage: AnalysisProgress['stage'] | undefined;
  let shownAt = -Infinity;
  let liveLength = 0;
  const clear = () => {
    if (liveLength > 0) target.write(`\r${' '.repeat(liveLength)}\r`);
    liveLength = 0;
  };
  return {
    clear,
    update(progress) {
      const isNewStage = progress.stage !== stage;
      const interval = target.isTTY ? LIVE_INTERVAL_MS : SPARSE_INTERVAL_MS;
      // The last step of a long stage is worth a line too, but a stage that is over as it begins is not.
      if (!isNewStage && now() - shownAt < interval) return;
      stage = progress.stage;
      shownAt = now();
      const text = describeProgress(progress);
      if (!target.isTTY) {
        target.write(`isoscope: ${text}\n`);
        return;
      }
      const line = text.slice(0, Math.max(10, lineWidth - 1));
      target.write(`\r${line.padEnd(liveLength)}`);
      liveLength = Math.max(liveLength, line.length);
    },
  };
}

function describeProgress({ stage, done, total }: AnalysisProgress): string {
  switch (stage) {
    case 'loading':
      return total > 1 ? `reading the encoder (${Math.floor((100 * done) / total)} %)` : 'opening the encoder';
    case 'encoding': {
      const share = total > 0 ? ` (${Math.floor((100 * done) / total)} %)` : '';
      return `encoding, ${formatCount(done)} of ${formatCount(total)} sentences${share}`;
    }
    case 'geometry':
      return `measuring, step ${Math.min(done + 1, total)} of ${total}`;
    case 'transform':
      return 'fitting the transform';
    case 'projection':
      return 'projecting';
  }
}
