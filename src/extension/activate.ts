import * as vscode from 'vscode';
import { createApi, type IsoscopeApi } from './api';
import { registerCommands } from './commands';
import { HoverSimilarity } from './editor/hoverSimilarity';
import { StatusBar } from './editor/statusBar';
import { cacheFolder } from './encoder/clearCache';
import { EndpointKeys } from './encoder/endpointKeys';
import { encoderStore, openEncoderChoices, watchEncoders } from './encoder/openEncoders';
import { Engine } from './engine';
import { openFindings } from './findings/openFindings';
import { HostPauses } from './hostPauses';
import { createLog } from './log';
import { AnalysisRuns } from './runs/analysisRuns';
import { openViews } from './views/openViews';

/** Wires the parts; starts nothing. */
export function activate(context: vscode.ExtensionContext): IsoscopeApi {
  const log = createLog();
  const keys = new EndpointKeys(context.secrets);
  const choices = openEncoderChoices(context);
  const cache = cacheFolder(context);
  const enginePath = context.asAbsolutePath('dist/engine.js');
  const engine = new Engine({ enginePath, cacheFolder: cache, unlock: (choice) => keys.unlock(choice) }, log);
  const runs = new AnalysisRuns(engine, choices, log);
  const pauses = new HostPauses(runs, log);
  const views = openViews(context, runs, log);
  const { panels, current, pageProblems } = views;
  const encoders = { choices, keys, engine, store: encoderStore(context) };
  const services = { runs, panels, current, log, extensionUri: context.extensionUri, encoders, cacheFolder: cache };
  context.subscriptions.push(
    log,
    engine,
    runs,
    pauses,
    views,
    openFindings(runs, current, log),
    new StatusBar(runs, current),
    watchEncoders(choices, runs),
    vscode.languages.registerHoverProvider('*', new HoverSimilarity(runs, log)),
    registerCommands(services),
  );
  return createApi({ ...services, engine, pauses, pageProblems });
}
