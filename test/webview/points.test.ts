import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { buildReport } from './fixture';
import { type OpenPage, startHarness, type WebviewHarness } from './harness';
import { dragLasso, drawnTraces, hasMark, waitForPlots } from './look';
import { themes } from './themes';

const COUNT = 30_000;
const report = buildReport({ count: COUNT });

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
  // Chromium itself may tell of a context that a test takes away.
  expect(problems.filter((problem) => !/context ?lost|loseContext/i.test(problem))).toEqual([]);
});

async function openPanel(options: Parameters<WebviewHarness['open']>[0] = {}): Promise<OpenPage> {
  open = await harness.open({ state: report, ...options });
  await waitForPlots(open.page, 2, ['plane']);
  await expect.poll(() => layers(open!.page), { timeout: 60_000 }).toHaveLength(2);
  return open;
}

function layers(page: Page): Promise<string[]> {
  return page
    .locator('[data-plot="plane"] canvas.points[data-points]')
    .evaluateAll((all) => all.map((canvas) => (canvas as HTMLElement).dataset['points'] ?? ''));
}

/** Where a row lies in the window, from the axes of its plot and the coordinates of the report. */
async function placeOf(page: Page, side: 'before' | 'after', row: number): Promise<{ x: number; y: number }> {
  const { plane } = side === 'before' ? report.views.raw : report.views.transformed!;
  const plot = page.locator(`[data-plot="plane"] [data-side="${side}"] .js-plotly-plot`);
  await plot.scrollIntoViewIfNeeded();
  return plot.evaluate(
    (element, [x, y]) => {
      const { xaxis, yaxis } = (
        element as unknown as { _fullLayout: Record<'xaxis' | 'yaxis', { l2p(v: number): number; _offset: number }> }
      )._fullLayout;
      return { x: xaxis._offset + xaxis.l2p(x), y: yaxis._offset + yaxis.l2p(y) };
    },
    [plane[2 * row], plane[2 * row + 1]] as const,
  );
}

/** The point that lies farthest out on the right: nobody hides it. */
function outermost(): number {
  const { plane } = report.views.raw;
  let best = 0;
  for (let row = 0; row < COUNT; row++) if (plane[2 * row] > plane[2 * best]) best = row;
  return best;
}

/** How many pixels of a picture of the plane are nearer to a colour than to its background. */
async function coloured(page: Page, side: 'before' | 'after', color: string, background: string): Promise<number> {
  const shot = await page.locator(`[data-plot="plane"] [data-side="${side}"] .plot`).screenshot();
  return page.evaluate(
    async ({ png, wanted, other }) => {
      // The page's policy lets nothing be fetched, not even data.
      const bytes = Uint8Array.from(atob(png), (character) => character.charCodeAt(0));
      const image = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
      const canvas = document.createElement('canvas');
      Object.assign(canvas, { width: image.width, height: image.height });
      const context = canvas.getContext('2d', { willReadFrequently: true })!;
      const channels = (text: string): Uint8ClampedArray => {
        context.fillStyle = text;
        context.fillRect(0, 0, 1, 1);
        return context.getImageData(0, 0, 1, 1).data;
      };
      const [ink, paper] = [channels(wanted), channels(other)];
      context.drawImage(image, 0, 0);
      const { data } = context.getImageData(0, 0, image.width, image.height);
      const distance = (at: number, to: Uint8ClampedArray): number =>
        Math.abs(data[at] - to[0]) + Math.abs(data[at + 1] - to[1]) + Math.abs(data[at + 2] - to[2]);
      let count = 0;
      for (let at = 0; at < data.length; at += 4) if (distance(at, ink) < distance(at, paper)) count++;
      return count;
    },
    { png: shot.toString('base64'), wanted: color, other: background },
  );
}

