import { describe, expect, it } from 'vitest';
import { binStart, cosineFrame } from '../../src/webview/charts/cosines';
import { indexOfRow, shownPoints } from '../../src/webview/charts/plane';
import { afterSide, beforeSide } from '../../src/webview/charts/sides';
import { formatCosine, formatCount, formatNumber, formatShare } from '../../src/webview/format';
import { EPS_STEPS, epsAt, positionOfEps, rankOf, readLabSpec, writeLabSpec } from '../../src/webview/lab/labSpec';
import { keepUnchanged, withProgress } from '../../src/webview/pageStates';
import { createPreviewQueue } from '../../src/webview/lab/previewQueue';
import { openStateStore, type SavedState } from '../../src/webview/savedState';
import { createSentenceSource } from '../../src/webview/sentences';
import { movedBy, sortOrder } from '../../src/webview/tables/tableOrder';
import { buildReport } from './fixture';

describe('labSpec', () => {
  it.each([
    'none',
    'center',
    'pca',
    'zca:k=3',
    'pca:k=128,eps=0.001',
    'zca:eps=1e-7,shrinkage=oas,beta=0.5',
    'cholesky:k=5,shrinkage=lw',
    'truncate:k=64',
    'random:k=8',
    'zscore',
    'pca:k=2,gamma=0',
    'pca:colour=red',
    'abtt:d=3',
    'center+l2',
  ])('%s is read and written back', (spec) => {
    expect(writeLabSpec(readLabSpec(spec))).toBe(spec);
  });

  it('the ε slider goes there and back, and never downwards', () => {
    let last = -1;
    for (let position = 0; position <= EPS_STEPS; position++) {
      const eps = epsAt(position, 0.037);
      expect(eps).toBeGreaterThan(last);
      last = eps;
      expect(positionOfEps(eps, 0.037)).toBe(position);
    }
    expect(last).toBe(0.037);
  });

  it('counts λ ≤ 1e-12 λ1 as 0', () => {
    expect(rankOf([1, 1e-6, 1e-12, 0])).toBe(2);
    expect(rankOf([0, 0])).toBe(0);
    expect(rankOf([])).toBe(0);
  });
});

describe('previewQueue', () => {
  it('keeps the order, skips what nobody wants any more, and survives a failure', async () => {
    const asked: string[] = [];
    const settle: ((result: string | Error) => void)[] = [];
    const shown: string[] = [];
    const errors: unknown[] = [];
    const queue = createPreviewQueue<string>({
      ask: (spec) => {
        asked.push(spec);
        return new Promise((resolve, reject) => {
          settle.push((result) => (typeof result === 'string' ? resolve(result) : reject(result)));
        });
      },
      onResult: (result) => shown.push(result),
      onError: (error) => errors.push(error),
    });
    const tick = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));
    for (const spec of ['a', 'b', 'c']) queue.want(spec);
    expect(asked).toEqual(['a']);
    settle[0]('a');
    await tick();
    expect(asked).toEqual(['a', 'c']);
    settle[1](new Error('no'));
    await tick();
    expect(shown).toEqual(['a']);
    expect(errors).toHaveLength(1);
    queue.want('d');
    queue.clear();
    settle[2]('d');
    await tick();
    expect(shown).toEqual(['a']);
    queue.want('e');
    settle[3]('e');
    await tick();
    expect(shown).toEqual(['a', 'e']);
  });
});

describe('sentences', () => {
  it('gathers wishes into one question of at most 500 rows and asks for nothing twice', async () => {
    const questions: number[][] = [];
    const source = createSentenceSource((rows) => {
      questions.push([...rows]);
      return Promise.resolve(rows.map((row) => `s${row}`));
    });
    let heard = 0;
    source.subscribe(() => heard++);
    source.need([1, 2]);
    source.need([2, 3]);
    source.need(Array.from({ length: 700 }, (_, i) => i));
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(questions.map((rows) => rows.length)).toEqual([500, 200]);
    expect(new Set(questions.flat()).size).toBe(700);
    expect(heard).toBe(2);
    expect(source.get(699)).toBe('s699');
    source.need([1, 699]);
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(questions).toHaveLength(2);
  });
});

