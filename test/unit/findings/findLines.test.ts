import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Analysis } from '../../../src/core/analysis/analysis';
import { analyzeVectors } from '../../../src/core/analysis/analyze';
import { openServices, type Services } from '../../../src/core/analysis/services';
import { findLines } from '../../../src/core/findings/findLines';
import { nearThreshold } from '../../../src/core/findings/nearDuplicates';
import { matrixOf, type Matrix64 } from '../../../src/core/linalg/matrix';
import { createRandom } from '../../../src/core/linalg/random';
import {
  findingKinds,
  MOST_FINDING_ROWS,
  MOST_FINDINGS,
  type FindingKind,
  type Findings,
} from '../../../src/core/protocol/findings';
import { anisotropicRows, vectorQuestion } from '../analysis/corpora';

let services: Services;
beforeAll(async () => {
  services = await openServices({ threads: 1 });
});
afterAll(() => services.dispose());

/** Unlike lines for rows that no test says anything of. */
function someLines(count: number): string[] {
  const random = createRandom(5);
  const letters = 'abcdefghijklmnopqrstuvwxyz';
  return Array.from({ length: count }, () => Array.from({ length: 30 }, () => letters[random.integer(26)]).join(''));
}

function analyse(vectors: Matrix64, sentences?: readonly string[]): Promise<Analysis> {
  return analyzeVectors({ ...vectorQuestion(vectors), sentences }, services);
}

function cloud(count: number, dimension = 24): Matrix64 {
  const random = createRandom(11);
  return matrixOf(
    Float64Array.from({ length: count * dimension }, () => random.normal()),
    count,
    dimension,
  );
}

function setRow({ data, columns }: Matrix64, row: number, value: (k: number) => number): void {
  for (let k = 0; k < columns; k++) data[row * columns + k] = value(k);
}

function copyRow(matrix: Matrix64, from: number, to: number, noise = 0): void {
  const random = createRandom(to);
  setRow(matrix, to, (k) => matrix.data[from * matrix.columns + k] + noise * random.normal());
}

const ofKind = (findings: Findings, kind: FindingKind) => findings.kinds.find((found) => found.kind === kind);
const rowsOf = (findings: Findings, kind: FindingKind) => ofKind(findings, kind)?.findings.map(({ rows }) => rows);

