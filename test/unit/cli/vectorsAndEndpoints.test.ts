import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readNpy } from '../../../src/core/corpus/npy';
import type { Snapshot } from '../../../src/core/protocol/snapshot';
import {
  type Answer,
  answerOllama,
  answerOpenai,
  answerTei,
  DIMENSION,
  type LoopbackServer,
  sendJson,
  startServer,
  vectorOf,
} from '../encoder/endpoint/loopbackServer';

// The real command line in a process of its own, bundled from the sources of now.

const root = path.join(__dirname, '../../..');
const golden = path.join(root, 'test/golden/corpus/vectors');
const folder = mkdtempSync(path.join(tmpdir(), 'isoscope-cli-vectors-'));
const bundle = path.join(root, '.cache', `cli-vectors-${String(process.pid)}`, 'cli.js');
const servers: LoopbackServer[] = [];

beforeAll(async () => {
  await build({
    absWorkingDir: root,
    entryPoints: ['src/core/cli/main.ts'],
    outfile: bundle,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    external: ['onnxruntime-node'],
  });
  writeFileSync(path.join(folder, 'lines.txt'), 'one\n\ntwo\nthree\none\n');
});
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
  rmSync(path.dirname(bundle), { recursive: true, force: true });
});

async function serve(answer: Answer): Promise<LoopbackServer> {
  const server = await startServer(answer);
  servers.push(server);
  return server;
}

function run(argv: readonly string[], environment: Record<string, string> = {}) {
  const child = spawn(process.execPath, [bundle, ...argv], {
    cwd: folder,
    env: { ...process.env, LC_ALL: 'C.UTF-8', NO_COLOR: '1', ...environment },
  });
  const out: Buffer[] = [];
  let err = '';
  child.stdout.on('data', (piece: Buffer) => out.push(piece));
  child.stderr.on('data', (piece: Buffer) => (err += piece.toString()));
  child.stdin.end();
  return new Promise<{ code: number | null; out: Buffer; err: string }>((resolve) => {
    child.on('close', (code) => resolve({ code, out: Buffer.concat(out), err }));
  });
}

async function snapshotOf(argv: readonly string[], environment?: Record<string, string>): Promise<Snapshot> {
  const { code, out, err } = await run(['analyze', ...argv, '--json', '-', '--quiet'], environment);
  expect([code, err]).toEqual([0, '']);
  return JSON.parse(out.toString()) as Snapshot;
}

describe('ready vectors', () => {
  const file = (name: string) => path.join(golden, name);

  it.each([
    'list32.parquet',
    'one.safetensors',
    'bare.jsonl',
    'pandas.csv',
    'projector.tsv',
    'embeddingsAndLabels.npz',
  ])('analyze --vectors %s', async (name) => {
    const { corpus, raw, encoder } = await snapshotOf(['--vectors', file(name)]);
    expect([corpus.count, raw.dimension, encoder.backend]).toEqual([7, 4, 'none']);
  });

  it('together with the texts of the same table', async () => {
    // Texts are read as they stand and one is blank: the vectors have a row for it.
    const { code, err } = await run(['analyze', file('list32.parquet'), '--text-column', 'text', '--vectors', file('list32.parquet'), '--quiet']); // prettier-ignore
    expect(code).toBe(3);
    expect(err).toMatch(/has 7 rows and .* 6 sentences: it looks as if the empty cell was encoded too/);
    const { corpus } = await snapshotOf([
      file('delta.parquet'),
      '--text-column',
      'array',
      '--vectors',
      file('delta.parquet'),
    ]);
    expect([corpus.count, corpus.source]).toEqual([7, file('delta.parquet')]);
  });

  it('choose with --array, exit with 2 without it', async () => {
    const { code, err } = await run(['analyze', '--vectors', file('two.parquet'), '--quiet']);
    expect(code).toBe(2);
    expect(err).toMatch(/several columns: choose one with --array \(title, body\)\.\n$/);
    expect((await snapshotOf(['--vectors', file('two.parquet'), '--array', 'body'])).raw.count).toBe(7);
  });

  it('fit on themselves and on others, whatever their format', async () => {
    const self = ['--vectors', file('asText.parquet'), '--transform', 'center', '--fit-on', file('asText.parquet')];
    expect((await snapshotOf(self)).transform.fittedOn?.transductive).toBe(true);
    const others = ['--vectors', file('asText.parquet'), '--transform', 'center', '--fit-on', file('bare.jsonl')];
    expect((await snapshotOf(others)).transform.fittedOn).toMatchObject({ transductive: false, count: 7 });
  });

  it('keep texts with vectors out of the transductive trap', async () => {
    writeFileSync(path.join(folder, 'seven.txt'), '1\n2\n3\n4\n5\n6\n7\n');
    const argv = [
      'seven.txt',
      '--vectors',
      file('list32.parquet'),
      '--transform',
      'center',
      '--fit-on',
      file('list32.parquet'),
    ];
    expect((await snapshotOf(argv)).transform.fittedOn?.transductive).toBe(true);
  });
});

