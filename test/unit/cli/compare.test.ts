import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { analyzeVectors } from '../../../src/core/analysis/analyze';
import { openServices } from '../../../src/core/analysis/services';
import { parseArguments } from '../../../src/core/cli/arguments';
import type { CommandIo } from '../../../src/core/cli/commandIo';
import { runCompare } from '../../../src/core/cli/compareCommand';
import type { CompareArguments } from '../../../src/core/cli/compareArguments';
import { writeNpy } from '../../../src/core/corpus/npy';
import { failureReason, IsoscopeError } from '../../../src/core/protocol/errors';
import type { Snapshot } from '../../../src/core/protocol/snapshot';
import { anisotropicRows, vectorQuestion } from '../analysis/corpora';

const folder = mkdtempSync(path.join(tmpdir(), 'isoscope-compare-'));
const inside = (name: string): string => path.join(folder, name);
const sentences = Array.from({ length: 60 }, (_, i) => `line ${'x'.repeat(i % 7)} ${String(i)}`);
let plain: Snapshot;

beforeAll(async () => {
  const services = await openServices({ threads: 1 });
  const snapshotOf = async (vectors = anisotropicRows(60, 8), transform = 'none'): Promise<Snapshot> =>
    (await analyzeVectors({ ...vectorQuestion(vectors, transform), sentences }, services)).result.snapshot;
  plain = await snapshotOf();
  write('plain.json', plain);
  write('centred.json', await snapshotOf(undefined, 'center'));
  write('other.json', await snapshotOf(anisotropicRows(60, 8, 2)));
  // The rounding of another machine.
  write('rounded.json', nudge(plain));
  write('elsewhere.json', { ...plain, corpus: { ...plain.corpus, source: 'else.txt', sha256: 'e'.repeat(64) } });
  await services.dispose();
  const [a, b] = [anisotropicRows(60, 8), anisotropicRows(60, 5, 3)];
  b.data.forEach((value, at) => (b.data[at] = value + a.data[Math.floor(at / 5) * 8 + (at % 5)]));
  writeFileSync(inside('a.npy'), writeNpy(a));
  writeFileSync(inside('b.npy'), writeNpy(b));
  writeFileSync(inside('short.npy'), writeNpy(anisotropicRows(59, 8)));
});
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, value: unknown): void {
  writeFileSync(inside(name), typeof value === 'string' ? value : JSON.stringify(value));
}

/** Every number of the geometry times 1 + 1e-9. */
function nudge(snapshot: Snapshot): Snapshot {
  const text = JSON.stringify(snapshot.raw, (_, value: unknown) =>
    typeof value === 'number' && !Number.isInteger(value) ? value * (1 + 1e-9) : value,
  );
  return { ...snapshot, raw: JSON.parse(text) as Snapshot['raw'] };
}

async function compare(...argv: string[]): Promise<string> {
  const command = parseArguments(['compare', ...argv.map((word) => word.replace('@', `${folder}${path.sep}`))]);
  let out = '';
  const io: CommandIo = {
    signal: new AbortController().signal,
    style: { width: 90, unicode: true, color: false },
    writeOutput: (data) => {
      out += data.toString();
      return Promise.resolve();
    },
    say: () => undefined,
    onProgress: () => undefined,
    isOutputTerminal: false,
  };
  await runCompare(command as CompareArguments, io);
  return out;
}

async function failure(...argv: string[]): Promise<string> {
  try {
    await compare(...argv);
  } catch (error) {
    return `${failureReason(error)}: ${error instanceof IsoscopeError ? error.message : String(error)}`;
  }
  return 'no failure';
}

interface Written {
  readonly format: string;
  readonly kind: string;
  readonly rows: readonly {
    readonly key: string;
    readonly a: number | null;
    readonly b: number | null;
    readonly difference: number | null;
  }[];
  readonly notes: readonly { readonly code: string }[];
}

async function rowsOf(...argv: string[]): Promise<Written> {
  return JSON.parse(await compare(...argv, '--json', '-')) as Written;
}