describe('findings about lines', () => {
  it('are none for lines that have nothing wrong with them', async () => {
    const { kinds } = await findLines(await analyse(cloud(40), someLines(40)));
    expect(kinds.map(({ kind }) => kind).filter((kind) => kind !== 'anti-hub')).toEqual([]);
  });

  it('name repeated sentences, whatever their vectors, and repeated vectors where there is no text', async () => {
    const vectors = cloud(40);
    const lines = someLines(40);
    lines[9] = lines[30] = lines[4];
    lines[20] = lines[2];
    const findings = await findLines(await analyse(vectors, lines));
    expect(rowsOf(findings, 'duplicate')).toEqual([
      [4, 9, 30],
      [2, 20],
    ]);
    const [first] = ofKind(findings, 'duplicate')!.findings;
    expect(first.value).toBe(3);
    expect(first.message).toEqual(['The same sentence as in ', { row: 9 }, ' and ', { row: 30 }, '.']);
    expect(ofKind(findings, 'duplicate')).toMatchObject({ count: 2, rowCount: 5 });

    copyRow(vectors, 7, 8);
    expect(rowsOf(await findLines(await analyse(vectors)), 'duplicate')).toEqual([[7, 8]]);
  });

  it('name near duplicates by cosine and by spelling, in groups', async () => {
    const vectors = cloud(50);
    const lines = someLines(50);
    for (const row of [11, 12]) copyRow(vectors, 10, row, 0.02);
    lines[21] = `${lines[20].slice(0, -1)}#`;
    copyRow(vectors, 20, 21, 0.8);
    const findings = await findLines(await analyse(vectors, lines));
    expect(rowsOf(findings, 'near-duplicate')).toEqual([
      [10, 11, 12],
      [20, 21],
    ]);
    const [byCosine, bySpelling] = ofKind(findings, 'near-duplicate')!.findings;
    expect(byCosine.value).toBeGreaterThan(0.99);
    expect(bySpelling.value).toBeLessThan(0.9);
    expect(bySpelling.message).toEqual([
      'Says nearly the same as ',
      { row: 21 },
      expect.stringMatching(/^ \(cosine 0\.\d+\)\.$/),
    ]);
  });

  it('finds near duplicates and outliers beside a line that is repeated hundreds of times', async () => {
    const vectors = cloud(400);
    const lines = someLines(400);
    for (let row = 50; row < 350; row++) {
      copyRow(vectors, 50, row);
      lines[row] = lines[50];
    }
    copyRow(vectors, 50, 360, 0.02);
    setRow(vectors, 399, (k) => (k < 12 ? -3 : 3) * (1 + (k % 3)));
    const findings = await findLines(await analyse(vectors, lines));
    expect(ofKind(findings, 'duplicate')!.findings[0]).toMatchObject({ rowCount: 300, value: 300 });
    expect(ofKind(findings, 'duplicate')!.findings[0].rows).toHaveLength(MOST_FINDING_ROWS);
    expect(rowsOf(findings, 'near-duplicate')).toEqual([[50, 360]]);
    // Without leaving the repetitions out, the lines near them would be outliers by a factor of 1e9.
    for (const { value } of ofKind(findings, 'outlier')?.findings ?? []) expect(value).toBeLessThan(100);
  });

  it('names outliers: far from their nearest, which are near to each other', async () => {
    const random = createRandom(3);
    const vectors = cloud(60);
    for (let row = 0; row < 59; row++) setRow(vectors, row, (k) => (k === 0 ? 5 : 0) + 0.2 * random.normal());
    setRow(vectors, 59, (k) => (k === 1 ? 5 : 0.1));
    const findings = await findLines(await analyse(vectors));
    expect(rowsOf(findings, 'outlier')![0]).toEqual([59]);
    expect(ofKind(findings, 'outlier')!.findings[0].value).toBeGreaterThan(5);
  });

  it('names hubs and anti-hubs', async () => {
    // The mean direction of a cloud far from the origin is near to all of it.
    const vectors = anisotropicRows(300, 40);
    const mean = Array.from(
      { length: 40 },
      (_, k) => vectors.data.filter((_, at) => at % 40 === k).reduce((a, b) => a + b) / 300,
    );
    setRow(vectors, 17, (k) => mean[k]); // prettier-ignore
    const findings = await findLines(await analyse(vectors));
    const [hub] = ofKind(findings, 'hub')!.findings;
    expect(hub.rows).toEqual([17]);
    expect(hub.value).toBeGreaterThan(100);
    const antiHubs = ofKind(findings, 'anti-hub')!;
    expect(antiHubs.findings.map(({ value }) => value)).toEqual(
      antiHubs.findings.map(({ value }) => value).sort((a, b) => a! - b!),
    );
    expect(antiHubs.count / 300).toBeCloseTo((await analyse(vectors)).raw.geometry.hubness!.antiHubRate, 10);
  });

  it('names lines that one dimension dominates, and vectors of length 0', async () => {
    const vectors = cloud(80, 32);
    vectors.data[33 * 32 + 7] = 25;
    setRow(vectors, 5, () => 0);
    setRow(vectors, 61, () => 0);
    const findings = await findLines(await analyse(vectors, someLines(80)));
    expect(ofKind(findings, 'dominated')!.findings).toMatchObject([{ rows: [33], dimension: 7 }]);
    expect(ofKind(findings, 'dominated')!.findings[0].value).toBeGreaterThan(0.8);
    expect(rowsOf(findings, 'zero-vector')).toEqual([[5], [61]]);
    expect(findings.kinds[0].kind).toBe('zero-vector');
  });

  it('names lines that were cut, the longest first, and those whose words are unknown', async () => {
    const analysis = await analyse(cloud(30), ['a'.repeat(900), 'b'.repeat(1200), ...someLines(28)]);
    const findings = await findLines({
      ...analysis,
      truncatedRows: Uint32Array.of(0, 1),
      encoder: { ...analysis.encoder, maxTokens: 256, backend: 'cpu' },
      notes: [{ code: 'no-known-word', message: '', rows: [12] }],
    });
    expect(ofKind(findings, 'truncated')!.findings.map(({ rows, value }) => [rows, value])).toEqual([
      [[1], 1200],
      [[0], 900],
    ]);
    expect(ofKind(findings, 'truncated')!.findings[0].message).toEqual([
      'Cut at 256 tokens: the rest of the 1,200 characters is not in the vector.',
    ]);
    expect(rowsOf(findings, 'unknown-words')).toEqual([[12]]);
    expect(findings.notes).toEqual([]);
  });

  it('lists at most so many of a kind, and counts them all', async () => {
    const vectors = cloud(700);
    for (let row = 0; row < 300; row++) copyRow(vectors, row, 300 + row);
    const { count, rowCount, findings } = ofKind(await findLines(await analyse(vectors)), 'duplicate')!;
    expect([count, rowCount, findings.length]).toEqual([300, 600, MOST_FINDINGS]);
  });

  it.each([1, 2, 3, 10])('says why there are none of a kind for %i rows', async (count) => {
    const { kinds, notes } = await findLines(await analyse(cloud(count)));
    expect(kinds.map(({ kind }) => kind)).toEqual([]);
    expect(notes.map(({ code }) => code)).toEqual(['few-rows-for-neighbours', 'ready-vectors']);
  });

  it.each(['equal rows', 'zeros'])('stays in one piece for %s', async (what) => {
    const vectors = cloud(30);
    for (let row = 0; row < 30; row++) setRow(vectors, row, (k) => (what === 'zeros' ? 0 : k + 1));
    const findings = await findLines(await analyse(vectors));
    expect(ofKind(findings, 'duplicate')).toMatchObject({ count: 1, rowCount: 30 });
    expect(ofKind(findings, 'zero-vector')?.count).toBe(what === 'zeros' ? 30 : undefined);
    for (const { value } of findings.kinds.flatMap(({ findings: all }) => all)) {
      if (value !== null) expect(value).toSatisfy(Number.isFinite);
    }
    expect(JSON.parse(JSON.stringify(findings))).toEqual(findings);
  });

  it('come in the order of their seriousness, with steps, and stop when cancelled', async () => {
    const analysis = await analyse(cloud(60));
    const steps: number[] = [];
    const { kinds } = await findLines(analysis, { onProgress: ({ done }) => steps.push(done) });
    expect(steps).toEqual([0, 1, 2, 3, 4]);
    const order = kinds.map(({ kind }) => findingKinds.indexOf(kind));
    expect(order).toEqual([...order].sort((a, b) => a - b));
    await expect(findLines(analysis, { signal: AbortSignal.abort() })).rejects.toThrow();
  });
});

describe('the threshold of nearly the same', () => {
  it('rises with the floor', () => {
    expect([-0.2, 0, 0.8].map(nearThreshold)).toEqual([0.9, 0.9, 0.98].map((value) => expect.closeTo(value, 12) as number));
  });
}); // prettier-ignore
