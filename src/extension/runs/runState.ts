import type { AnalysisProgress, AnalysisResult, AnalyzeParams } from '../../core/protocol/engineProtocol';
import type { FailureReason } from '../../core/protocol/errors';
import type { FitChoice } from '../../core/protocol/webviewProtocol';
import type { LineLedger } from './lineLedger';

/** What is known of one document. Staleness is a property of `analysed.ledger`, not a state: it comes and goes with edits. */
export type RunState =
  /** nothing yet, or cancelled before there was anything */
  | { readonly kind: 'idle' }
  | { readonly kind: 'running'; readonly progress: AnalysisProgress | null; readonly analysed: Analysed | null }
  | { readonly kind: 'shown'; readonly analysed: Analysed }
  | { readonly kind: 'failed'; readonly failure: Failure; readonly analysed: Analysed | null };

/** The last result and the document's lines since. */
export interface Analysed {
  readonly analysisId: string;
  readonly question: AnalysisQuestion;
  readonly result: AnalysisResult;
  /** sentences that had to be encoded in the last analysis */
  readonly encodedCount: number;
  readonly verdict: string;
  readonly ledger: LineLedger;
  readonly fit: FitChoice;
}

/** What was asked, in full, so that it can be asked again. */
export interface AnalysisQuestion extends Omit<AnalyzeParams, 'analysisId'> {
  /** line of each sentence, from 0 */
  readonly lines: Uint32Array;
}

export interface Failure {
  readonly reason: FailureReason;
  /** one sentence */
  readonly message: string;
}

/** What a document shows at present, also while it is analysed anew or after that failed. */
export function analysedOf(state: RunState): Analysed | null {
  return state.kind === 'idle' ? null : state.analysed;
}