describe('pageStates', () => {
  it('a report that is sent again keeps what is drawn; another result replaces it', () => {
    const first = { kind: 'shown', report: buildReport() } as const;
    const again = keepUnchanged(first, { kind: 'shown', report: buildReport({ staleRows: [1] }) });
    expect(again.kind === 'shown' && again.report.views).toBe(first.report.views);
    expect(again.kind === 'shown' && again.report.staleRows.length).toBe(1);
    const other = buildReport({ spec: 'center' });
    expect(keepUnchanged(first, { kind: 'shown', report: other })).toEqual({ kind: 'shown', report: other });
  });

  it('progress goes to a run, over a report or not, and nowhere else', () => {
    const progress = { stage: 'encoding', done: 1, total: 2 } as const;
    expect(withProgress({ kind: 'running', title: 'x', progress: null }, progress)).toMatchObject({ progress });
    expect(withProgress({ kind: 'empty' }, progress)).toEqual({ kind: 'empty' });
  });
});

describe('savedState', () => {
  it('tells the document at once and drops a state of another version', () => {
    const kept: unknown[] = [];
    const api = (state: unknown) => ({ getState: () => state, setState: (next: unknown) => kept.push(next) });
    const store = openStateStore(api({ version: 1, document: 'file:///a', openSections: ['x'] }), 'file:///a');
    expect(store.current.openSections).toEqual([]);
    expect((kept[0] as SavedState).document).toBe('file:///a');
    store.update({ openSections: ['y'] });
    expect(openStateStore(api(kept.at(-1)), 'file:///a').current.openSections).toEqual(['y']);
    expect(openStateStore(api(kept.at(-1)), 'file:///b').current.openSections).toEqual([]);
  });
});

describe('charts', () => {
  it('the frame of the cosines holds every bin with pairs, of both sides', () => {
    const { snapshot, views } = buildReport();
    const sides = { before: beforeSide(snapshot, views), after: afterSide(snapshot, views, null) };
    const [low, high] = cosineFrame(sides).range;
    for (const side of [sides.before, sides.after!]) {
      const { randomPairs, nearest, binCount } = side.view.cosines;
      randomPairs.forEach((count, bin) => {
        if (count === 0 && nearest![bin] === 0) return;
        expect(binStart(bin, binCount)).toBeGreaterThanOrEqual(low);
        expect(binStart(bin + 1, binCount)).toBeLessThanOrEqual(high);
      });
    }
  });

  it('shown points are all, or an even sample, with the right rows', () => {
    const { views } = buildReport({ count: 12_000, shown: 8_000 });
    const all = shownPoints(views.shownRows, 8_000, 'webgl');
    expect(all.rows).toEqual(views.shownRows);
    const some = shownPoints(views.shownRows, 8_000, 'svg');
    expect(some.rows).toHaveLength(5_000);
    expect(new Set(some.rows).size).toBe(5_000);
    some.places.forEach((place, i) => expect(some.rows[i]).toBe(views.shownRows![place]));
    expect(indexOfRow(some.rows, some.rows[4_321])).toBe(4_321);
    expect(indexOfRow(Uint32Array.from([2, 4]), 3)).toBe(-1);
  });
});

describe('tableOrder', () => {
  it('sorts both ways, keeps ties in order and puts what is missing last', () => {
    const values = [2, NaN, 1, 2, -1];
    const order = (isDescending: boolean): number[] => [...sortOrder(5, (i) => values[i], isDescending)];
    expect(order(false)).toEqual([4, 2, 0, 3, 1]);
    expect(order(true)).toEqual([0, 3, 2, 4, 1]);
  });

  it('keys stay inside the table', () => {
    expect(movedBy('ArrowUp', 0, 10, 5)).toBe(0);
    expect(movedBy('PageDown', 7, 10, 5)).toBe(9);
    expect(movedBy('End', 0, 10, 5)).toBe(9);
    expect(movedBy('x', 0, 10, 5)).toBeNull();
  });
});

describe('format', () => {
  it('writes numbers short, with one minus sign, and rounding as 0', () => {
    expect([0.14159, 12.5, 384, 12345.6, 1.2345e-7, -0.5, 0, null].map((value) => formatNumber(value))).toEqual([
      '0.142',
      '12.5',
      '384',
      '12,346',
      '1.23e−7',
      '−0.5',
      '0',
      '–',
    ]);
    expect([0.2104, -0.2, 1e-8, -3e-5, 1].map((value) => formatCosine(value))).toEqual([
      '0.210',
      '−0.200',
      '0',
      '−3e−5',
      '1.000',
    ]);
    expect(formatCount(1234567)).toBe('1,234,567');
    expect([0.1234, 0.0001, 0, 1].map((value) => formatShare(value))).toEqual(['12.3 %', '0.01 %', '0.0 %', '100.0 %']);
  });
});
