import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildReport } from './fixture';
import { startHarness, type WebviewHarness } from './harness';
import { dragLasso, drawnTraces, hoverPoint, waitForPlots } from './look';

describe('without WebGL', () => {
  let harness: WebviewHarness;
  beforeAll(async () => {
    harness = await startHarness(['--disable-gpu', '--disable-3d-apis', '--disable-software-rasterizer']);
  });
  afterAll(() => harness.close());

  it('draws at most 5,000 points as SVG, says so, and stays linked', async () => {
    const open = await harness.open({ state: buildReport({ count: 12_000 }) });
    const { page, told } = open;
    await waitForPlots(page);
    expect(await drawnTraces(page, 'plane')).toMatchObject([
      [{ type: 'scatter', points: 5_000 }],
      [{ type: 'scatter', points: 5_000 }],
    ]);
    expect(await page.locator('[data-fallback="svg"]').textContent()).toBe(
      'WebGL is not available here: 5,000 of 12,000 points are drawn, as SVG.',
    );
    const place = await hoverPoint(page, 'before', 1_000);
    const row = Number(await page.locator('.tooltip').getAttribute('data-row'));
    await page.locator('[data-plot="plane"] [data-side="before"] .js-plotly-plot').click({ position: place });
    await expect.poll(() => told.at(-1)).toEqual({ name: 'reveal', payload: { row, keepFocus: true } });
    expect(open.problems).toEqual([]);
    await open.close();
  });

  it('draws all points of a small file', async () => {
    const open = await harness.open({ state: buildReport() });
    await waitForPlots(open.page);
    expect((await drawnTraces(open.page, 'plane'))[0]).toMatchObject([{ type: 'scatter', points: 312 }]);
    expect(await open.page.locator('[data-fallback="svg"]').textContent()).toContain('the 312 points are drawn as SVG');
    await dragLasso(open.page, 'after');
    await open.page.locator('[data-selected]').waitFor();
    expect(open.problems).toEqual([]);
    await open.close();
  });
});

describe('with WebGL', () => {
  let harness: WebviewHarness;
  beforeAll(async () => {
    harness = await startHarness();
  });
  afterAll(() => harness.close());

  it('a lost context falls back to SVG', async () => {
    const open = await harness.open({ state: buildReport() });
    const { page } = open;
    await waitForPlots(page);
    await page.evaluate(() => {
      for (const canvas of document.querySelectorAll<HTMLCanvasElement>('[data-plot="plane"] .gl-canvas')) {
        canvas.getContext('webgl')?.getExtension('WEBGL_lose_context')?.loseContext();
      }
    });
    await page.locator('[data-fallback="svg"]').waitFor();
    await expect
      .poll(async () => (await drawnTraces(page, 'plane')).map(([first]) => first.type))
      .toEqual(['scatter', 'scatter']);
    // Chromium itself may tell of the loss.
    expect(open.problems.filter((problem) => !/context ?lost|loseContext/i.test(problem))).toEqual([]);
    await open.close();
  });

  it('ten thousand points stay interactive: hover, lasso, slider', async () => {
    const open = await harness.open({ state: buildReport({ count: 10_000 }) });
    const { page, asked, told } = open;
    await waitForPlots(page);
    expect(await drawnTraces(page, 'plane')).toMatchObject([
      [{ type: 'scattergl', points: 10_000 }],
      [{ type: 'scattergl', points: 10_000 }],
    ]);
    const place = await hoverPoint(page, 'before', 7_000);
    await page.locator('.tooltip').waitFor();
    const row = Number(await page.locator('.tooltip').getAttribute('data-row'));
    await page.locator('[data-plot="plane"] [data-side="before"] .js-plotly-plot').click({ position: place });
    await expect.poll(() => told.at(-1)).toEqual({ name: 'reveal', payload: { row, keepFocus: true } });
    await dragLasso(page, 'before');
    await page.locator('[data-selected]').waitFor();
    const slider = page.locator('input[data-parameter="k"]');
    await slider.focus();
    for (let press = 0; press < 4; press++) await slider.press('ArrowLeft');
    await expect.poll(() => asked.filter(({ name }) => name === 'preview').length).toBeGreaterThan(0);
    await expect
      .poll(() =>
        asked
          .filter(({ name }) => name === 'transform')
          .map(({ params }) => params)
          .pop(),
      )
      .toBe('pca:k=58');
    expect(open.problems).toEqual([]);
    await open.close();
  });
});
