import * as vscode from 'vscode';
import type { AnalysisRun } from '../runs/analysisRun';
import type { AnalysisRuns } from '../runs/analysisRuns';
import { keepContextKeys } from './contextKeys';
import { CurrentRun } from './currentRun';
import { dropClosedRuns } from './dropClosedRuns';
import { notifyOfUnseenFailures } from './failureNotification';
import type { PageServices } from './pageConnection';
import { Panels, panelViewType } from './panels';
import { notifyOfUnseenRuns } from './progressNotification';
import { registerWelcomeView, SidebarView } from './sidebarView';

export interface Views {
  readonly panels: Panels;
  readonly current: CurrentRun;
  /** what went wrong in pages, newest last */
  readonly pageProblems: readonly string[];
  dispose(): void;
}

const MAX_PROBLEMS = 100;

/** Everything that shows a run: panels, side bar, and notifications where neither is in view. */
export function openViews(context: vscode.ExtensionContext, runs: AnalysisRuns, log: vscode.LogOutputChannel): Views {
  const pageProblems: string[] = [];
  const services: PageServices = {
    extensionUri: context.extensionUri,
    runs,
    log,
    reportProblem: (message) => {
      log.error(`page: ${message}`);
      pageProblems.push(message);
      if (pageProblems.length > MAX_PROBLEMS) pageProblems.shift();
    },
    openPanel: (uri) => panels.show(uri),
  };
  const panels = new Panels(services, context.workspaceState);
  const current = new CurrentRun(runs, panels);
  const sidebar = new SidebarView(services, current);
  const isSeen = (run: AnalysisRun): boolean => panels.isVisible(run.key) || (sidebar.isVisible && current.run === run);
  const onViewsChange: vscode.Event<void> = (listener, thisArgs, disposables) => {
    const both = vscode.Disposable.from(
      panels.onDidChange(listener, thisArgs),
      sidebar.onDidChange(listener, thisArgs),
    );
    disposables?.push(both);
    return both;
  };
  const owned = vscode.Disposable.from(
    panels,
    current,
    sidebar,
    vscode.window.registerWebviewPanelSerializer(panelViewType, panels),
    vscode.window.registerWebviewViewProvider(SidebarView.viewType, sidebar),
    registerWelcomeView(),
    keepContextKeys(runs, current),
    dropClosedRuns(runs, panels),
    notifyOfUnseenRuns(runs, isSeen, onViewsChange),
    notifyOfUnseenFailures(runs, isSeen, log),
  );
  return { panels, current, pageProblems, dispose: () => void owned.dispose() };
}
