import * as vscode from 'vscode';
import { assertNever } from '../../core/protocol/errors';
import type { PageAction } from '../../core/protocol/webviewProtocol';
import type { AnalysisRun } from '../runs/analysisRun';
import type { AnalysisRuns } from '../runs/analysisRuns';

/** Does what the user chose of `waysOn`. */
export async function takeWayOn(
  command: PageAction['command'],
  run: AnalysisRun,
  { runs, log }: { readonly runs: AnalysisRuns; readonly log: vscode.LogOutputChannel },
): Promise<void> {
  switch (command) {
    case 'retry':
      await runs.reanalyze(run.uri);
      break;
    case 'showLog':
      log.show(true);
      break;
    case 'chooseEncoder':
      await vscode.commands.executeCommand('isoscope.chooseEncoder', run.uri);
      break;
    default:
      assertNever(command);
  }
}