describe('two snapshots', () => {
  it('are compared number by number', async () => {
    const { format, kind, rows, notes } = await rowsOf('@plain.json', '@other.json');
    expect([format, kind, notes]).toEqual(['isoscope.comparison', 'snapshots', []]);
    const row = rows.find(({ key }) => key === 'raw.averageCosine')!;
    expect(row.difference).toBe(row.b! - row.a!);
    const keys = rows.map(({ key }) => key);
    expect(keys).toContain('raw.cosineQuantiles.0.95');
    expect(keys).toContain('raw.eigenvalues.2');
    expect(keys).toContain('text.raw.lexicalLeakage.editDistance');
    expect(keys).not.toContain('raw.eigenvalues.3');
    expect(keys.some((key) => key.endsWith('.dimension') && key !== 'raw.dimension')).toBe(false);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('that differ by rounding do not differ', async () => {
    for (const other of ['@plain.json', '@rounded.json']) {
      const { rows } = await rowsOf('@plain.json', other);
      expect(rows.filter(({ difference }) => difference !== 0 && difference !== null)).toEqual([]);
      expect(rows.some(({ difference }) => difference === 0)).toBe(true);
    }
  });

  it('of which one has no transform: its raw space stands for the transformed one', async () => {
    const { rows, notes } = await rowsOf('@plain.json', '@centred.json');
    expect(notes.map(({ code }) => code)).toEqual(['raw-as-transformed']);
    const row = rows.find(({ key }) => key === 'transformed.averageCosine')!;
    expect(row.a).toBe(plain.raw.averageCosine);
    expect(row.difference).toBeLessThan(0);
    expect(rows.find(({ key }) => key === 'transformed.totalVariance')!.difference).toBe(0);
    expect(rows.find(({ key }) => key === 'raw.averageCosine')!.difference).toBe(0);
  });

  it('are a table in the terminal and in Markdown, without a part that only one has', async () => {
    const text = await compare('@plain.json', '@centred.json');
    expect(text).toMatch(/^Isoscope · .*plain\.json beside\s.*centred\.json$/m);
    expect(text).toMatch(/^Raw\n +A +B +difference\n/m);
    expect(text).toMatch(/^ {2}averageCosine +0\.\d+ +0\.\d+ +0$/m);
    expect(text).toMatch(/^ {2}averageCosine +0\.\d+ +−0\.\d+ +−0\.\d+$/m);
    expect(text).not.toContain('Transformed beside raw');
    const markdown = await compare('@plain.json', '@centred.json', '--markdown', '-');
    expect(markdown).toMatch(/^\| averageCosine \| 0\.\d+ \| 0\.\d+ \| 0 \|$/m);
  });

  it('of different lines are refused, unless forced', async () => {
    expect(await failure('@plain.json', '@elsewhere.json')).toMatch(/^input: .*different lines .*else\.txt.*--force/);
    const { notes } = await rowsOf('@plain.json', '@elsewhere.json', '--force');
    expect(notes.map(({ code }) => code)).toEqual(['different-corpora']);
  });

  it.each([
    ['no JSON', '{ "format": "isoscope.snap', /is not JSON/],
    ['an HTML page', '<!DOCTYPE html><html></html>', /is not JSON/],
    ['empty', '', /is not JSON/],
    ['another JSON', '[1, 2, 3]', /is no snapshot: make one/],
    ['null', 'null', /is no snapshot: make one/],
    ['an evaluation', '{"format":"isoscope.evaluation","version":1,"rows":[]}', /is no snapshot but an isoscope\.evaluation/],
    ['of the future', '{"format":"isoscope.snapshot","version":2}', /version 2, and this Isoscope reads version 1/],
    ['without its numbers', '{"format":"isoscope.snapshot","version":1,"corpus":{"sha256":"","source":""}}', /damaged snapshot/],
  ])('that are %s are told', async (_, content, message) => {
    write('bad.json', content);
    expect(await failure('@plain.json', '@bad.json')).toMatch(message);
    expect(await failure('@bad.json', '@plain.json')).toMatch(/^input: .*bad\.json/);
  }); // prettier-ignore

  it('with numbers that are none are compared where they can be', async () => {
    const damaged = JSON.stringify({ ...plain, raw: { ...plain.raw, averageCosine: 'x', meanNorm: null } });
    write('odd.json', damaged.replace(`"totalVariance":${String(plain.raw.totalVariance)}`, '"totalVariance":1e999'));
    const { rows } = await rowsOf('@plain.json', '@odd.json');
    const of = (key: string) => rows.find((row) => row.key === key)!;
    expect([of('raw.averageCosine').b, of('raw.meanNorm').b, of('raw.totalVariance').b]).toEqual([null, null, null]);
    expect(of('raw.averageCosine').difference).toBeNull();
  });

  it('written by an older Isoscope have no text and no comparison', async () => {
    const { text, comparison, ...older } = plain;
    expect([typeof text, comparison]).toEqual(['object', null]);
    write('older.json', older);
    const { rows } = await rowsOf('@older.json', '@plain.json');
    expect(rows.find(({ key }) => key === 'text.raw.lexicalLeakage.count')).toMatchObject({ a: null, b: 1770 });
  });
});

describe('two files of vectors', () => {
  it('are compared as spaces, with what each row keeps', async () => {
    const written = JSON.parse(await compare('@a.npy', '@b.npy', '--json', '-', '--threads', '1')) as {
      kind: string;
      a: object;
      comparison: { neighbours: { meanJaccard: number }; linearCka: { debiased: number } };
      rowJaccards: number[];
    };
    expect(written.kind).toBe('vectors');
    expect(written.a).toMatchObject({ count: 60, dimension: 8 });
    expect(written.comparison.linearCka.debiased).toBeGreaterThan(0.1);
    expect(written.rowJaccards).toHaveLength(60);
    const mean = written.rowJaccards.reduce((sum, value) => sum + value, 0) / 60;
    expect(mean).toBeCloseTo(written.comparison.neighbours.meanJaccard, 12);
  });

  it('are a table, and name the rows that change most', async () => {
    const text = await compare('@a.npy', '@b.npy', '--threads', '1');
    expect(text).toMatch(/Neighbours shared, mean Jaccard of 10 nearest +0\.\d+ +60 rows/);
    expect(text).toMatch(/RSA: Spearman of the cosines +0\.\d+ +1,770 pairs/);
    expect(text).toContain('Rows whose neighbours change most (from 1)');
    expect(await compare('@a.npy', '@a.npy', '--threads', '1')).not.toContain('change most');
  });

  it('must have the same rows', async () => {
    expect(await failure('@a.npy', '@short.npy')).toMatch(/^input: .*a\.npy has 60 rows and .*short\.npy 59/);
    expect(await failure('@a.npy', '@missing.npy')).toMatch(/^input: .*missing\.npy does not exist/);
  });

  it('write to a file whole', async () => {
    await compare('@a.npy', '@b.npy', '--json', '@out.json', '--markdown', '@out.md', '--threads', '1');
    expect(JSON.parse(readFileSync(inside('out.json'), 'utf8'))).toMatchObject({ format: 'isoscope.comparison' });
    expect(readFileSync(inside('out.md'), 'utf8')).toMatch(/^# .*a\\?\.npy beside/);
  });
});

describe('wrong usage', () => {
  it.each([
    [['a.json'], 'needs two files'],
    [['a.json', 'b.json', 'c.json'], '"c.json" is one too many'],
    [['-', '-'], 'cannot be both'],
    [['a.json', 'b.npy'], 'a.json is a snapshot by its name and b.npy is not'],
    [['a.npy', 'b.json'], 'b.json is a snapshot by its name and a.npy is not'],
    [['a.json', 'b.json', '--array', 'x'], '--array goes with files of vectors'],
    [['a.npy', 'b.npy', '--force'], '--force goes with snapshots'],
    [['a.npy', 'b.npy', '--html', 'x'], 'has no option --html'],
    [['a.npy', 'b.npy', '--json', 'x', '--markdown', 'x'], 'cannot both write'],
  ])('%j', (argv, message) => {
    expect(() => parseArguments(['compare', ...argv])).toThrow(message);
  });

  it('is none with standard input in one place: it is of the other’s kind', () => {
    expect(parseArguments(['compare', '-', 'b.json'])).toMatchObject({ kind: 'snapshots', a: '-' });
    expect(parseArguments(['compare', 'a.npy', '-'])).toMatchObject({ kind: 'vectors', b: '-' });
  });
});
