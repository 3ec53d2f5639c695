import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { analyze, distinctLines, isoscope, openText } from './fixture';
import { test, until } from './suite';

const panelTabs = (): readonly vscode.Tab[] =>
  vscode.window.tabGroups.all.flatMap(({ tabs }) =>
    tabs.filter(({ input }) => input instanceof vscode.TabInputWebview && input.viewType.includes('isoscope.panel')),
  );

test('one panel per document, in one column beside the text', async () => {
  await isoscope();
  await openText(distinctLines(20, 'parcel'));
  await analyze();
  await until('it has a panel', () => panelTabs().length === 1);
  await analyze();
  assert.equal(panelTabs().length, 1);
  await openText(distinctLines(20, 'invoice'));
  await analyze();
  await until('the second document has a panel', () => panelTabs().length === 2);
  assert.equal(new Set(panelTabs().map(({ group }) => group.viewColumn)).size, 1);
  assert.ok(panelTabs().every(({ group }) => group.viewColumn === vscode.ViewColumn.Two));
});

test('a hidden panel comes back; the page does not complain', async () => {
  const api = await isoscope();
  const { document } = await openText(distinctLines(20));
  await analyze();
  await until('the panel is visible', () => api.isPanelVisible(document.uri));
  const other = await vscode.workspace.openTextDocument({ content: 'something in front of the panel' });
  await vscode.window.showTextDocument(other, vscode.ViewColumn.Two);
  await until('the panel is hidden', () => !api.isPanelVisible(document.uri));
  await vscode.commands.executeCommand('isoscope.openPanel');
  // The document in front has no run: the panel of the last one is meant.
  await until('the panel is visible again', () => api.isPanelVisible(document.uri));
  // Time for the page to load, ask for its state and draw it.
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  assert.deepEqual(api.pageProblems(), []);
});

test('closing the document and its panel frees the run; closing one of them does not', async () => {
  const api = await isoscope();
  const { document } = await openText(distinctLines(20));
  const { uri } = document;
  await analyze();
  await until('it has a panel', () => panelTabs().length === 1);
  await vscode.window.tabGroups.close(panelTabs());
  await until('the panel is closed', () => panelTabs().length === 0);
  await new Promise((resolve) => setTimeout(resolve, 200));
  assert.equal(api.stateOf(uri), 'shown');
  await vscode.window.showTextDocument(document);
  await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  await until('the run is gone', () => api.stateOf(uri) === 'idle');
});