describe('many points', () => {
  it('are drawn by a layer of our own between Plotly axes, all of them, in the colours of the theme', async () => {
    const { page } = await openPanel();
    expect(await layers(page)).toEqual([String(COUNT), String(COUNT)]);
    // Plotly holds two corners that nobody sees.
    expect(await drawnTraces(page, 'plane')).toMatchObject([
      [{ type: 'scatter', points: 2 }],
      [{ type: 'scatter', points: 2 }],
    ]);
    const before = await pixelShare(page, 'before', themes.dark.variables['charts-blue']);
    expect(before).toBeGreaterThan(0.03);
    expect(before).toBeLessThan(0.9);
    expect(await pixelShare(page, 'after', themes.dark.variables['charts-orange'])).toBeGreaterThan(0.03);
  });

  it('are found by the mouse: sentence, ring on the other side, click', async () => {
    const { page, told } = await openPanel();
    const row = outermost();
    const plot = page.locator('[data-plot="plane"] [data-side="before"] .js-plotly-plot');
    const place = await placeOf(page, 'before', row);
    await plot.hover({ position: place });
    await page.locator(`.tooltip[data-row="${row}"]`).waitFor();
    const other = page.locator('[data-plot="plane"] [data-side="after"] canvas.marks');
    await expect.poll(() => other.getAttribute('data-hovered')).toBe(String(row));
    const ring = await placeOf(page, 'after', row);
    expect(await hasMark(page, 'after', ring, themes.dark.variables.foreground)).toBe(true);
    await plot.click({ position: await placeOf(page, 'before', row) });
    await expect.poll(() => told.at(-1)).toEqual({ name: 'reveal', payload: { row, keepFocus: true } });
    await page.mouse.move(3, 3);
    await page.locator('.tooltip').waitFor({ state: 'detached' });
  });

  it('are selected by a lasso: just those inside, on both sides, and no outline stays', async () => {
    const { page } = await openPanel();
    const inside = await countInside(page);
    expect(inside).toBeGreaterThan(1_000);
    await dragLasso(page, 'before', 0.2);
    await page.locator('[data-selected]').waitFor();
    const selected = Number(await page.locator('[data-selected]').getAttribute('data-selected'));
    // The lasso's corners are rounded to pixels, of which each column holds a hundredth of these points.
    expect(Math.abs(selected - inside)).toBeLessThan(0.03 * inside);
    await expect.poll(() => selectedPoints(page)).toEqual([String(selected), String(selected)]);
    await expect.poll(() => page.locator('.js-plotly-plot .select-outline').count()).toBe(0);
    await page.locator('[data-selected] [data-action="clear"]').click();
    await expect.poll(() => selectedPoints(page)).toEqual(['', '']);
  });

  it('move with the axes: after a drag by the hand a point is found where the axes say', async () => {
    const { page, told } = await openPanel();
    const row = outermost();
    const plot = page.locator('[data-plot="plane"] [data-side="before"] .js-plotly-plot');
    await page.locator('[data-action="pan"]').click();
    const from = await placeOf(page, 'before', row);
    const box = (await plot.boundingBox())!;
    await page.mouse.move(box.x + 300, box.y + 200);
    await page.mouse.down();
    await page.mouse.move(box.x + 180, box.y + 150, { steps: 6 });
    await page.mouse.up();
    await expect.poll(async () => (await placeOf(page, 'before', row)).x).toBeLessThan(from.x - 100);
    const to = await placeOf(page, 'before', row);
    expect(to.x - from.x).toBeCloseTo(-120, 0);
    await plot.click({ position: to });
    await expect.poll(() => told.at(-1)).toEqual({ name: 'reveal', payload: { row, keepFocus: true } });
  });

  it('follow theme, high contrast and size of the window', async () => {
    const { page } = await openPanel({ theme: 'highContrast' });
    expect(await pixelShare(page, 'before', themes.highContrast.variables['charts-blue'])).toBeGreaterThan(0.03);
    await page.setViewportSize({ width: 800, height: 900 });
    await expect
      .poll(() =>
        page.locator('[data-side="before"] canvas.points').evaluate((element) => {
          const canvas = element as HTMLCanvasElement;
          const plot = canvas.closest('.js-plotly-plot') as unknown as {
            _fullLayout: { xaxis: { _length: number } };
          };
          const ratio = window.devicePixelRatio;
          return Math.abs(canvas.width - plot._fullLayout.xaxis._length * ratio) < 1.01 && canvas.clientWidth < 420;
        }),
      )
      .toBe(true);
  });

  it('are in the picture that is saved', async () => {
    const panel = await openPanel();
    await panel.page.locator('[data-plot="plane"] [data-action="save-plot"]').click();
    await expect.poll(() => panel.asked.at(-1)?.name).toBe('savePlot');
    const { svg, png } = panel.asked.at(-1)!.params as { svg: string; png: Uint8Array };
    const images = [...svg.matchAll(/<image[^>]*href="data:image\/png;base64,([^"]+)"/g)].map(([, data]) => data);
    expect(images).toHaveLength(2);
    // A blank canvas of this size has some hundred bytes.
    for (const data of images) expect(data.length).toBeGreaterThan(20_000);
    expect(png.length).toBeGreaterThan(20_000);
  });

  it('fall back to SVG when the context is lost', async () => {
    const { page } = await openPanel();
    await page.locator('[data-side="before"] canvas.points').evaluate((canvas) => {
      (canvas as HTMLCanvasElement).getContext('webgl2')?.getExtension('WEBGL_lose_context')?.loseContext();
    });
    await page.locator('[data-fallback="svg"]').waitFor();
    await expect
      .poll(async () => (await drawnTraces(page, 'plane')).map(([first]) => first.points))
      .toEqual([5_000, 5_000]);
    expect(await page.locator('canvas.points').count()).toBe(0);
  });

  it('leave no layer behind when a small text takes their place', async () => {
    const panel = await openPanel();
    const { page } = panel;
    panel.show(buildReport({ count: 500 }));
    await expect
      .poll(async () => (await drawnTraces(page, 'plane'))[0]?.[0])
      .toMatchObject({ type: 'scattergl', points: 500 });
    expect(await page.locator('canvas.points').count()).toBe(0);
  });
});

