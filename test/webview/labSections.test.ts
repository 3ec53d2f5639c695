import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { IsoscopeError } from '../../src/core/protocol/errors';
import { buildReport, sentenceOf } from './fixture';
import { type OpenPage, startHarness, type WebviewHarness } from './harness';
import { buildCurve } from './labFixture';
import { drawnTraces, waitForPlots } from './look';

let harness: WebviewHarness;
let open: OpenPage | undefined;

beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.close());
afterEach(async () => {
  const problems = open?.problems ?? [];
  await open?.close();
  open = undefined;
  expect(problems).toEqual([]);
});

async function openPanel(options: Parameters<WebviewHarness['open']>[0] = {}): Promise<OpenPage> {
  open = await harness.open({ state: buildReport(), ...options });
  await open.page.locator('[data-lab]').waitFor();
  return open;
}

const asked = (panel: OpenPage, name: string): unknown[] =>
  panel.asked.filter((question) => question.name === name).map(({ params }) => params);

describe('neighbours of the line at the cursor', () => {
  it('shows lost, gained and kept lines with sign, words and cosines, and goes to a line', async () => {
    const panel = await openPanel();
    const section = panel.page.locator('[data-section="neighbours"]');
    expect(await section.textContent()).toContain('Put the cursor on a line');
    panel.host.notify('highlight', { rows: Uint32Array.from([7]) });
    await section.locator('tr[data-change]').first().waitFor();
    expect(
      await section.locator('tr[data-change]').evaluateAll((rows) => rows.map((row) => row.dataset['change'])),
    ).toEqual([...Array<string>(3).fill('lost'), ...Array<string>(3).fill('gained'), ...Array<string>(7).fill('kept')]);
    expect(await section.locator('[data-neighbour-summary]').textContent()).toBe(
      '7 of 10 nearest stay · Jaccard 0.538',
    );
    const first = section.locator('tr[data-change="lost"]').first();
    expect(await first.locator('td').first().textContent()).toBe('−lost');
    await expect.poll(() => first.locator('.sentence').textContent()).toBe(sentenceOf(8));
    expect(await first.locator('td').nth(3).textContent()).toBe('0.690 · 99 %');
    expect(await first.locator('td').nth(3).getAttribute('title')).toBe(
      'cosine 0.690, above 99.0 % of random pairs; no. 8 of the nearest',
    );
    await first.locator('button').click();
    await expect.poll(() => panel.told.at(-1)).toEqual({ name: 'reveal', payload: { row: 8, keepFocus: true } });
  });

  it('asks only for the line where the cursor rests, and again after another transform', async () => {
    const panel = await openPanel();
    for (let row = 0; row < 5; row++) panel.host.notify('highlight', { rows: Uint32Array.from([row]) });
    await expect.poll(() => asked(panel, 'neighbourDiff')).toEqual([{ row: 4, k: 10 }]);
    panel.show(buildReport({ spec: 'center', created: '2026-03-01T10:00:00.000Z' }));
    await expect.poll(() => asked(panel, 'neighbourDiff').length).toBe(2);
  });

  it('without a transform lists the nearest, without signs', async () => {
    const panel = await openPanel({ state: buildReport({ spec: 'none' }) });
    panel.host.notify('highlight', { rows: Uint32Array.from([3]) });
    await panel.page.locator('[data-neighbour-summary]').waitFor();
    expect(await panel.page.locator('[data-neighbour-summary]').textContent()).toBe('The 10 nearest by cosine.');
    expect(await panel.page.locator('tr[data-change="kept"]').count()).toBe(10);
  });

  it('says why there is no answer', async () => {
    const panel = await openPanel({
      answers: { neighbourDiff: () => Promise.reject(new IsoscopeError('engine', 'The engine was killed.')) },
    });
    panel.host.notify('highlight', { rows: Uint32Array.from([3]) });
    const alert = panel.page.locator('[data-section="neighbours"] [role="alert"]');
    await alert.waitFor();
    expect(await alert.textContent()).toBe('The engine was killed.');
  });
});

describe('dimensions', () => {
  it('draws the variance of every dimension before | after, and inspects one', async () => {
    const panel = await openPanel();
    const chart = panel.page.locator('[data-plot="dimensions"]');
    await chart.scrollIntoViewIfNeeded();
    await expect.poll(async () => (await drawnTraces(panel.page, 'dimensions'))[1]?.[0]?.points).toBe(62);
    expect((await drawnTraces(panel.page, 'dimensions'))[0]?.[0]?.points).toBe(384);
    await chart.locator('[data-section="dimensions-table"] summary').click();
    await chart.locator('[data-sort="before-variance"]').click();
    await chart.locator('[data-sort="before-variance"]').click();
    const strongest = chart.locator('tbody tr').first();
    expect(await strongest.locator('td').first().textContent()).toBe('17');
    await strongest.locator('button').click();
    const inspector = panel.page.locator('[data-inspector="17"]');
    await inspector.locator('li[data-row]').first().waitFor();
    expect(asked(panel, 'dimension')).toEqual([{ space: 'raw', dimension: 17, rows: 5 }]);
    expect(await inspector.locator('li[data-row]').count()).toBe(10);
    await inspector.locator('li[data-row="10"] button').click();
    await expect.poll(() => panel.told.at(-1)).toEqual({ name: 'reveal', payload: { row: 10, keepFocus: true } });
    await inspector.locator('[data-action="close-inspector"]').click();
    expect(await panel.page.locator('[data-inspector]').count()).toBe(0);
  });
});

