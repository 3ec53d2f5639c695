import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readNpy, writeNpy } from '../../../src/core/corpus/npy';
import type { EmbeddedReport } from '../../../src/core/export/htmlReport';
import { createRandom } from '../../../src/core/linalg/random';
import type { Snapshot } from '../../../src/core/protocol/snapshot';
import { parseTyped } from '../../../src/core/protocol/typedJson';

// The real command line in a process of its own: exit codes, streams, signals and files are its contract.

const root = path.join(__dirname, '../../..');
const folder = mkdtempSync(path.join(tmpdir(), 'isoscope-cli-'));
const bundle = path.join(root, '.cache', `cli-test-${String(process.pid)}`, 'cli.js');

beforeAll(async () => {
  // Bundled as the build does it, but from the sources of now.
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
  const random = createRandom(1);
  const data = Float32Array.from({ length: 40 * 5 }, () => random.normal());
  writeFileSync(inside('X.npy'), writeNpy({ data, rows: 40, columns: 5 }));
  writeFileSync(inside('forty.txt'), `${Array.from({ length: 40 }, (_, i) => `sentence ${String(i)}`).join('\n')}\n`);
  writeFileSync(inside('few.txt'), 'Where is my parcel?\n\n  \r\nI want a refund.\rWo ist mein Paket?');
});
afterAll(() => {
  rmSync(folder, { recursive: true });
  rmSync(path.dirname(bundle), { recursive: true, force: true });
});

const inside = (name: string) => path.join(folder, name);

interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly bytes: Buffer;
  readonly err: string;
}

interface RunOptions {
  readonly input?: string | Buffer;
  readonly environment?: Record<string, string>;
  readonly onStart?: (child: ChildProcess) => void;
}

function run(argv: readonly string[], { input, environment, onStart }: RunOptions = {}): Promise<Outcome> {
  const child = spawn(process.execPath, [bundle, ...argv], {
    cwd: folder,
    env: { ...process.env, LC_ALL: 'C.UTF-8', NO_COLOR: '1', ...environment },
  });
  const out: Buffer[] = [];
  let err = '';
  child.stdout.on('data', (piece: Buffer) => out.push(piece));
  child.stderr.on('data', (piece: Buffer) => (err += piece.toString()));
  child.stdin.on('error', () => undefined);
  child.stdin.end(input ?? '');
  onStart?.(child);
  return new Promise((resolve) => {
    child.on('close', (code) => {
      const bytes = Buffer.concat(out);
      resolve({ code, out: bytes.toString(), bytes, err });
    });
  });
}

/** One sentence on standard error, nothing on standard output. */
async function expectFailure(argv: readonly string[], code: number, message: string | RegExp, options?: RunOptions) {
  const outcome = await run([...argv, ...(argv.includes('analyze') ? ['--quiet'] : [])], options);
  expect(outcome.err).toMatch(message);
  expect(outcome.err.trimEnd().split('\n')).toHaveLength(1);
  expect(outcome.out).toBe('');
  expect(outcome.code).toBe(code);
}