function selectedPoints(page: Page): Promise<(string | undefined)[]> {
  return page
    .locator('canvas.points')
    .evaluateAll((all) => all.map((canvas) => (canvas as HTMLElement).dataset['selectedPoints']));
}

/** Rows inside the rectangle that `dragLasso` draws at a share of 0.2. */
function countInside(page: Page): Promise<number> {
  const { plane } = report.views.raw;
  return page.locator('[data-plot="plane"] [data-side="before"] .js-plotly-plot').evaluate((element, values) => {
    const { xaxis, yaxis } = (
      element as unknown as { _fullLayout: Record<'xaxis' | 'yaxis', { _m: number; _b: number; _offset: number }> }
    )._fullLayout;
    const { width, height } = element.getBoundingClientRect();
    let count = 0;
    for (let at = 0; at < values.length; at += 2) {
      const px = xaxis._offset + xaxis._b + xaxis._m * values[at];
      const py = yaxis._offset + yaxis._b + yaxis._m * values[at + 1];
      const isInside = Math.abs(px - width * 0.55) < width * 0.1 && Math.abs(py - height * 0.45) < height * 0.1;
      if (isInside) count++;
    }
    return count;
  }, Array.from(plane));
}

/** The share of a plane's pixels that the colour of its points has tinted, from a picture of the page. */
async function pixelShare(page: Page, side: 'before' | 'after', color: string): Promise<number> {
  const plot = page.locator(`[data-plot="plane"] [data-side="${side}"] .plot`);
  await plot.scrollIntoViewIfNeeded();
  // Two frames: the layer draws with the next one.
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const pixels = await coloured(page, side, color, background);
  const box = (await plot.boundingBox())!;
  return pixels / (box.width * box.height);
}
