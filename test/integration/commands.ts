import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { isoscope } from './fixture';
import { test } from './suite';

test('the extension is active and every command of the manifest is registered', async () => {
  await isoscope();
  const extension = vscode.extensions.getExtension('isoscope.isoscope');
  assert.ok(extension?.isActive);
  const { contributes } = extension.packageJSON as { contributes: { commands: { command: string }[] } };
  const registered = new Set(await vscode.commands.getCommands(true));
  const missing = contributes.commands.map(({ command }) => command).filter((command) => !registered.has(command));
  assert.deepEqual(missing, []);
});

test('activation starts no engine and opens nothing', async () => {
  const api = await isoscope();
  assert.equal(api.enginePid(), undefined);
  assert.deepEqual(
    vscode.window.tabGroups.all.flatMap(({ tabs }) =>
      tabs.filter(({ input }) => input instanceof vscode.TabInputWebview),
    ),
    [],
  );
});

test('commands without a document say so and do no harm', async () => {
  await isoscope();
  for (const name of ['analyze', 'analyzeSelection', 'compareSelected', 'reanalyze', 'openPanel', 'cancel']) {
    await vscode.commands.executeCommand(`isoscope.${name}`);
  }
  await vscode.commands.executeCommand('notifications.clearAll');
});

test('"Open Sample" opens a copy of the sample', async () => {
  await isoscope();
  await vscode.commands.executeCommand('isoscope.openSample');
  const document = vscode.window.activeTextEditor?.document;
  assert.ok(document?.isUntitled);
  assert.ok(document.lineCount > 250);
});
