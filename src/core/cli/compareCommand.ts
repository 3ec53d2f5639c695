import { toolName } from '../analysis/toolName';
import { compareSnapshots } from '../comparison/compareSnapshots';
import { compareSpaces } from '../comparison/compareSpaces';
import { readSnapshotFile } from '../comparison/readSnapshot';
import {
  type ComparisonReport,
  renderComparisonMarkdown,
  tabulateSnapshots,
  tabulateSpaces,
} from '../export/comparisonReport';
import { describeEncoder } from '../export/geometryTable';
import { formatCount } from '../export/numberText';
import { openProducts } from '../linalg/onnxProducts';
import { IsoscopeError } from '../protocol/errors';
import type { Snapshot } from '../protocol/snapshot';
import { openNodeRuntime } from '../runtime/nodeRuntime';
import type { CommandIo } from './commandIo';
import type { CompareArguments } from './compareArguments';
import { renderComparison } from './comparisonTerminal';
import { checkOutput, writeResult } from './outputs';
import { nameOf, readVectors } from './readCorpus';

/** What `--json` writes is this beside `format`, `version`, `created` and `tool`. */
interface Outcome {
  readonly report: ComparisonReport;
  readonly json: Readonly<Record<string, unknown>>;
}

/** `isoscope compare`: two snapshots of the same lines, or two files of vectors of the same rows. */
export async function runCompare(command: CompareArguments, io: CommandIo): Promise<void> {
  const { json, markdown } = command.outputs;
  for (const file of [json, markdown]) if (file !== undefined) await checkOutput(file);
  const outcome = command.kind === 'snapshots' ? await ofSnapshots(command, io) : await ofVectors(command, io);
  if (markdown !== undefined) await writeResult(markdown, [renderComparisonMarkdown(outcome.report)], io);
  if (json !== undefined) {
    const head = { format: 'isoscope.comparison', version: 1, created: new Date().toISOString(), tool: toolName() };
    await writeResult(json, [`${JSON.stringify({ ...head, kind: command.kind, ...outcome.json }, null, 2)}\n`], io);
  }
  if (json === undefined && markdown === undefined) await io.writeOutput(renderComparison(outcome.report, io.style));
}

async function ofSnapshots({ a, b, force }: CompareArguments, { signal }: CommandIo): Promise<Outcome> {
  const [first, second] = [await readSnapshotFile(a, signal), await readSnapshotFile(b, signal)];
  const { rows, notes } = compareSnapshots(first, second, [nameOf(a), nameOf(b)], force);
  const side = ({ corpus, encoder, transform, created, tool }: Snapshot, file: string) => ({
    file: nameOf(file),
    corpus,
    encoder,
    transform,
    created,
    tool,
  });
  return {
    report: {
      title: `${nameOf(a)} beside ${nameOf(b)}`,
      sides: [describeSnapshot(first), describeSnapshot(second)],
      tables: tabulateSnapshots(rows),
      notes,
    },
    json: { a: side(first, a), b: side(second, b), rows, notes },
  };
}

function describeSnapshot(snapshot: Snapshot): string {
  const { source, count } = snapshot.corpus;
  return `${source}, ${formatCount(count)} rows; ${describeEncoder(snapshot)}; transform ${snapshot.transform.spec}`;
}

async function ofVectors(command: CompareArguments, { signal, onProgress }: CommandIo): Promise<Outcome> {
  const { a, b, array, seed, threads } = command;
  const [first, second] = [
    await readVectors({ path: a, array }, signal),
    await readVectors({ path: b, array }, signal),
  ];
  if (first.vectors.rows !== second.vectors.rows) {
    throw new IsoscopeError(
      'input',
      `${first.name} has ${formatCount(first.vectors.rows)} rows and ${second.name} ${formatCount(second.vectors.rows)}: row i of both must be of the same line.`,
    );
  }
  const products = await openProducts(await openNodeRuntime(threads === undefined ? {} : { threads }));
  const { comparison, notes, jaccards } = await compareSpaces(
    { matrix: first.vectors },
    { matrix: second.vectors },
    { products, seed, signal, onStep: (done, total) => onProgress({ stage: 'geometry', done, total }) },
  );
  const side = ({ name, sha256, vectors: { rows, columns } }: typeof first) => ({
    file: name,
    sha256,
    count: rows,
    dimension: columns,
  });
  const describe = ({ name, vectors: { rows, columns } }: typeof first): string =>
    `${name}, ${formatCount(rows)} × ${formatCount(columns)}`;
  const allNotes = [...first.notes, ...second.notes, ...notes];
  return {
    report: {
      title: `${first.name} beside ${second.name}`,
      sides: [describe(first), describe(second)],
      tables: tabulateSpaces(comparison, jaccards),
      notes: allNotes,
    },
    json: {
      a: side(first),
      b: side(second),
      seed,
      comparison,
      rowJaccards: Array.from(jaccards, (jaccard) => (Number.isNaN(jaccard) ? null : jaccard)),
      notes: allNotes,
    },
  };
}
