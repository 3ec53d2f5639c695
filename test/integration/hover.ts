import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { analyze, distinctLines, hoverText, isoscope, openText, putCursors, sampleFile } from './fixture';
import { test } from './suite';

const said =
  /^(with line \d+: )?cosine −?[01]\.\d{2,3} — \d+(\.\d)?(st|nd|rd|th) percentile of this file's (random|\d+) pairs; after pca:k=\d+ −?[01]\.\d{2,3} — \d+(\.\d)?(st|nd|rd|th)$/;

/** Markdown's escapes taken off. */
const plain = (text: string): string => text.replace(/\\([\\`*_{}[\]()#+\-.!~>])/g, '$1');

test('with two cursors the hover says how similar the two sentences are', async () => {
  await isoscope();
  const document = await vscode.workspace.openTextDocument(sampleFile());
  const editor = await vscode.window.showTextDocument(document);
  await analyze();
  putCursors(editor, [4, 9]);
  const text = plain(await hoverText(document.uri, 9));
  assert.match(text, said);
  assert.ok(!text.startsWith('with line'), text);
  assert.equal(plain(await hoverText(document.uri, 4)), text);
});

test('with one cursor the hover compares the line under the mouse with it', async () => {
  await isoscope();
  const editor = await openText(distinctLines(30));
  await analyze();
  putCursors(editor, [2]);
  const text = plain(await hoverText(editor.document.uri, 11));
  assert.match(text, said);
  assert.ok(text.startsWith('with line 3: '), text);
});

test('the hover says nothing when there is nothing to say', async () => {
  await isoscope();
  const editor = await openText(`${distinctLines(30)}\n\n`);
  const { uri } = editor.document;
  putCursors(editor, [2, 5]);
  assert.equal(await hoverText(uri, 5), '', 'not analysed');
  await analyze();
  assert.notEqual(await hoverText(uri, 5), '');
  assert.equal(await hoverText(uri, 30), '', 'an empty line');
  putCursors(editor, [5]);
  assert.equal(await hoverText(uri, 5), '', 'only itself');
  putCursors(editor, [2, 5]);
  await editor.edit((edit) => edit.insert(new vscode.Position(5, 0), 'Edited. '));
  assert.equal(await hoverText(uri, 5), '', 'edited since');
  assert.equal(await hoverText(uri, 30), '');
  const configuration = vscode.workspace.getConfiguration('isoscope');
  await configuration.update('hover.enabled', false, vscode.ConfigurationTarget.Global);
  try {
    putCursors(editor, [2, 7]);
    assert.equal(await hoverText(uri, 7), '', 'switched off');
  } finally {
    await configuration.update('hover.enabled', undefined, vscode.ConfigurationTarget.Global);
  }
});

test('equal sentences score 1, whatever else is in the file', async () => {
  await isoscope();
  const editor = await openText(`${distinctLines(20)}\nWhere is my refund?\nWhere is my refund?`);
  await analyze();
  putCursors(editor, [20, 21]);
  assert.match(plain(await hoverText(editor.document.uri, 21)), /^cosine 1\.00 — /);
});