describe('an endpoint', () => {
  const rows = (bytes: Buffer) => {
    const { data, rows: count, columns } = readNpy(new Uint8Array(bytes), 'out');
    expect(columns).toBe(DIMENSION);
    return Array.from({ length: count }, (_, row) => Array.from(data.subarray(row * columns, (row + 1) * columns)));
  };
  const expected = ['one', 'two', 'three', 'one'].map(vectorOf);

  it('is told by its path, and gets the key from the environment', async () => {
    const server = await serve(answerOpenai);
    const { code, out, err } = await run(
      ['encode', 'lines.txt', '--encoder', `${server.address}/v1`, '--model', 'small', '--out', '-'],
      { ISOSCOPE_API_KEY: 'sk-secret' },
    );
    expect(code).toBe(0);
    expect(rows(out)).toEqual(expected);
    expect(err).toMatch(/The endpoint gave 3 vectors in/);
    expect(err).not.toContain('sk-secret');
    expect(server.asked[0].headers.authorization).toBe('Bearer sk-secret');
  });

  it('is asked how to be spoken to, and that is said', async () => {
    const server = await serve(answerTei);
    const { code, err } = await run([
      'encode',
      'lines.txt',
      '--encoder',
      server.address,
      '--normalize',
      'no',
      '--out',
      'x.npy',
    ]);
    expect(code).toBe(0);
    expect(err).toContain(
      `isoscope: ${server.address} is spoken to as text-embeddings-inference (--endpoint tei), because it answers at /info.`,
    );
    expect(rows(readFileSync(path.join(folder, 'x.npy')))).toEqual(expected);
  });

  it('is analysed like any encoder', async () => {
    const server = await serve(answerOllama);
    const snapshot = await snapshotOf(['lines.txt', '--encoder', server.address, '--endpoint', 'ollama', '--model', 'nomic', '--transform', 'center']); // prettier-ignore
    expect(snapshot).toMatchObject({
      corpus: { count: 4, duplicates: 1 },
      encoder: { id: `nomic at ${new URL(server.address).host}`, dimension: DIMENSION, backend: 'endpoint' },
      transform: { fittedOn: { transductive: true } },
    });
    expect(snapshot.notes.map(({ code }) => code)).toEqual(expect.arrayContaining(['endpoint', 'endpoint-rate']));
  });

  it('that fails ends with exit code 4 and one sentence, key and stack kept', async () => {
    const server = await serve((_asked, response) =>
      sendJson(response, { error: { message: 'bad key sk-secret' } }, 401),
    );
    const { code, err } = await run(
      [
        'encode',
        'lines.txt',
        '--encoder',
        `${server.address}/v1`,
        '--model',
        'm',
        '--out',
        'y.npy',
        '--quiet',
        '--debug',
      ],
      { ISOSCOPE_API_KEY: 'sk-secret' },
    );
    expect(code).toBe(4);
    expect(err).toMatch(/does not accept the key \(401\): bad key •••\.\n/);
    expect(err).not.toContain('sk-secret');
  });

  it.each([
    [['--encoder', 'http://127.0.0.1:1/v1', '--layer', '3'], '--layer is not for an endpoint'],
    [['--encoder', 'http://127.0.0.1:1/v1', '--endpoint', 'grpc'], '--endpoint is openai, ollama or tei, not "grpc".'],
    [
      ['--encoder', 'http://127.0.0.1:1/v1', '--model', 'm', '--dimensions', '0'],
      '--dimensions is a whole number from 1',
    ],
    [['--encoder', 'http://u:p@127.0.0.1:1/v1'], 'holds a name or password'],
    [['--model', 'm'], '--model goes with the address of an endpoint'],
    [['--encoder', 'folder', '--endpoint', 'tei'], '--endpoint goes with the address of an endpoint'],
    [['--encoder', 'http://127.0.0.1:1'], 'say --endpoint openai, ollama or tei, and check that the server runs'],
    [
      ['--encoder', 'http://127.0.0.1:1/v1'],
      "OpenAI's API needs the name of a model (on the command line: --model NAME).",
    ],
  ])('refuses %j with exit code 2', async (argv, message) => {
    const { code, err } = await run(['encode', 'lines.txt', '--out', 'z.npy', '--quiet', ...argv]);
    expect(err).toContain(message);
    expect(err.trimEnd().split('\n')).toHaveLength(1);
    expect(code).toBe(2);
  });
});
