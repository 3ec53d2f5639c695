import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import * as vscode from 'vscode';
import { analyze, distinctLines, isoscope, openText, sampleFile, workspaceFile } from './fixture';
import { test } from './suite';

test('lab: one pass reads all layers; the next choice encodes nothing, and is kept for the document', async () => {
  const api = await isoscope();
  const editor = await openText(distinctLines(40, 'layered parcel'));
  const { uri } = editor.document;
  await analyze();
  const last = api.lastReport(uri)!.snapshot.raw.averageCosine;
  await api.chooseReading(uri, { layer: 3, pooling: 'mean' });
  const third = api.lastReport(uri)!.snapshot;
  assert.equal(third.encoder.layer, 3);
  assert.equal(third.encoder.normalized, false);
  assert.notEqual(third.raw.averageCosine, last);
  await api.chooseReading(uri, { layer: 'last', pooling: 'first-last' });
  assert.equal(api.lastReport(uri)!.snapshot.encoder.pooling, 'first-last');
  assert.equal(api.encodedCount(uri), 0);
  await api.chooseReading(uri, { layer: 2, pooling: 'cls' });
  assert.equal(api.encodedCount(uri), 0);
  await vscode.commands.executeCommand('isoscope.reanalyze');
  assert.equal(api.lastReport(uri)!.snapshot.encoder.layer, 2);
  await assert.rejects(api.chooseReading(uri, { layer: 99, pooling: 'mean' }), /from 0 to 6/);
  assert.equal(api.stateOf(uri), 'shown');
});

test('lab: fitted on one half, the other half is shown; and back', async () => {
  const api = await isoscope();
  const editor = await openText(distinctLines(60, 'halved parcel'));
  const { uri } = editor.document;
  await analyze();
  await api.chooseFit(uri, 'half');
  const half = api.lastReport(uri)!;
  assert.equal(half.fit, 'half');
  assert.equal(half.snapshot.corpus.count, 30);
  assert.deepEqual(
    { ...half.snapshot.transform.fittedOn, sha256: '' },
    { count: 30, dimension: 384, sha256: '', transductive: false },
  );
  assert.equal(half.isStale, false);
  assert.equal(api.encodedCount(uri), 0);
  await api.chooseFit(uri, 'self');
  assert.equal(api.lastReport(uri)!.snapshot.corpus.count, 60);
  assert.equal(api.lastReport(uri)!.snapshot.transform.fittedOn?.transductive, true);
});

test('lab: findings, neighbours, dimensions and an export of the sample', async () => {
  const api = await isoscope();
  const uri = sampleFile();
  await analyze(uri);
  const findings = await api.ask(uri, 'findings', {});
  assert.ok(findings?.kinds.some(({ kind }) => kind === 'duplicate'));
  const diff = await api.ask(uri, 'neighbourDiff', { row: 3, k: 10 });
  assert.equal((diff?.kept.length ?? 0) + (diff?.lost.length ?? 0), 10);
  const table = await api.ask(uri, 'dimensions', {});
  assert.equal(table?.raw.mean.length, 384);
  const out = workspaceFile('sample.onnx').fsPath;
  const { lines } = api.lastReport(uri)!;
  const outcome = await api.ask(uri, 'export', { target: { kind: 'transform', format: 'onnx' }, out, lines });
  assert.ok((outcome?.check?.largestDifference ?? 1) < 1e-5);
  assert.ok((await stat(out)).size > 1_000);
});
