import type { Page } from 'playwright-core';

export type PlotName = 'plane' | 'cosines' | 'spectrum' | 'dimensions' | 'curve';

export interface DrawnTrace {
  readonly type: string;
  readonly points: number;
  readonly color: string;
}

/** The traces of the plots of a chart, before and after, as Plotly really holds them: an unregistered type would be `scatter` here. */
export function drawnTraces(page: Page, name: PlotName): Promise<readonly (readonly DrawnTrace[])[]> {
  return page.evaluate(
    (plot) =>
      [...document.querySelectorAll(`[data-plot="${plot}"] .js-plotly-plot`)].map((element) => {
        const { _fullData: full = [] } = element as unknown as {
          _fullData?: { type: string; x?: ArrayLike<number>; marker?: { color?: string }; line?: { color?: string } }[];
        };
        return full.map(({ type, x, marker, line }) => ({
          type,
          points: x?.length ?? 0,
          color: String(marker?.color ?? line?.color),
        }));
      }),
    name,
  );
}

/** Waits until charts have their plots. */
export async function waitForPlots(
  page: Page,
  sides = 2,
  names: readonly PlotName[] = ['plane', 'cosines', 'spectrum'],
): Promise<void> {
  await page.waitForFunction(
    ({ count, charts }) =>
      charts.every((name) => {
        const plots = [...document.querySelectorAll(`[data-plot="${name}"] .js-plotly-plot`)];
        return (
          plots.length === count &&
          plots.every((plot) => ((plot as unknown as { _fullData?: unknown[] })._fullData ?? []).length > 0)
        );
      }),
    { count: sides, charts: names },
    { timeout: 50_000 },
  );
  // Plots draw on their own: the last frame of theirs must be out.
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
}

/** Where a point of the first trace of a plane lies, from the plot's upper left corner. */
export function placeOfPoint(page: Page, side: 'before' | 'after', index: number): Promise<{ x: number; y: number }> {
  return page.locator(`[data-plot="plane"] [data-side="${side}"] .js-plotly-plot`).evaluate((element, at) => {
    const { _fullData, _fullLayout } = element as unknown as {
      _fullData: { x: ArrayLike<number>; y: ArrayLike<number> }[];
      _fullLayout: Record<'xaxis' | 'yaxis', { l2p(value: number): number; _offset: number }>;
    };
    const { x, y } = _fullData[0];
    const { xaxis, yaxis } = _fullLayout;
    return { x: xaxis._offset + xaxis.l2p(x[at]), y: yaxis._offset + yaxis.l2p(y[at]) };
  }, index);
}

/** The mouse over a point. */
export async function hoverPoint(
  page: Page,
  side: 'before' | 'after',
  index: number,
): Promise<{ x: number; y: number }> {
  const plot = page.locator(`[data-plot="plane"] [data-side="${side}"] .js-plotly-plot`);
  await plot.scrollIntoViewIfNeeded();
  const place = await placeOfPoint(page, side, index);
  await plot.hover({ position: place });
  return place;
}

/** Draws a lasso around the middle of a plane: a rectangle by its share of the plot's size. */
export async function dragLasso(page: Page, side: 'before' | 'after', share = 0.6): Promise<void> {
  const plot = page.locator(`[data-plot="plane"] [data-side="${side}"] .js-plotly-plot`);
  await plot.scrollIntoViewIfNeeded();
  const box = (await plot.boundingBox())!;
  const [cx, cy] = [box.x + box.width * 0.55, box.y + box.height * 0.45];
  const [dx, dy] = [(box.width * share) / 2, (box.height * share) / 2];
  await page.mouse.move(cx - dx, cy - dy);
  await page.mouse.down();
  for (const [x, y] of [
    [1, -1],
    [1, 1],
    [-1, 1],
    [-1, -0.97],
  ] as const) {
    await page.mouse.move(cx + x * dx, cy + y * dy, { steps: 4 });
  }
  await page.mouse.up();
}

/** The coordinates of the points that are inside the rectangle of `dragLasso`, from the plot's own axes. */
export function countInside(page: Page, side: 'before' | 'after', share = 0.6): Promise<number> {
  return page.locator(`[data-plot="plane"] [data-side="${side}"] .js-plotly-plot`).evaluate((element, part) => {
    const { _fullData, _fullLayout } = element as unknown as {
      _fullData: { x: ArrayLike<number>; y: ArrayLike<number> }[];
      _fullLayout: Record<'xaxis' | 'yaxis', { l2p(value: number): number; _offset: number }>;
    };
    const { x, y } = _fullData[0];
    const { xaxis, yaxis } = _fullLayout;
    const { width, height } = element.getBoundingClientRect();
    return Array.from(
      x,
      (value, i) => [xaxis._offset + xaxis.l2p(value), yaxis._offset + yaxis.l2p(y[i])] as const,
    ).filter(
      ([px, py]) =>
        Math.abs(px - width * 0.55) < (width * part) / 2 && Math.abs(py - height * 0.45) < (height * part) / 2,
    ).length;
  }, share);
}

/** Whether the overlay of a side has pixels of roughly a colour within some pixels of a place. */
export function hasMark(
  page: Page,
  side: 'before' | 'after',
  place: { x: number; y: number },
  color: string,
): Promise<boolean> {
  return page.locator(`[data-plot="plane"] [data-side="${side}"] canvas.marks`).evaluate(
    (element, { at, wanted }) => {
      const canvas = element as HTMLCanvasElement;
      const probe = document.createElement('canvas').getContext('2d')!;
      probe.fillStyle = wanted;
      probe.fillRect(0, 0, 1, 1);
      const [r, g, b] = probe.getImageData(0, 0, 1, 1).data;
      const ratio = canvas.width / canvas.clientWidth;
      const size = Math.round(26 * ratio);
      const { data } = canvas
        .getContext('2d')!
        .getImageData(Math.round(at.x * ratio - size / 2), Math.round(at.y * ratio - size / 2), size, size);
      for (let i = 0; i < data.length; i += 4) {
        const distance = Math.abs(data[i] - r) + Math.abs(data[i + 1] - g) + Math.abs(data[i + 2] - b);
        if (data[i + 3] > 200 && distance < 40) return true;
      }
      return false;
    },
    { at: place, wanted: color },
  );
}
