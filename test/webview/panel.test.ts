import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { buildReport, sentenceOf } from './fixture';
import { type OpenPage, startHarness, type WebviewHarness } from './harness';
import { countInside, dragLasso, drawnTraces, hasMark, hoverPoint, placeOfPoint, waitForPlots } from './look';
import { themes } from './themes';

let harness: WebviewHarness;
let open: OpenPage | undefined;

beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.close());
afterEach(async () => {
  const { problems = [], told = [] } = open ?? {};
  await open?.close();
  open = undefined;
  expect(problems).toEqual([]);
  expect(told.filter(({ name }) => name === 'problem')).toEqual([]);
});

async function openPanel(options: Parameters<WebviewHarness['open']>[0] = {}): Promise<OpenPage> {
  open = await harness.open({ state: buildReport(), ...options });
  await waitForPlots(open.page);
  return open;
}

describe('panel', () => {
  it('says ready at once and shows nothing before the state comes', async () => {
    open = await harness.open();
    await open.page.locator('[data-state="loading"]').waitFor({ state: 'attached' });
    await expect.poll(() => open!.told.map(({ name }) => name)).toEqual(['ready']);
  });

  it('draws every chart on both sides with the right kinds of traces and all points', async () => {
    const { page } = await openPanel();
    expect(await drawnTraces(page, 'plane')).toMatchObject([
      [{ type: 'scattergl', points: 312 }],
      [{ type: 'scattergl', points: 312 }],
    ]);
    const cosines = await drawnTraces(page, 'cosines');
    expect(cosines.map((traces) => traces.map(({ type }) => type))).toEqual([
      ['scatter', 'scatter'],
      ['scatter', 'scatter'],
    ]);
    const [raw, transformed] = await drawnTraces(page, 'spectrum');
    // 311 of 384 directions can carry variance; the transformed side also shows the raw spectrum behind its own.
    expect(raw).toMatchObject([{ type: 'scatter', points: 311 }]);
    expect(transformed).toMatchObject([
      { type: 'scatter', points: 62 },
      { type: 'scatter', points: 311 },
    ]);
  });

  it('the cosines are shares: the area under each line is 1, however wide its steps', async () => {
    const { page } = await openPanel();
    const areas = await page.locator('[data-plot="cosines"] .js-plotly-plot').evaluateAll((plots) =>
      plots.flatMap((plot) =>
        (plot as unknown as { _fullData: { x: number[]; y: number[] }[] })._fullData.map(
          // 200 bins of a hundredth each.
          ({ x, y }) => y.reduce((sum, share) => sum + share, 0) * ((x[1] - x[0]) / 0.01),
        ),
      ),
    );
    expect(areas).toHaveLength(4);
    for (const area of areas) expect(area).toBeCloseTo(1, 6);
  });

  it('marks the floor of random pairs at 5, 50 and 95 %', async () => {
    const report = buildReport();
    const { page } = await openPanel({ state: report });
    const uprights = await page
      .locator('[data-plot="cosines"] [data-side="before"] .js-plotly-plot')
      .evaluate((element) =>
        (element as unknown as { layout: { shapes: { x0: number }[] } }).layout.shapes.map(({ x0 }) => x0),
      );
    expect(uprights).toEqual([...report.views.raw.cosines.floor!]);
  });

  it('shows the verdict, the count and each number before | after with its n', async () => {
    const report = buildReport();
    const { page } = await openPanel({ state: report });
    expect(await page.locator('[data-verdict]').textContent()).toBe(report.verdict);
    expect(await page.locator('[data-number="count"]').textContent()).toBe('312');
    const cells = await page.locator('tr[data-number="averageCosine"] td').allTextContents();
    expect(cells).toEqual(['0.210', '0', 'all 48,516 pairs']);
    expect(await page.locator('tr[data-number="components90"] td').allTextContents()).toEqual(['180', '56', '312']);
    const titles = await page
      .locator('tr[data-number] th')
      .evaluateAll((all) => all.map((th) => th.getAttribute('title') ?? ''));
    expect(titles.length).toBeGreaterThanOrEqual(7);
    for (const title of titles) expect(title.length).toBeGreaterThan(20);
  });

  it('a click on a point reveals its row and keeps the keyboard here', async () => {
    const { page, told } = await openPanel();
    for (const [side, row] of [
      ['before', 100],
      ['after', 17],
    ] as const) {
      const place = await hoverPoint(page, side, row);
      await page.locator(`.tooltip[data-row="${row}"]`).waitFor();
      await page.locator(`[data-plot="plane"] [data-side="${side}"] .js-plotly-plot`).click({ position: place });
      await expect.poll(() => told.at(-1)).toEqual({ name: 'reveal', payload: { row, keepFocus: true } });
    }
  });

  it('asks for a sentence only when the mouse rests on its point, and shows it with its line', async () => {
    const { page, asked } = await openPanel();
    const described = (): unknown[] => asked.filter(({ name }) => name === 'describe').map(({ params }) => params);
    expect(described()).toEqual([]);
    await hoverPoint(page, 'before', 100);
    const tooltip = page.locator('.tooltip');
    await expect.poll(() => tooltip.locator('.tooltip-text').textContent()).toBe(sentenceOf(100));
    expect(await tooltip.locator('.tooltip-line').textContent()).toContain('Line 111');
    expect(described()).toEqual([[100]]);
    await page.mouse.move(5, 5);
    await tooltip.waitFor({ state: 'detached' });
  });

  it('links hover: the same row is ringed on the other side', async () => {
    const { page } = await openPanel();
    await hoverPoint(page, 'before', 100);
    const other = page.locator('[data-plot="plane"] [data-side="after"] canvas.marks');
    await expect.poll(() => other.getAttribute('data-hovered')).toBe('100');
    expect(await hasMark(page, 'after', await placeOfPoint(page, 'after', 100), themes.dark.variables.foreground)).toBe(
      true,
    );
  });

  it("lights up the editor's lines on both sides", async () => {
    const { page, host } = await openPanel();
    host.notify('highlight', { rows: Uint32Array.from([20, 40]) });
    await page.locator('[data-plot="plane"] [data-side="after"] [data-highlighted="2"]').waitFor({ state: 'attached' });
    for (const side of ['before', 'after'] as const) {
      const place = await placeOfPoint(page, side, 40);
      expect(await hasMark(page, side, place, themes.dark.variables.focusBorder)).toBe(true);
    }
    host.notify('highlight', { rows: new Uint32Array(0) });
    await expect
      .poll(() =>
        page
          .locator('[data-highlighted]')
          .evaluateAll((all) => all.map((e) => (e as HTMLElement).dataset['highlighted'])),
      )
      .toEqual(['0', '0']);
  });

  it('a lasso selects the same rows on both sides, lists them and opens them as a document', async () => {
    const { page, told } = await openPanel();
    const inside = await countInside(page, 'before');
    expect(inside).toBeGreaterThan(20);
    await dragLasso(page, 'before');
    const selection = page.locator('[data-selected]');
    await selection.waitFor();
    expect(await selection.getAttribute('data-selected')).toBe(String(inside));
    await expect.poll(() => selectedPoints(page)).toEqual([inside, inside]);
    expect(await outlines(page)).toBe(0);
    await expect.poll(() => selection.locator('tbody tr').count()).toBe(Math.min(100, inside));
    await selection.locator('[data-action="list"]').click();
    await expect.poll(() => told.at(-1)?.name).toBe('list');
    const { rows } = told.at(-1)!.payload as { rows: number[] };
    expect(rows).toHaveLength(inside);
    expect(rows).toEqual([...rows].sort((a, b) => a - b));
    await selection.locator('[data-action="clear"]').click();
    await selection.waitFor({ state: 'detached' });
    await expect.poll(() => selectedPoints(page)).toEqual([null, null]);
  });

  it('keeps selection, zoom and open sections over a reload, but not for another text', async () => {
    const { page, host } = await openPanel();
    await dragLasso(page, 'before');
    await page.locator('[data-selected]').waitFor();
    const selected = await page.locator('[data-selected]').getAttribute('data-selected');
    await page.locator('[data-section="spectrum-what"] summary').click();
    await page.locator('[data-action="zoom"]').click();
    await dragZoom(page);
    const range = await xRange(page);
    await page.reload();
    await waitForPlots(page);
    expect(await page.locator('[data-selected]').getAttribute('data-selected')).toBe(selected);
    expect(await page.locator('[data-section="spectrum-what"]').getAttribute('open')).not.toBeNull();
    expect((await xRange(page))[0]).toBeCloseTo(range[0], 5);
    host.notify('state', { kind: 'shown', report: buildReport({ count: 200 }) });
    await page.locator('[data-selected]').waitFor({ state: 'detached' });
  });

  it('explains every chart with formula and source', async () => {
    const { page } = await openPanel();
    for (const name of ['plane', 'cosines', 'spectrum']) {
      await page.locator(`[data-section="${name}-what"] summary`).click();
      const text = (): Promise<string | null> => page.locator(`[data-section="${name}-what"]`).textContent();
      await expect.poll(text).toContain('Formula');
      expect(await text()).toMatch(/(19|20)\d\d/);
    }
  });

  it('stacks before over after where there is no room for both', async () => {
    const { page } = await openPanel({ width: 420 });
    const tops = await page
      .locator('[data-plot="spectrum"] .side')
      .evaluateAll((all) => all.map((side) => side.getBoundingClientRect().top));
    expect(tops[1] - tops[0]).toBeGreaterThan(200);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(overflow).toBeLessThanOrEqual(0);
    await page.setViewportSize({ width: 1000, height: 800 });
    await expect
      .poll(() =>
        page
          .locator('[data-plot="spectrum"] .js-plotly-plot .main-svg')
          .first()
          .evaluate((svg) =>
            Math.round(svg.getBoundingClientRect().width - svg.parentElement!.getBoundingClientRect().width),
          ),
      )
      .toBe(0);
  });

  it('tells of marks and edits: crosses on edited lines, a banner, and the way to mend it', async () => {
    const { page, host, told } = await openPanel();
    expect(await page.locator('[data-stale]').count()).toBe(0);
    host.notify('stale', { staleRows: Uint32Array.from([3, 9]), isStale: true });
    await page.locator('[data-stale="2"]').waitFor();
    expect(
      await hasMark(
        page,
        'before',
        await placeOfPoint(page, 'before', 9),
        themes.dark.variables['editorWarning-foreground'],
      ),
    ).toBe(true);
    await page.locator('[data-action="reanalyze"]').click();
    await expect.poll(() => told.at(-1)?.name).toBe('reanalyze');
  });
});

