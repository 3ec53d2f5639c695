import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { analyze, distinctLines, isoscope, openText, writeFile } from './fixture';
import { test } from './suite';

/** Each is told in one sentence with a way on, before any engine is started for it, and without a panel. */
const refused: readonly (readonly [name: string, content: string | Uint8Array, pattern: RegExp])[] = [
  ['empty.txt', '', /has no text/],
  ['blank.txt', '\n  \n\t\n', /has no text/],
  ['one-line.txt', 'Only one sentence is here.\n', /one sentence/],
  ['all-equal.txt', 'The same again.\n'.repeat(12), /All 12 sentences .* the same text/],
  ['binary.bin', Uint8Array.from({ length: 2000 }, (_, i) => (i * 37) % 256), /binary|cannot be opened/],
  ['nul.txt', `${'\u0000\u0001\u0002 '.repeat(300)}\nx\n`, /binary|cannot be opened/],
];

for (const [name, content, pattern] of refused) {
  test(`refuses ${name} in one sentence`, async () => {
    const api = await isoscope();
    const uri = await writeFile(name, content);
    await analyze(uri);
    const failure = api.failureOf(uri);
    assert.equal(failure?.reason, 'input');
    assert.match(failure.message, pattern);
    assert.ok(failure.message.includes(name) && failure.message.endsWith('.'), failure.message);
    assert.equal(api.isPanelVisible(uri), false);
    await vscode.commands.executeCommand('notifications.clearAll');
  });
}

test('a file that is not there is named', async () => {
  const api = await isoscope();
  const uri = vscode.Uri.joinPath(await writeFile('here.txt', 'a\nb'), '..', 'not-here.txt');
  await analyze(uri);
  assert.match(api.failureOf(uri)?.message ?? '', /not-here\.txt/);
  await vscode.commands.executeCommand('notifications.clearAll');
});

test('a text that is mended after a refusal is analysed', async () => {
  const api = await isoscope();
  const editor = await openText('Only one sentence is here.');
  const { uri } = editor.document;
  await analyze();
  assert.equal(api.stateOf(uri), 'failed');
  await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), `${distinctLines(8)}\n`));
  await vscode.commands.executeCommand('isoscope.reanalyze');
  assert.equal(api.stateOf(uri), 'shown');
  assert.equal(api.lastReport(uri)?.snapshot.corpus.count, 9);
  await vscode.commands.executeCommand('notifications.clearAll');
});

test('two sentences have a geometry', async () => {
  const api = await isoscope();
  const { document } = await openText('The parcel has not arrived.\nWhere is my refund?');
  await analyze();
  assert.equal(api.stateOf(document.uri), 'shown', JSON.stringify(api.failureOf(document.uri)));
  assert.equal(api.lastReport(document.uri)?.snapshot.corpus.count, 2);
});

test('more lines than isoscope.maxLines are refused by the name of the setting', async () => {
  const api = await isoscope();
  const configuration = vscode.workspace.getConfiguration('isoscope');
  await configuration.update('maxLines', 10, vscode.ConfigurationTarget.Global);
  try {
    const { document } = await openText(distinctLines(11));
    await analyze();
    assert.match(api.failureOf(document.uri)?.message ?? '', /isoscope\.maxLines/);
  } finally {
    await configuration.update('maxLines', undefined, vscode.ConfigurationTarget.Global);
    await vscode.commands.executeCommand('notifications.clearAll');
  }
});
