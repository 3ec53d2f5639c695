import * as vscode from 'vscode';
import { createApi, type IsoscopeApi } from './api';
import { registerCommands } from './commands';
import { HoverSimilarity } from './editor/hoverSimilarity';
import { StatusBar } from './editor/statusBar';
import { Engine } from './engine';
import { HostPauses } from './hostPauses';
import { createLog } from './log';
import { AnalysisRuns } from './runs/analysisRuns';
import { openViews } from './views/openViews';

/** Wires the parts; starts nothing. */
export function activate(context: vscode.ExtensionContext): IsoscopeApi {
  const log = createLog();
  const engine = new Engine(context.asAbsolutePath('dist/engine.js'), log);
  const runs = new AnalysisRuns(engine, log);
  const pauses = new HostPauses(runs, log);
  const views = openViews(context, runs, log);
  const { panels, current, pageProblems } = views;
  context.subscriptions.push(
    log,
    engine,
    runs,
    pauses,
    views,
    new StatusBar(runs, current),
    vscode.languages.registerHoverProvider('*', new HoverSimilarity(runs, log)),
    registerCommands({ runs, panels, current, log, extensionUri: context.extensionUri }),
  );
  return createApi({ runs, engine, panels, pauses, pageProblems });
}
