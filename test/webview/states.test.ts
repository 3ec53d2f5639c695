import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { PageState } from '../../src/core/protocol/webviewProtocol';
import { buildReport, sentenceOf } from './fixture';
import { changeTheme, type OpenPage, startHarness, type WebviewHarness } from './harness';
import { drawnTraces, hoverPoint, waitForPlots } from './look';
import { type ThemeName, themes } from './themes';

const pictures = path.resolve(import.meta.dirname, '../../.cache/screenshots');
let harness: WebviewHarness;
let open: OpenPage | undefined;

beforeAll(async () => {
  harness = await startHarness();
  await mkdir(pictures, { recursive: true });
});
afterAll(() => harness.close());
afterEach(async () => {
  const { problems = [], told = [] } = open ?? {};
  await open?.close();
  open = undefined;
  expect(problems).toEqual([]);
  expect(told.filter(({ name }) => name === 'problem')).toEqual([]);
});

const failed: PageState = {
  kind: 'failed',
  title: 'notes.txt',
  message: '"notes.txt" has one sentence and a geometry needs two or more: put each sentence on its own line.',
  actions: [
    { command: 'retry', label: 'Retry' },
    { command: 'showLog', label: 'Show Log' },
  ],
};

describe.each(['panel', 'summary'] as const)('%s without a report', (view) => {
  it('says what to do when nothing is analysed', async () => {
    open = await harness.open({ view, state: { kind: 'empty' } });
    await open.page.locator('[data-state="empty"] [data-empty]').waitFor();
    expect((await open.page.locator('[data-empty]').textContent())!.length).toBeGreaterThan(40);
  });

  it('shows progress, counts on, and cancels', async () => {
    open = await harness.open({ view, state: { kind: 'running', title: 'notes.txt', progress: null } });
    const { page, host, told } = open;
    await page.locator('[data-progress="starting"]').waitFor();
    host.notify('progress', { stage: 'encoding', done: 1200, total: 10000 });
    await expect
      .poll(() => page.locator('.progress-text span').textContent())
      .toBe('Encoding 1,200 of 10,000 sentences');
    expect(await page.locator('progress').evaluate((bar) => (bar as HTMLProgressElement).position)).toBeCloseTo(0.12);
    await page.locator('[data-action="cancel"]').click();
    await expect.poll(() => told.at(-1)?.name).toBe('cancel');
  });

  it('says one sentence about a failure and offers the ways on', async () => {
    open = await harness.open({ view, state: failed });
    const { page, told } = open;
    expect(await page.locator('[data-failure]').textContent()).toBe(failed.message);
    await page.locator('[data-action="showLog"]').click();
    await expect.poll(() => told.at(-1)).toEqual({ name: 'action', payload: { command: 'showLog' } });
    await page.locator('[data-action="retry"]').click();
    await expect.poll(() => told.at(-1)).toEqual({ name: 'action', payload: { command: 'retry' } });
  });
});

describe('summary', () => {
  it('shows the verdict, five numbers, a small spectrum and the way to the panel', async () => {
    const report = buildReport();
    open = await harness.open({ view: 'summary', state: report, width: 300, height: 600 });
    const { page, told } = open;
    expect(await page.locator('[data-verdict]').textContent()).toBe(report.verdict);
    expect(await page.locator('tr[data-number]').count()).toBe(5);
    const path = await page.locator('.spark-before').getAttribute('d');
    expect(path!.match(/[ML]/g)).toHaveLength(311);
    await page.locator('[data-action="open-panel"]').click();
    await expect.poll(() => told.at(-1)?.name).toBe('openPanel');
  });
});

describe('a re-analysis over what is shown', () => {
  it('shows its progress and keeps the charts', async () => {
    const report = buildReport({ staleRows: [3] });
    open = await harness.open({ state: report });
    const { page, told } = open;
    await waitForPlots(page);
    open.show({ ...report, progress: { stage: 'loading', done: 0, total: 0 } });
    await page.locator('.banner [data-progress="loading"]').waitFor();
    expect(await page.locator('[data-stale]').count()).toBe(0);
    expect(await page.locator('[data-plot="plane"] .js-plotly-plot').count()).toBe(2);
    await page.locator('[data-action="cancel"]').click();
    await expect.poll(() => told.at(-1)?.name).toBe('cancel');
    open.show(buildReport({ created: '2026-03-01T09:40:00.000Z' }));
    await page.locator('.banner').waitFor({ state: 'detached' });
  });
});

