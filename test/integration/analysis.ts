import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { analyze, distinctLines, isoscope, openText, sampleFile, selectLines, writeFile } from './fixture';
import { test } from './suite';

test('analyses the sample: the report has every sentence, before and after', async () => {
  const api = await isoscope();
  const document = await vscode.workspace.openTextDocument(sampleFile());
  const editor = await vscode.window.showTextDocument(document);
  await analyze();
  assert.equal(api.stateOf(document.uri), 'shown', JSON.stringify(api.failureOf(document.uri)));
  const report = api.lastReport(document.uri);
  assert.ok(report);
  const sentences = document
    .getText()
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '');
  const { snapshot, views, lines } = report;
  assert.equal(snapshot.corpus.count, sentences.length);
  assert.equal(snapshot.raw.count, sentences.length);
  assert.equal(lines.length, sentences.length);
  assert.equal(snapshot.encoder.dimension, 384);
  assert.equal(snapshot.transform.spec, `pca:k=${Math.floor(sentences.length / 5)}`);
  assert.ok(snapshot.transformed);
  assert.equal(snapshot.transformed.dimension, Math.floor(sentences.length / 5));
  const shown = views.shownRows?.length ?? sentences.length;
  assert.equal(views.raw.plane.length, 2 * shown);
  assert.equal(views.transformed?.plane.length, 2 * shown);
  assert.equal(document.lineAt(lines[10]).text, sentences[10]);
  assert.ok(report.verdict.length > 20);
  assert.equal(report.isStale, false);
  assert.equal(api.encodedCount(document.uri), new Set(sentences).size);
  assert.ok(api.isPanelVisible(document.uri));
  // Beside the text, which keeps the keyboard.
  assert.equal(vscode.window.activeTextEditor, editor);
});

test('typed arrays of a report own their memory', async () => {
  const api = await isoscope();
  await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(sampleFile()));
  await analyze();
  const report = api.lastReport(sampleFile());
  assert.ok(report);
  // A view into a larger message would ship that whole message to the page with each array.
  for (const view of [report.views.raw.plane, report.views.raw.eigenvalues, report.views.raw.cosines.randomPairs]) {
    assert.equal(view.byteLength, view.buffer.byteLength);
  }
});

test('analyses a file of the explorer that no editor shows', async () => {
  const api = await isoscope();
  const uri = await writeFile('from-explorer.txt', distinctLines(30));
  await analyze(uri);
  assert.equal(api.lastReport(uri)?.snapshot.corpus.count, 30);
  assert.ok(vscode.window.visibleTextEditors.some(({ document }) => document.uri.toString() === uri.toString()));
});

test('analyses a document that was never saved, and one with unsaved edits', async () => {
  const api = await isoscope();
  const editor = await openText(distinctLines(24));
  await analyze();
  assert.equal(api.lastReport(editor.document.uri)?.snapshot.corpus.count, 24);

  const uri = await writeFile('edited.txt', distinctLines(20));
  const saved = await vscode.window.showTextDocument(uri, { viewColumn: vscode.ViewColumn.One });
  await saved.edit((edit) => edit.insert(new vscode.Position(0, 0), 'An unsaved line comes first.\n'));
  await analyze();
  assert.ok(saved.document.isDirty);
  assert.equal(api.lastReport(uri)?.snapshot.corpus.count, 21);
});

test('analyses a selection: only its lines; re-analysing takes the same lines again', async () => {
  const api = await isoscope();
  const editor = await openText(distinctLines(40, 'selected parcel'));
  const { uri } = editor.document;
  selectLines(editor, 10, 29);
  await vscode.commands.executeCommand('isoscope.analyzeSelection');
  let report = api.lastReport(uri);
  assert.equal(report?.snapshot.corpus.count, 20);
  assert.deepEqual([report.lines[0], report.lines[19]], [10, 29]);

  await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), 'Above the selection.\n'));
  report = api.lastReport(uri);
  assert.equal(report?.isStale, false);
  assert.deepEqual([report.lines[0], report.lines[19]], [11, 30]);

  await editor.edit((edit) => edit.insert(new vscode.Position(15, 0), 'Inside the selection.\n'));
  assert.equal(api.lastReport(uri)?.isStale, true);
  await vscode.commands.executeCommand('isoscope.reanalyze');
  report = api.lastReport(uri);
  assert.equal(report?.snapshot.corpus.count, 21);
  assert.equal(api.encodedCount(uri), 1);
});

test('line ends of every kind and empty lines keep rows on their lines', async () => {
  const api = await isoscope();
  const uri = await writeFile(
    'line-ends.txt',
    'first sentence\r\n\r\nsecond sentence\n   \nthird sentence\r\nfourth sentence',
  );
  await analyze(uri);
  const report = api.lastReport(uri);
  const document = await vscode.workspace.openTextDocument(uri);
  assert.deepEqual(
    [...(report?.lines ?? [])].map((line) => document.lineAt(line).text),
    ['first sentence', 'second sentence', 'third sentence', 'fourth sentence'],
  );
});