function selectedPoints(page: OpenPage['page']): Promise<(number | null)[]> {
  return page
    .locator('[data-plot="plane"] .js-plotly-plot')
    .evaluateAll((all) =>
      all.map(
        (plot) =>
          (plot as unknown as { _fullData: { selectedpoints?: number[] }[] })._fullData[0].selectedpoints?.length ??
          null,
      ),
    );
}

function outlines(page: OpenPage['page']): Promise<number> {
  return page.locator('.js-plotly-plot .select-outline').count();
}

async function dragZoom(page: OpenPage['page']): Promise<void> {
  const plot = page.locator('[data-plot="plane"] [data-side="before"] .js-plotly-plot');
  const before = await xRange(page);
  await plot.scrollIntoViewIfNeeded();
  const box = (await plot.boundingBox())!;
  await page.mouse.move(box.x + box.width * 0.4, box.y + box.height * 0.3);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.7, box.y + box.height * 0.6, { steps: 5 });
  await page.mouse.up();
  await expect.poll(() => xRange(page)).not.toEqual(before);
}

function xRange(page: OpenPage['page']): Promise<[number, number]> {
  return page
    .locator('[data-plot="plane"] [data-side="before"] .js-plotly-plot')
    .evaluate(
      (plot) =>
        [...(plot as unknown as { _fullLayout: { xaxis: { range: [number, number] } } })._fullLayout.xaxis.range] as [
          number,
          number,
        ],
    );
}
