import assert from 'node:assert/strict';
import path from 'node:path';
import * as vscode from 'vscode';
import { analyze, distinctLines, isoscope, openText, workspaceFile, writeFile } from './fixture';
import { test, until } from './suite';

/** A model of three small blocks with random weights, from the encoder's golden files: vectors of 32 numbers. */
export function tinyModel(): string {
  const extension = vscode.extensions.getExtension('isoscope.isoscope');
  assert.ok(extension);
  return path.join(extension.extensionPath, 'test/golden/encoder/reference/models/tiny/bert');
}

async function withSetting(name: string, value: unknown, act: () => Promise<void>): Promise<void> {
  const configuration = vscode.workspace.getConfiguration('isoscope');
  await configuration.update(name, value, vscode.ConfigurationTarget.Global);
  try {
    await act();
  } finally {
    await configuration.update(name, undefined, vscode.ConfigurationTarget.Global);
  }
}

test('encoder: a folder that is chosen for a file encodes it, at the layer and pooling that were chosen, and is kept for that file', async () => {
  const api = await isoscope();
  const uri = await writeFile('chosen.txt', distinctLines(20, 'chosen'));
  await analyze(uri);
  assert.equal(api.lastReport(uri)?.snapshot.encoder.dimension, 384);
  await api.chooseEncoder(uri, { encoder: tinyModel(), layer: 1, pooling: 'cls' });
  assert.equal(api.stateOf(uri), 'shown', JSON.stringify(api.failureOf(uri)));
  const encoder = api.lastReport(uri)?.snapshot.encoder;
  assert.deepEqual([encoder?.id, encoder?.dimension, encoder?.layer, encoder?.pooling], ['bert', 32, 1, 'cls']);
  await until('it is among the recent ones, with its dimension', () => {
    const recent = api.recentEncoders().at(0);
    return recent?.choice.encoder === tinyModel() && recent.dimension === 32;
  });
  await vscode.commands.executeCommand('isoscope.reanalyze');
  assert.equal(api.lastReport(uri)?.snapshot.encoder.dimension, 32);
  const { document } = await openText(distinctLines(12, 'another'));
  await analyze();
  assert.equal(api.lastReport(document.uri)?.snapshot.encoder.dimension, 384);
  await api.chooseEncoder(uri, undefined);
  assert.equal(api.lastReport(uri)?.snapshot.encoder.dimension, 384);
});

test('encoder: the list of encoders is worked by keyboard: the default again, and away without a change', async () => {
  const api = await isoscope();
  const uri = await writeFile('listed.txt', distinctLines(20, 'listed'));
  await analyze(uri);
  await api.chooseEncoder(uri, { encoder: tinyModel() });
  await until('it is among the recent ones', () => api.recentEncoders()[0]?.choice.encoder === tinyModel());

  const leaving = vscode.commands.executeCommand('isoscope.chooseEncoder', uri);
  await new Promise((resolve) => setTimeout(resolve, 500));
  await vscode.commands.executeCommand('workbench.action.closeQuickOpen');
  await leaving;
  assert.equal(api.encoderOf(uri).encoder, tinyModel());

  let isDone = false;
  void Promise.resolve(vscode.commands.executeCommand('isoscope.chooseEncoder', uri)).then(() => (isDone = true));
  // The line in use has the focus; two above it is the default. Keys that come before the list is there go nowhere: once more then.
  await until(
    'the default counts again',
    async () => {
      if (api.encoderOf(uri).encoder === 'embedded') return true;
      await vscode.commands.executeCommand('workbench.action.quickOpenSelectPrevious');
      await vscode.commands.executeCommand('workbench.action.quickOpenSelectPrevious');
      await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
      await new Promise((resolve) => setTimeout(resolve, 300));
      return false;
    },
    30_000,
  );
  await until('the document is analysed anew', () => isDone, 30_000);
  assert.equal(api.lastReport(uri)?.snapshot.encoder.dimension, 384);
});

test('encoder: a folder that cannot be used is named, and so is the way on; the next choice mends it', async () => {
  const api = await isoscope();
  const uri = await writeFile('broken.txt', distinctLines(10, 'broken'));
  await api.chooseEncoder(uri, { encoder: workspaceFile('no-model').fsPath });
  const failure = api.failureOf(uri);
  assert.equal(failure?.reason, 'encoder');
  assert.match(failure.message, /no-model/);
  await api.chooseEncoder(uri, { encoder: tinyModel() });
  assert.equal(api.stateOf(uri), 'shown', JSON.stringify(api.failureOf(uri)));
});

test('encoder: the setting names a folder of the workspace, read as its options say', async () => {
  const api = await isoscope();
  await vscode.workspace.fs.copy(vscode.Uri.file(tinyModel()), workspaceFile('models/tiny'), { overwrite: true });
  const uri = await writeFile('by-setting.txt', distinctLines(10, 'setting'));
  await withSetting('encoder', 'models/tiny', () =>
    withSetting('encoderOptions', { layer: 2, pooling: 'mean' }, async () => {
      await analyze(uri);
      const encoder = api.lastReport(uri)?.snapshot.encoder;
      assert.deepEqual([encoder?.id, encoder?.layer, encoder?.pooling], ['tiny', 2, 'mean']);
    }),
  );
  await analyze(uri);
  assert.equal(api.lastReport(uri)?.snapshot.encoder.dimension, 384);
});

test('encoder: vectors are kept over the life of an engine; "Clear Cache" frees them', async () => {
  const api = await isoscope();
  const uri = await writeFile('cached.txt', distinctLines(40, 'cached'));
  await analyze(uri);
  assert.equal(api.encodedCount(uri), 40);
  const engine = api.enginePid();
  assert.ok(engine !== undefined);
  process.kill(engine, 'SIGKILL');
  await until('the engine is gone', () => api.enginePid() !== engine);
  await analyze(uri);
  assert.equal(api.encodedCount(uri), 0);
  const freed = await api.clearCache();
  assert.ok(freed > 40 * 384 * 4, `${freed} bytes were freed`);
  assert.equal(await api.clearCache(), 0);
  await analyze(uri);
  assert.equal(api.encodedCount(uri), 40);
});