describe('exit code 0', () => {
  it('--version and --help', async () => {
    const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string };
    expect(await run(['--version'])).toMatchObject({ code: 0, out: `isoscope ${version}\n`, err: '' });
    expect((await run(['--help'])).out).toContain('isoscope analyze');
  });

  it('analyze --vectors prints a report, progress only on standard error', async () => {
    const { code, out, err } = await run(['analyze', '--vectors', 'X.npy', '--transform', 'pca:k=2']);
    expect(code).toBe(0);
    expect(out).toMatch(/^Isoscope · X\.npy · 40 vectors\n/);
    expect(out).toMatch(/Dimensions +5 +2\n/);
    expect(err).toContain('isoscope: measuring');
    expect(err).not.toContain('\r');
  });

  it('--quiet leaves standard error empty, and the report is ASCII where the locale is', async () => {
    const { err, out } = await run(['analyze', '--vectors', 'X.npy', '--quiet'], { environment: { LC_ALL: 'C' } });
    expect(err).toBe('');
    expect(out).toMatch(/^[\x20-\x7e\n]+$/);
  });

  it('--json - prints JSON and nothing else', async () => {
    const { code, out } = await run(['analyze', '--vectors', 'X.npy', '--json', '-', '--seed', '5']);
    expect(code).toBe(0);
    const snapshot = JSON.parse(out) as Snapshot;
    expect(snapshot).toMatchObject({
      format: 'isoscope.snapshot',
      version: 1,
      corpus: { source: 'X.npy', count: 40 },
      transform: { spec: 'none', fittedOn: null },
      transformed: null,
      seed: 5,
    });
    expect(snapshot.raw.eigenvalues).toHaveLength(5);
  });

  it('--json FILE and --markdown FILE write files and print no report', async () => {
    const { code, out, err } = await run(['analyze', '--vectors', 'X.npy', '--json', 'a.json', '--markdown', 'a.md']);
    expect([code, out]).toEqual([0, '']);
    expect(err).toContain('isoscope: wrote a.json');
    expect(JSON.parse(readFileSync(inside('a.json'), 'utf8'))).toMatchObject({ format: 'isoscope.snapshot' });
    expect(readFileSync(inside('a.md'), 'utf8')).toMatch(/^# X\.npy\n/);
  });

  it.runIf(existsSync(path.join(root, 'dist/webview.js')))(
    '--html FILE writes one page with everything in it',
    async () => {
      const { code } = await run([
        'analyze',
        'forty.txt',
        '--vectors',
        'X.npy',
        '--html',
        'a.html',
        '--json',
        'b.json',
      ]);
      expect(code).toBe(0);
      const html = readFileSync(inside('a.html'), 'utf8');
      const data = /<script type="application\/json" id="isoscope-report">(.*?)<\/script>/s.exec(html)?.[1] ?? '';
      const { report, sentences } = parseTyped(data) as EmbeddedReport;
      expect(report.snapshot).toEqual(JSON.parse(readFileSync(inside('b.json'), 'utf8')));
      expect(report.views.raw.plane).toHaveLength(80);
      expect(sentences[39]).toBe('sentence 39');
    },
  );

  it('vectors come through standard input, archives by --array', async () => {
    const { out } = await run(['analyze', '--vectors', '-', '--json', '-'], { input: readFileSync(inside('X.npy')) });
    expect(JSON.parse(out)).toMatchObject({ corpus: { source: 'standard input', count: 40 } });
    const archive = path.join(root, 'test/golden/corpus/npy/several.npz');
    const second = await run(['analyze', '--vectors', archive, '--array', 'second', '--json', '-']);
    expect(JSON.parse(second.out)).toMatchObject({ corpus: { count: 2 }, raw: { dimension: 4 } });
  });

  it('text and vectors together: the rows belong to the sentences', async () => {
    const { out } = await run(['analyze', 'forty.txt', '--vectors', 'X.npy', '--json', '-']);
    expect(JSON.parse(out)).toMatchObject({ corpus: { source: 'forty.txt', count: 40, duplicates: 0 } });
  });

  it('fit, apply and --transform T.json agree with --transform SPEC', async () => {
    expect((await run(['fit', '--vectors', 'X.npy', '--transform', 'zca', '--out', 'T.json'])).code).toBe(0);
    expect((await run(['apply', 'T.json', '--vectors', 'X.npy', '--out', 'Y.npy'])).code).toBe(0);
    const analyze = async (...argv: string[]) =>
      JSON.parse((await run(['analyze', '--json', '-', ...argv])).out) as Snapshot;
    const direct = await analyze('--vectors', 'X.npy', '--transform', 'zca');
    const kept = await analyze('--vectors', 'X.npy', '--transform', 'T.json');
    const applied = await analyze('--vectors', 'Y.npy');
    expect(kept.transform).toEqual(direct.transform);
    expect(kept.transformed?.averageCosine).toBe(direct.transformed?.averageCosine);
    expect(applied.raw.averageCosine).toBe(direct.transformed?.averageCosine);
  });

  it('a reader that leaves early is no error', async () => {
    const outcome = await run(['analyze', '--vectors', 'X.npy', '--json', '-', '--quiet'], {
      onStart: (child) => child.stdout?.destroy(),
    });
    expect([outcome.code, outcome.err]).toEqual([0, '']);
  });
});

describe('exit code 2, wrong usage', () => {
  it.each([
    [[], 'A command is needed'],
    [['analyze', 'forty.txt', '--pool', 'cls'], 'did you mean --pooling?'],
    [['train', 'pairs.csv'], 'isoscope train is not in this version.'],
    [['analyze', '--vectors', 'X.npy', '--transform', 'pca:k=many'], 'k is a whole number'],
    [['analyze', '--vectors', 'X.npy', '--array', 'a'], '--array names an array of a .npz archive'],
    [['analyze', '--vectors', 'X.npy', '--transform', 'pca:k=9'], /k=9/],
  ] as const)('%j', async (argv, message) => {
    await expectFailure(argv, 2, message);
  });
});

