import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { analyze, distinctLines, isoscope, openText, sampleFile } from './fixture';
import { test } from './suite';

test('an edited line is stale; re-analysing encodes that line only', async () => {
  const api = await isoscope();
  const editor = await openText(distinctLines(60, 'stale parcel'));
  const { uri } = editor.document;
  await analyze();
  assert.equal(api.encodedCount(uri), 60);

  await editor.edit((edit) => edit.insert(new vscode.Position(7, 0), 'Urgent! '));
  assert.deepEqual([...(api.lastReport(uri)?.staleRows ?? [])], [7]);
  await vscode.commands.executeCommand('isoscope.reanalyze');
  const report = api.lastReport(uri);
  assert.equal(api.encodedCount(uri), 1);
  assert.equal(report?.isStale, false);
  assert.equal(report.snapshot.corpus.count, 60);

  await vscode.commands.executeCommand('isoscope.reanalyze');
  assert.equal(api.encodedCount(uri), 0);
});

test('lines inserted and deleted above keep rows on their lines; undo leaves nothing stale', async () => {
  const api = await isoscope();
  const editor = await openText(distinctLines(30));
  const { document } = editor;
  await analyze();
  const sentence = document.lineAt(20).text;
  await editor.edit((edit) => edit.insert(new vscode.Position(5, 0), 'one new line\nand another\n'));
  const lineOf = (row: number): number => api.lastReport(document.uri)!.lines[row];
  assert.equal(document.lineAt(lineOf(20)).text, sentence);
  assert.equal(lineOf(20), 22);
  await editor.edit((edit) => edit.delete(new vscode.Range(0, 0, 3, 0)));
  assert.equal(document.lineAt(lineOf(20)).text, sentence);
  assert.deepEqual([...api.lastReport(document.uri)!.staleRows], [0, 1, 2]);
  await vscode.commands.executeCommand('undo');
  await vscode.commands.executeCommand('undo');
  const report = api.lastReport(document.uri)!;
  assert.deepEqual([...report.staleRows], []);
  assert.equal(report.isStale, false);
});

test('many cursors typing at once mark just their lines', async () => {
  const api = await isoscope();
  const editor = await openText(distinctLines(30));
  const { uri } = editor.document;
  await analyze();
  await editor.edit((edit) => {
    for (const line of [25, 3, 14]) edit.insert(new vscode.Position(line, 0), line === 14 ? 'a new line\n' : 'x');
  });
  const report = api.lastReport(uri)!;
  assert.deepEqual([...report.staleRows], [3, 25]);
  assert.equal(report.lines[25], 26);
  assert.equal(report.isStale, true);
});

test('a saved file that is edited, reverted and sorted is followed', async () => {
  const api = await isoscope();
  const document = await vscode.workspace.openTextDocument(sampleFile());
  const editor = await vscode.window.showTextDocument(document);
  await analyze();
  await editor.edit((edit) => edit.delete(document.lineAt(2).rangeIncludingLineBreak));
  assert.equal(api.lastReport(document.uri)?.isStale, true);
  await vscode.commands.executeCommand('workbench.action.files.revert');
  assert.equal(api.lastReport(document.uri)?.isStale, false);

  editor.selection = new vscode.Selection(0, 0, document.lineCount - 1, 0);
  const sentences = api.lastReport(document.uri)!.snapshot.corpus.count;
  const before = [...api.lastReport(document.uri)!.lines].map((line) => document.lineAt(line).text);
  await vscode.commands.executeCommand('editor.action.sortLinesAscending');
  const report = api.lastReport(document.uri)!;
  const after = [...report.lines].map((line) => document.lineAt(line).text);
  assert.deepEqual(after, before);
  assert.equal(report.isStale, true);
  assert.equal(after.length, sentences);
  await vscode.commands.executeCommand('workbench.action.files.revert');
});
