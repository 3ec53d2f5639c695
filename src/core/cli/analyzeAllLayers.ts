import { analyzeSentences, type Question } from '../analysis/analyze';
import type { Services } from '../analysis/services';
import { formatCosine, formatCount, formatNumber } from '../export/numberText';
import type { EncoderChoice } from '../protocol/engineProtocol';
import type { Geometry, Snapshot } from '../protocol/snapshot';
import { encodeLayersInto } from './allLayers';
import type { CommandIo } from './commandIo';
import { type TerminalStyle, toAscii, withoutControls, wrap } from './terminal';

/** `analyze --layer all --json`: one snapshot per layer, 0 (embedding output) to L. */
export interface LayerSnapshots {
  readonly format: 'isoscope.layers';
  readonly version: 1;
  readonly snapshots: readonly Snapshot[];
}

/** The geometry of every layer, from one pass over the sentences. @throws IsoscopeError as `encodeLayersInto` and `analyzeSentences` */
export async function analyzeAllLayers(
  question: Question & { readonly source: string },
  sentences: readonly string[],
  encoder: EncoderChoice,
  services: Services,
  io: CommandIo,
): Promise<LayerSnapshots> {
  const { signal, onProgress } = io;
  const last = await services.openEncoder(
    { ...encoder, layer: 'last' },
    {
      signal,
      onProgress: (done, total) => {
        onProgress({ stage: 'loading', done, total });
      },
    },
  );
  const layerCount = await encodeLayersInto(services, last, sentences, io);
  const snapshots: Snapshot[] = [];
  for (let layer = 0; layer <= layerCount; layer++) {
    const choice = { ...encoder, layer };
    const analysis = await analyzeSentences({ ...question, sentences, encoder: choice }, services, io);
    snapshots.push(analysis.result.snapshot);
  }
  return { format: 'isoscope.layers', version: 1, snapshots };
}

const COLUMNS: readonly (readonly [head: string, cell: (geometry: Geometry) => string])[] = [
  ['average cosine', (g) => formatCosine(g.averageCosine)],
  ['effective rank', (g) => formatNumber(g.effectiveRank)],
  ['IsoScore', (g) => formatCosine(g.isoScore)],
  ['stable rank', (g) => formatNumber(g.stableRank)],
  ['hub skewness', (g) => formatNumber(g.hubness?.skewness, 1e-9)],
  ['mean length', (g) => formatNumber(g.meanNorm)],
];

/** Layers × key numbers, raw and, where there is a transform, transformed. Ends with a line feed. */
export function renderLayers({ snapshots }: LayerSnapshots, style: TerminalStyle): string {
  const [{ corpus, encoder, transform }] = snapshots;
  const lines = [
    `Isoscope · ${withoutControls(corpus.source)} · ${formatCount(corpus.count)} sentences`,
    `${withoutControls(encoder.id)} · all layers · pooling ${encoder.pooling ?? ''} · ${encoder.dimension} dimensions`,
    '',
    ...layerTable('raw', snapshots, ({ raw }) => raw),
    ...(transform.spec === 'none'
      ? []
      : ['', ...layerTable(transform.spec, snapshots, ({ transformed }) => transformed)]),
    '',
    ...notesOf(snapshots).flatMap((note) => {
      const [first, ...rest] = wrap(withoutControls(note), style.width - 2);
      return [`• ${first}`, ...rest.map((line) => `  ${line}`)];
    }),
  ];
  const text = `${lines.join('\n').trimEnd()}\n`;
  return style.unicode ? text : toAscii(text);
}

function layerTable(
  title: string,
  snapshots: readonly Snapshot[],
  geometryOf: (snapshot: Snapshot) => Geometry | null,
): readonly string[] {
  const rows = snapshots.map((snapshot, layer) => {
    const geometry = geometryOf(snapshot);
    return [String(layer), ...COLUMNS.map(([, cell]) => (geometry === null ? '–' : cell(geometry)))];
  });
  const table = [['layer', ...COLUMNS.map(([head]) => head)], ...rows];
  const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)));
  return [title, ...table.map((row) => row.map((cell, column) => cell.padStart(widths[column])).join('  '))];
}

/** Each note once, with the layers that it belongs to where not all have it. */
function notesOf(snapshots: readonly Snapshot[]): readonly string[] {
  const layersOf = new Map<string, number[]>();
  snapshots.forEach(({ notes }, layer) => {
    for (const { message } of notes) layersOf.set(message, [...(layersOf.get(message) ?? []), layer]);
  });
  return [...layersOf].map(([message, layers]) =>
    layers.length === snapshots.length ? message : `Layer ${layers.join(', ')}: ${message}`,
  );
}
