import { describe, expect, it } from 'vitest';
import { exportItems, outcomeText } from '../../../src/extension/export/exportItems';
import { sampleReport } from '../export/sampleReport';
import { englishL10n } from './englishL10n';

const { snapshot } = sampleReport();
const kinds = (encoder: Parameters<typeof exportItems>[1], transformed = snapshot.transformed): string[] =>
  exportItems({ ...snapshot, transformed }, encoder, englishL10n).map(({ group, ending, target }) =>
    [group, target?.kind ?? 'host', ending ?? 'folder'].join(' '),
  );

describe('what can be exported', () => {
  it('a transform alone and with its encoder, vectors of both spaces, the plane, reports', () => {
    expect(kinds({ encoder: 'embedded' })).toEqual([
      'transform transform npz',
      'transform transform py',
      'transform transform onnx',
      'transform encoder onnx',
      'transform encoder folder',
      'transform transform ts',
      'transform transform json',
      ...Array<string>(8)
        .fill('vectors vectors')
        .map((kind, i) => `${kind} ${['npy', 'parquet', 'atlas.parquet', 'tsv'][i % 4]}`),
      'vectors plane csv',
      'report host html',
      'report host md',
    ]);
  });

  it('no encoder where there is no graph, no transform where there is none', () => {
    expect(kinds(null).filter((kind) => kind.includes('encoder'))).toEqual([]);
    const without = kinds({ encoder: 'embedded' }, null);
    expect(without.filter((kind) => kind.startsWith('transform'))).toEqual([]);
    expect(without.filter((kind) => kind.startsWith('vectors vectors'))).toHaveLength(4);
  });

  it('every item has a label of its own', () => {
    const labels = exportItems(snapshot, { encoder: 'embedded' }, englishL10n).map(({ label }) => label);
    expect(new Set(labels).size).toBe(labels.length);
  });
});

describe('what is said afterwards', () => {
  it('names the file, the check and the notes', () => {
    const check = { rows: 16, largestDifference: 3.21e-7, isWithinTolerance: true };
    expect(outcomeText({ files: ['/a/t.npz'], check, notes: ['Load it so.'] }, 't.npz', englishL10n)).toBe(
      'Written: t.npz. Run again on 16 rows: largest difference 3.2e-7. Load it so.',
    );
    expect(outcomeText({ files: ['/a/p.csv'], check: null, notes: [] }, 'p.csv', englishL10n)).toBe('Written: p.csv.');
  });
});
