import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { importFolder } from '../../src/core/encoder/hub/importFolder';
import { tinyModel } from './encoder';
import { analyze, distinctLines, isoscope, openText, selectLines, writeFile } from './fixture';
import { test } from './suite';

const DIMENSION = 6;

/** A server that speaks as OpenAI's: a vector of six numbers for a sentence, by its characters; without the right key it refuses. */
async function startEndpoint(key: string): Promise<{ server: Server; address: string; seen: string[] }> {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      if (request.headers.authorization !== `Bearer ${key}`) {
        response
          .writeHead(401, { 'content-type': 'application/json' })
          .end('{"error":{"message":"Incorrect API key"}}');
        return;
      }
      const { input, model } = JSON.parse(body) as { input: string | string[]; model: string };
      const texts = Array.isArray(input) ? input : [input];
      seen.push(...texts);
      const data = texts.map((text, index) => ({ object: 'embedding', index, embedding: vectorOf(text) }));
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ object: 'list', model, data, usage: { prompt_tokens: 1, total_tokens: 1 } }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, seen };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString('utf8');
}

function vectorOf(text: string): number[] {
  const vector = new Array<number>(DIMENSION).fill(0.1);
  for (let i = 0; i < text.length; i++) vector[(i + text.charCodeAt(i)) % DIMENSION] += text.charCodeAt(i) / 1000;
  return vector;
}

test('encoder: an endpoint gets its key and the lines, and nothing is sent before', async () => {
  const api = await isoscope();
  const { server, address, seen } = await startEndpoint('sk-right');
  try {
    const uri = await writeFile('sent.txt', distinctLines(20, 'sent'));
    const choice = { encoder: address, endpoint: { api: 'openai', model: 'test-model' } } as const;
    await api.chooseEncoder(uri, choice);
    const failure = api.failureOf(uri);
    assert.match(failure?.message ?? '', /401|key/i);
    assert.equal(seen.length, 0);
    await api.setKey(address, 'sk-right');
    await api.chooseEncoder(uri, choice);
    assert.equal(api.stateOf(uri), 'shown', JSON.stringify(api.failureOf(uri)));
    const report = api.lastReport(uri);
    assert.ok(report);
    assert.equal(report.snapshot.encoder.dimension, DIMENSION);
    assert.ok(!JSON.stringify(report.snapshot).includes('sk-right'));
    assert.ok(!JSON.stringify([api.encoderOf(uri), api.recentEncoders()]).includes('sk-right'));
    const { document } = await openText(distinctLines(10, 'kept here'));
    await analyze();
    assert.equal(api.stateOf(document.uri), 'shown');
    assert.ok(!seen.some((text) => text.includes('kept here')));
  } finally {
    await api.setKey(address, '');
    server.closeAllConnections();
    server.close();
  }
});

/** A .npy file, version 1.0, float32, C order. */
function npy(rows: readonly (readonly number[])[]): Uint8Array {
  const shape = `(${rows.length}, ${rows[0]?.length ?? 0})`;
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': ${shape}, }`;
  const header = text.padEnd(Math.ceil((text.length + 11) / 64) * 64 - 11) + '\n';
  const length = Buffer.alloc(2);
  length.writeUInt16LE(header.length);
  const data = Buffer.from(Float32Array.from(rows.flat()).buffer);
  return Buffer.concat([Buffer.from('\x93NUMPY\x01\x00', 'latin1'), length, Buffer.from(header, 'latin1'), data]);
}

test('encoder: ready vectors belong to the lines of the text, to a selection of them too; a mismatch is explained', async () => {
  const api = await isoscope();
  const lines = distinctLines(30, 'ready').split('\n');
  const text = `${lines.slice(0, 10).join('\n')}\n\n${lines.slice(10).join('\n')}\n`;
  const uri = await writeFile('ready.txt', text);
  const file = await writeFile('ready.npy', npy(lines.map((line, row) => [row, row % 7, line.length, 1])));
  const choice = { encoder: file.fsPath, vectors: {} };
  await api.chooseEncoder(uri, choice);
  assert.equal(api.stateOf(uri), 'shown', JSON.stringify(api.failureOf(uri)));
  assert.deepEqual([api.lastReport(uri)?.snapshot.encoder.dimension, api.encodedCount(uri)], [4, 0]);
  const editor = await vscode.window.showTextDocument(uri, { viewColumn: vscode.ViewColumn.One });
  // Lines 12 to 21 are the sentences 11 to 20: the blank line counts no sentence.
  selectLines(editor, 12, 21);
  await vscode.commands.executeCommand('isoscope.analyzeSelection');
  assert.equal(api.stateOf(uri), 'shown', JSON.stringify(api.failureOf(uri)));
  const raw = api.lastReport(uri)?.snapshot.raw;
  assert.equal(raw?.count, 10);
  const expected = Array.from({ length: 10 }, (_, i) => Math.hypot(11 + i, (11 + i) % 7, lines[11 + i].length, 1));
  const mean = expected.reduce((sum, norm) => sum + norm, 0) / 10;
  assert.ok(Math.abs((raw.meanNorm ?? 0) - mean) < 1e-4 * mean, `${raw.meanNorm} instead of ${mean}`);

  const short = await writeFile('short.npy', npy(lines.slice(0, 25).map((_, row) => [row, 1])));
  await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), ' '));
  await api.chooseEncoder(uri, { encoder: short.fsPath, vectors: {} });
  const failure = api.failureOf(uri);
  assert.match(failure?.message ?? '', /25.*30/);
});

test('encoder: an imported folder stands among the encoders of the store and encodes', async () => {
  const api = await isoscope();
  const stored = await importFolder(tinyModel(), api.encoderStore);
  assert.equal(path.dirname(stored.folder), api.encoderStore);
  assert.ok((await readFile(path.join(stored.folder, 'isoscope.json'), 'utf8')).includes(stored.graphs[0].sha256));
  const uri = await writeFile('imported.txt', distinctLines(12, 'imported'));
  await api.chooseEncoder(uri, { encoder: stored.folder });
  assert.equal(api.lastReport(uri)?.snapshot.encoder.sha256, stored.graphs[0].sha256);
});