describe('exit code 3, bad input', () => {
  it.each([
    [['analyze', 'missing.txt'], 'isoscope: missing.txt does not exist.'],
    [['analyze', '.'], '. is a folder, not a file.'],
    [['analyze', 'X.npy'], 'X.npy is a binary file'],
    [['analyze', '--vectors', 'forty.txt'], 'forty.txt holds text and no vectors'],
    [['analyze', 'few.txt', '--vectors', 'X.npy'], 'X.npy has 40 rows and few.txt 3 sentences'],
    [['analyze', '--vectors', 'X.npy', '--json', 'no/such/a.json'], 'the folder .* does not exist'],
    [['analyze', '--vectors', 'X.npy', '--transform', 'missing.json'], 'missing.json does not exist'],
    [
      ['analyze', '--vectors', 'X.npy', '--transform', 'center', '--fit-on', 'missing.npy'],
      'missing.npy does not exist',
    ],
  ] as const)('%j', async (argv, message) => {
    await expectFailure(argv, 3, new RegExp(message));
  });

  it('names the line of bytes that are not UTF-8, and the row of a NaN', async () => {
    await expectFailure(['analyze', '-'], 3, /standard input, line 2: the bytes are not valid UTF-8/, {
      input: Buffer.from('one\ntw\xf6\n', 'latin1'),
    });
    const data = Float32Array.from([1, 2, 3, NaN, 5, 6]);
    await expectFailure(['analyze', '--vectors', '-'], 3, /standard input, row 2: column 2 is not a number/, {
      input: Buffer.from(writeNpy({ data, rows: 3, columns: 2 })),
    });
  });

  it.each(['', '\n \r\n\t\n'])('says that text is empty or blank: %j', async (input) => {
    await expectFailure(['analyze', '-'], 3, /standard input (is empty|holds no sentence)/, { input });
  });

  it('shows a stack with --debug only', async () => {
    const { err } = await run(['analyze', 'missing.txt', '--debug']);
    expect(err).toMatch(/^isoscope: missing\.txt does not exist\.\n[\s\S]*\n {4}at /);
  });
});

describe('encode', () => {
  it('writes one float32 row per sentence, from a file and from standard input alike', async () => {
    expect((await run(['encode', 'few.txt', '--out', 'few.npy', '--quiet'])).code).toBe(0);
    const { data, shape } = readNpy(readFileSync(inside('few.npy')), 'few.npy');
    expect(shape).toEqual([3, 384]);
    expect(data).toBeInstanceOf(Float32Array);
    const piped = await run(['encode', '-', '--out', '-', '--quiet'], { input: readFileSync(inside('few.txt')) });
    expect(piped.code).toBe(0);
    expect(piped.bytes.equals(readFileSync(inside('few.npy')))).toBe(true);
    // "Where is my parcel?" means "Wo ist mein Paket?" more than a refund; unit rows, so products are cosines.
    const cosine = (a: number, b: number) => {
      let product = 0;
      for (let i = 0; i < 384; i++) product += data[a * 384 + i] * data[b * 384 + i];
      return product;
    };
    expect(cosine(0, 0)).toBeCloseTo(1, 5);
    expect(cosine(0, 2)).toBeGreaterThan(cosine(1, 2));
  });

  it('takes a column of a table', async () => {
    writeFileSync(inside('table.csv'), 'id,text\n1,"Where is\nmy parcel?"\n2,I want a refund.\n');
    const { code, err } = await run(['encode', 'table.csv', '--text-column', 'text', '--out', 'column.npy', '--quiet']);
    expect([code, err]).toEqual([0, '']);
    expect(readNpy(readFileSync(inside('column.npy')), 'X').shape).toEqual([2, 384]);
  });

  it('explains an encoder that is not there with exit code 4', async () => {
    await expectFailure(['encode', 'few.txt', '--out', 'y.npy', '--quiet', '--encoder', 'nowhere'], 4, /nowhere/);
    expect(existsSync(inside('y.npy'))).toBe(false);
  });
});

describe('analyze of text', () => {
  it('has sentences, encoder and both spaces in the snapshot', async () => {
    const { code, out } = await run(['analyze', 'forty.txt', '--transform', 'center', '--json', '-']);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      corpus: { source: 'forty.txt', count: 40, truncated: 0, duplicates: 0 },
      encoder: { dimension: 384, layer: 'last', pooling: 'mean', normalized: true, maxTokens: 256 },
      transform: { spec: 'center', fittedOn: { count: 40, transductive: true } },
      transformed: { count: 40, dimension: 384 },
    });
  });

  it('fits on another text or on vectors', async () => {
    const { out } = await run(['analyze', 'few.txt', '--transform', 'center', '--fit-on', 'forty.txt', '--json', '-']);
    expect(JSON.parse(out)).toMatchObject({ transform: { fittedOn: { count: 40, transductive: false } } });
  });
});

describe('exit code 130, interrupted', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('%s while encoding leaves no file', async (name) => {
    const place = inside(name);
    mkdirSync(place);
    // Long enough that the signal arrives in the middle of the work: some 20 seconds of encoding.
    const input = Array.from(
      { length: 4000 },
      (_, i) => `sentence number ${String(i)} ${'and more words '.repeat(12)}`,
    ).join('\n');
    const out = path.join(place, 'X.npy');
    const outcome = await run(['encode', '-', '--out', out], {
      input,
      onStart: (child) => {
        child.stderr?.on('data', (piece: Buffer) => {
          if (piece.toString().includes('encoding')) child.kill(name);
        });
      },
    });
    expect(outcome.code).toBe(130);
    // Nothing but progress: an interrupt is the user's own wish.
    expect(outcome.err).toMatch(/^(isoscope: (opening|encoding)[^\n]*\n)+$/);
    expect(readdirSync(place)).toEqual([]);
  });
});