describe('how many dimensions', () => {
  it('measures when asked, and a number of the table chooses the transform', async () => {
    const panel = await openPanel();
    const section = panel.page.locator('[data-plot="curve"]');
    await section.scrollIntoViewIfNeeded();
    expect(asked(panel, 'dimensionCurve')).toEqual([]);
    await section.locator('[data-action="measure-curve"]').click();
    await section.locator('[data-curve="agreement"] .js-plotly-plot').waitFor();
    await expect
      .poll(async () => (await drawnTraces(panel.page, 'curve')).map((traces) => traces.length))
      .toEqual([4, 4]);
    await section.locator('[data-section="curve-table"] summary').click();
    await section.locator('tbody tr').nth(4).locator('button').nth(2).click();
    await expect.poll(() => asked(panel, 'transform')).toEqual(['pca:k=32,gamma=0']);
  });

  it('shows progress and can be cancelled', async () => {
    let isAborted = false;
    const panel = await openPanel({
      answers: {
        dimensionCurve: (_, { signal, reportProgress }) => {
          reportProgress({ done: 3, total: 10 });
          return new Promise((resolve) => {
            signal.addEventListener('abort', () => {
              isAborted = true;
              resolve(buildCurve());
            });
          });
        },
      },
    });
    const section = panel.page.locator('[data-plot="curve"]');
    await section.locator('[data-action="measure-curve"]').click();
    await expect.poll(() => section.locator('progress').getAttribute('value')).toBe('3');
    await section.locator('[data-action="cancel-curve"]').click();
    await expect.poll(() => isAborted).toBe(true);
    await section.locator('[data-action="measure-curve"]').waitFor();
  });
});

describe('what the transform is fitted on', () => {
  it('is chosen beside the method, and only where there is something to fit', async () => {
    const panel = await openPanel();
    await waitForPlots(panel.page);
    await panel.page.locator('#fit').click();
    await panel.page.locator('#fit vscode-option', { hasText: 'Half of them' }).click();
    await expect.poll(() => asked(panel, 'fit')).toEqual([{ on: 'half' }]);
    panel.show(buildReport({ spec: 'truncate:k=20', created: '2026-03-01T11:00:00.000Z' }));
    await expect.poll(() => panel.page.locator('#fit').count()).toBe(0);
  });

  it('tells when that cannot be', async () => {
    const panel = await openPanel({
      answers: { fit: () => Promise.reject(new IsoscopeError('input', 'Too few sentences.')) },
    });
    await panel.page.locator('#fit').click();
    await panel.page.locator('#fit vscode-option', { hasText: 'Another file' }).click();
    await expect.poll(() => panel.page.locator('[data-lab] [role="alert"]').textContent()).toBe('Too few sentences.');
  });
});

describe('numbers of text and of both spaces', () => {
  it('stand among the others, those of both spaces on the side of the transform', async () => {
    const panel = await openPanel();
    await panel.page.locator('[data-section="numbers-more"] summary').click();
    const cells = (id: string): Promise<string[]> => panel.page.locator(`tr[data-number="${id}"] td`).allTextContents();
    expect(await cells('editDistance')).toEqual(['−0.210', '−0.080', '48,516 random pairs']);
    expect(await cells('neighbourChange')).toEqual(['', '52.0 %', '312, k = 10']);
    expect(await cells('cka')).toEqual(['', '0.880', '312']);
    expect(await cells('procrustes')).toEqual(['', '0.07', '312']);
  });
});

describe('pictures of charts', () => {
  it.each(['plane', 'cosines', 'spectrum'])(
    'the %s is saved as SVG and PNG, both sides with their labels',
    async (name) => {
      const panel = await openPanel();
      await waitForPlots(panel.page);
      await panel.page.locator(`[data-plot="${name}"] [data-action="save-plot"]`).click();
      await expect.poll(() => asked(panel, 'savePlot').length).toBe(1);
      const [image] = asked(panel, 'savePlot') as [{ name: string; svg: string; png: Uint8Array }];
      expect(image.name).toBe(name);
      expect(image.svg).toContain('Before · raw');
      expect(image.svg).toContain('After · pca:k=62');
      expect(image.svg.match(/class="main-svg"/g)?.length).toBeGreaterThanOrEqual(2);
      if (name === 'plane') expect(image.svg.match(/<path class="point"/g)?.length).toBe(2 * 312);
      expect([...image.png.subarray(1, 4)]).toEqual([...Buffer.from('PNG')]);
      // Width and height of the header, at twice the size.
      const header = new DataView(image.png.buffer, image.png.byteOffset);
      expect([header.getUint32(16), header.getUint32(20)]).toEqual([2560, 976]);
    },
  );
});
