import * as vscode from 'vscode';
import { assertNever } from '../../core/protocol/errors';
import type { EncoderSummary } from '../../core/protocol/snapshot';
import type { AnalysisRun } from '../runs/analysisRun';
import type { AnalysisRuns } from '../runs/analysisRuns';
import { plainText } from '../messages';
import { progressText } from '../views/progressText';
import type { CurrentRun } from '../views/currentRun';

/** Edits come by the keystroke. */
const UPDATE_DELAY_MS = 100;
/** The status bar is narrow; the tooltip has the whole name. */
const MAX_ID_LENGTH = 30;

/** One item on the right, there only while the active editor or panel has been analysed. */
export class StatusBar implements vscode.Disposable {
  readonly #current: CurrentRun;
  readonly #item: vscode.StatusBarItem;
  readonly #watches: vscode.Disposable;
  #timer: NodeJS.Timeout | undefined;

  constructor(runs: AnalysisRuns, current: CurrentRun) {
    this.#current = current;
    this.#item = vscode.window.createStatusBarItem('isoscope.status', vscode.StatusBarAlignment.Right, 100);
    this.#item.name = 'Isoscope';
    const update = (): void => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#update(), UPDATE_DELAY_MS);
    };
    this.#watches = vscode.Disposable.from(
      runs.onDidChange(update),
      current.onDidChange(update),
      vscode.window.onDidChangeActiveTextEditor(update),
    );
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#watches.dispose();
    this.#item.dispose();
  }

  #update(): void {
    const look = lookOf(this.#current.activeRun);
    if (look === null) {
      this.#item.hide();
      return;
    }
    this.#item.text = `$(${look.icon}) ${look.text}`;
    this.#item.tooltip = look.tooltip;
    this.#item.command = look.command;
    this.#item.accessibilityInformation = { label: `${look.text}. ${look.tooltip}`, role: 'button' };
    this.#item.show();
  }
}

interface Look {
  readonly icon: string;
  readonly text: string;
  readonly tooltip: string;
  readonly command: string;
}

function lookOf(run: AnalysisRun | undefined): Look | null {
  if (run === undefined) return null;
  const { state } = run;
  switch (state.kind) {
    case 'idle':
      return null;
    case 'running':
      return {
        icon: 'loading~spin',
        text: `Isoscope: ${progressText(state.progress, vscode.l10n)}`,
        tooltip: vscode.l10n.t('Isoscope is analysing "{0}". Click to cancel.', run.title),
        command: 'isoscope.cancel',
      };
    case 'failed':
      return { icon: 'error', text: 'Isoscope', tooltip: state.failure.message, command: 'isoscope.openPanel' };
    case 'shown': {
      const { ledger, verdict, result, question } = state.analysed;
      if (ledger.isStale) {
        const count = ledger.staleRows.length + ledger.gainedCount;
        return {
          icon: 'history',
          text:
            count === 1
              ? vscode.l10n.t('Isoscope: 1 line changed')
              : vscode.l10n.t('Isoscope: {0} lines changed', count),
          tooltip: vscode.l10n.t(
            'Changed since the analysis. Click to re-analyse: only new or changed lines are encoded.',
          ),
          command: 'isoscope.reanalyze',
        };
      }
      const { averageCosine } = result.snapshot.raw;
      const encoder = describeEncoder(result.snapshot.encoder);
      const isEmbedded = question.encoder.encoder === 'embedded';
      const encoderId = plainText(shorten(result.snapshot.encoder.id));
      return {
        icon: 'graph-scatter',
        text: ['Isoscope', averageCosine?.toFixed(2) ?? '', isEmbedded ? '' : `· ${encoderId}`]
          .filter((part) => part !== '')
          .join(' '),
        tooltip:
          averageCosine === null
            ? `${verdict} ${encoder}`
            : vscode.l10n.t('Average cosine {0}. {1} {2}', averageCosine.toFixed(2), verdict, encoder),
        command: 'isoscope.openPanel',
      };
    }
    default:
      return assertNever(state);
  }
}

function shorten(id: string): string {
  return id.length <= MAX_ID_LENGTH ? id : `${id.slice(0, MAX_ID_LENGTH - 1)}…`;
}

/** "Encoder: e5-small-v2, layer 3, cls." */
function describeEncoder({ id, layer, pooling }: EncoderSummary): string {
  const parts = [id, layer === null || layer === 'last' ? '' : vscode.l10n.t('layer {0}', layer), pooling ?? ''];
  return vscode.l10n.t('Encoder: {0}.', parts.filter((part) => part !== '').join(', '));
}