describe('hostile and odd reports', () => {
  it("never takes the user's text for markup", async () => {
    open = await harness.open({ state: { ...buildReport(), title: '<img src=x onerror="window.hacked = true">.txt' } });
    const { page } = open;
    await waitForPlots(page);
    await page.locator('[data-section="plane-table"] summary').click();
    await expect
      .poll(() => page.locator('[data-section="plane-table"] tr[data-index="0"] .sentence').textContent())
      .toBe(sentenceOf(0));
    for (const row of [0, 1, 2]) {
      await hoverPoint(page, 'before', row);
      await expect.poll(() => page.locator('.tooltip-text').textContent()).toBe(sentenceOf(row));
    }
    expect(await page.locator('main img, main b, main script, main a, main br').count()).toBe(0);
    expect(await page.evaluate(() => 'hacked' in window)).toBe(false);
  });

  it.each([
    ['one row', { count: 1, spec: 'none' }],
    ['two rows', { count: 2, spec: 'pca' }],
    ['one dimension', { count: 40, dimension: 4, spec: 'pca' }],
  ] as const)('%s', async (_, options) => {
    open = await harness.open({ state: buildReport(options) });
    const { page } = open;
    await waitForPlots(page, options.spec === 'none' ? 1 : 2, options.count === 1 ? ['plane'] : undefined);
    if (options.count === 1)
      expect(await page.locator('.nothing').allTextContents()).toEqual([
        'No pair has a cosine.',
        'No direction carries variance.',
      ]);
    expect((await drawnTraces(page, 'plane'))[0]).toMatchObject([{ type: 'scattergl', points: options.count }]);
    expect(await page.locator('main').textContent()).not.toMatch(/NaN|undefined|Infinity|null/);
    for (const section of ['numbers-more', 'plane-table', 'cosines-table', 'spectrum-table']) {
      await page.locator(`[data-section="${section}"] summary`).click();
    }
    expect(await page.locator('main').textContent()).not.toMatch(/NaN|undefined|Infinity|null/);
  });

  it('a dash says why there is no number', async () => {
    const message = 'The condition number needs every direction to carry variance.';
    open = await harness.open({
      state: buildReport({ notes: [{ code: 'rank-deficient', message, keys: ['raw.conditionNumber'] }] }),
    });
    await open.page.locator('[data-section="numbers-more"] summary').click();
    const cells = open.page.locator('tr[data-number="conditionNumber"] td');
    expect(await cells.first().textContent()).toBe('–');
    expect(await cells.first().getAttribute('title')).toBe(message);
    expect(await open.page.locator('[data-note="rank-deficient"]').textContent()).toContain(message);
  });

  it('the rows of a note can be shown', async () => {
    open = await harness.open({
      state: buildReport({ notes: [{ code: 'truncated', message: '2 sentences were cut.', rows: [40, 7] }] }),
    });
    await waitForPlots(open.page);
    await open.page.locator('[data-action="show-rows"]').click();
    await open.page.locator('[data-selected="2"]').waitFor();
    expect(await open.page.locator('[data-selected] tbody tr td:nth-child(2)').allTextContents()).toEqual(['8', '45']);
  });

  it('a sampled plane maps its points to the right rows', async () => {
    open = await harness.open({ state: buildReport({ count: 400, shown: 100 }) });
    const { page, told, host } = open;
    await waitForPlots(page);
    expect((await drawnTraces(page, 'plane'))[0][0].points).toBe(100);
    expect(await page.locator('[data-sampled]').textContent()).toContain('100 of 400 rows are shown');
    const place = await hoverPoint(page, 'before', 10);
    await page.locator('.tooltip[data-row="40"]').waitFor();
    await page.locator('[data-side="before"] .js-plotly-plot').first().click({ position: place });
    await expect.poll(() => told.at(-1)).toEqual({ name: 'reveal', payload: { row: 40, keepFocus: true } });
    // Row 41 has no point.
    host.notify('highlight', { rows: Uint32Array.from([40, 41]) });
    await page.locator('[data-side="before"] [data-highlighted="1"]').waitFor({ state: 'attached' });
  });
});

describe('themes', () => {
  it('every theme draws the charts in its own colours, also when it changes under a living page', async () => {
    const notes = [{ code: 'small-sample', message: '312 rows in 384 dimensions: the small eigenvalues are noise.' }];
    open = await harness.open({ state: buildReport({ notes, staleRows: [5] }), width: 1200, height: 1000 });
    const { page, host } = open;
    await waitForPlots(page);
    host.notify('highlight', { rows: Uint32Array.from([20]) });
    for (const name of Object.keys(themes) as ThemeName[]) {
      await changeTheme(page, name);
      const { variables } = themes[name];
      for (const plot of ['plane', 'spectrum'] as const) {
        await expect
          .poll(async () => (await drawnTraces(page, plot)).map(([first]) => first.color))
          .toEqual([variables['charts-blue'], variables['charts-orange']]);
      }
      expect(await backgroundOf(page)).toBe(await cssColor(page, variables['editor-background']));
      for (const width of [1200, 600]) {
        await page.setViewportSize({ width, height: 1000 });
        await page.waitForTimeout(400);
        await page.screenshot({ path: path.join(pictures, `page-${name}-${width}.png`), fullPage: true });
      }
    }
  });

  it('marks differ by shape and stroke, not by colour alone', async () => {
    open = await harness.open({ state: buildReport() });
    await waitForPlots(open.page);
    const looks = await open.page.evaluate(() =>
      [...document.querySelectorAll('.js-plotly-plot')].map((plot) =>
        (
          plot as unknown as { _fullData: { marker?: { symbol?: string }; line?: { dash?: string }; fill?: string }[] }
        )._fullData.map(({ marker, line, fill }) => [marker?.symbol, line?.dash, fill].join(' ')),
      ),
    );
    const [planeBefore, planeAfter, cosineBefore, , , spectrumAfter] = looks;
    expect(planeBefore[0]).not.toBe(planeAfter[0]);
    for (const pair of [cosineBefore, spectrumAfter]) expect(pair[0]).not.toBe(pair[1]);
  });
});

function backgroundOf(page: Page): Promise<string> {
  return page.evaluate(() => getComputedStyle(document.body).backgroundColor);
}

function cssColor(page: Page, color: string): Promise<string> {
  return page.evaluate((value) => {
    const probe = document.body.appendChild(document.createElement('i'));
    probe.style.color = value;
    const resolved = getComputedStyle(probe).color;
    probe.remove();
    return resolved;
  }, color);
}
