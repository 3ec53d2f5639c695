import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { buildReport, sentenceOf } from './fixture';
import { type OpenPage, startHarness, type WebviewHarness } from './harness';
import { waitForPlots } from './look';

let harness: WebviewHarness;
let open: OpenPage;

beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.close());
afterEach(async () => {
  await open.close();
  expect(open.problems).toEqual([]);
});

async function openTable(name: string, options: Parameters<WebviewHarness['open']>[0] = {}): Promise<Page> {
  open = await harness.open({ state: buildReport(), ...options });
  await waitForPlots(open.page);
  await open.page.locator(`[data-section="${name}-table"] summary`).click();
  await open.page.locator(`[data-section="${name}-table"] tbody tr`).first().waitFor();
  return open.page;
}

function column(page: Page, name: string, index: number): Promise<string[]> {
  return page
    .locator(`[data-section="${name}-table"] tbody tr`)
    .evaluateAll((rows, at) => rows.map((row) => row.children[at].textContent), index);
}

const numberOf = (text: string): number => Number(text.replace('−', '-').replace(/[,%\s]/g, ''));

describe('tables', () => {
  it('the sentences stand beside their places, asked for by the page of a hundred', async () => {
    const page = await openTable('plane');
    expect(await page.locator('[data-section="plane-table"] tbody tr').count()).toBe(100);
    await expect.poll(async () => (await column(page, 'plane', 2))[99]).toBe(sentenceOf(99));
    expect(open.asked.filter(({ name }) => name === 'describe')).toEqual([
      { name: 'describe', params: Array.from({ length: 100 }, (_, i) => i) },
    ]);
    await page.locator('[data-section="plane-table"] [data-action="next-page"]').click();
    await expect.poll(async () => (await column(page, 'plane', 2))[0]).toBe(sentenceOf(100));
    expect(await page.locator('[data-section="plane-table"] .pager > span').textContent()).toBe('101–200 of 312');
  });

  it('sorts by every number, both ways, and says so to screen readers', async () => {
    const page = await openTable('plane');
    const heading = page.locator('[data-section="plane-table"] th', { has: page.locator('[data-sort="before-1"]') });
    await page.locator('[data-section="plane-table"] [data-sort="before-1"]').click();
    const rising = (await column(page, 'plane', 3)).map(numberOf);
    expect(rising).toEqual([...rising].sort((a, b) => a - b));
    expect(await heading.getAttribute('aria-sort')).toBe('ascending');
    await page.locator('[data-section="plane-table"] [data-sort="before-1"]').click();
    const falling = (await column(page, 'plane', 3)).map(numberOf);
    expect(falling).toEqual([...falling].sort((a, b) => b - a));
    expect(falling[0]).toBeGreaterThan(rising[0]);
    expect(await heading.getAttribute('aria-sort')).toBe('descending');
  });

  it('is walked by keyboard: arrows, ends, pages; Enter goes to the line; Space selects', async () => {
    const page = await openTable('plane');
    const focused = (): Promise<string | undefined> =>
      page.evaluate(() => (document.activeElement as HTMLElement | null)?.dataset['index']);
    await page.locator('[data-section="plane-table"] tbody tr').first().focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await expect.poll(focused).toBe('2');
    // The ring on the plane goes with the keyboard.
    await expect.poll(() => page.locator('[data-side="after"] canvas.marks').getAttribute('data-hovered')).toBe('2');
    await page.keyboard.press('Enter');
    await expect.poll(() => open.told.at(-1)).toEqual({ name: 'reveal', payload: { row: 2, keepFocus: false } });
    await page.keyboard.press(' ');
    await page.locator('[data-selected="1"]').waitFor();
    await expect.poll(focused).toBe('2');
    expect(await page.locator('[data-section="plane-table"] tr[data-index="2"]').getAttribute('aria-selected')).toBe(
      'true',
    );
    await page.keyboard.press('End');
    await expect.poll(focused).toBe('311');
    await page.keyboard.press('PageUp');
    await expect.poll(focused).toBe('211');
    await page.keyboard.press('Home');
    await expect.poll(focused).toBe('0');
    await page.keyboard.press('ArrowUp');
    await expect.poll(focused).toBe('0');
  });

  it('a click reveals and keeps the keyboard, a double-click goes there; the box only selects', async () => {
    const page = await openTable('plane');
    const row = page.locator('[data-section="plane-table"] tr[data-index="5"]');
    await row.locator('td.column-sentence').click();
    await expect.poll(() => open.told.at(-1)).toEqual({ name: 'reveal', payload: { row: 5, keepFocus: true } });
    await row.locator('td.column-sentence').dblclick();
    await expect.poll(() => open.told.at(-1)).toEqual({ name: 'reveal', payload: { row: 5, keepFocus: false } });
    const told = open.told.length;
    await row.locator('input').click();
    await page.locator('[data-selected="1"]').waitFor();
    expect(open.told.length).toBe(told);
  });

  it('the spectrum: every component with eigenvalue, share and sum', async () => {
    const page = await openTable('spectrum');
    expect((await column(page, 'spectrum', 0)).slice(0, 3)).toEqual(['1', '2', '3']);
    expect((await column(page, 'spectrum', 1))[0]).toBe('0.05');
    expect((await column(page, 'spectrum', 4))[0]).toBe('1');
    await page.locator('[data-section="spectrum-table"] [data-action="next-page"]').click();
    // Beyond the 62 kept components there is no after.
    await expect.poll(async () => (await column(page, 'spectrum', 4))[0]).toBe('–');
    await page.locator('[data-section="spectrum-table"] [data-sort="after-eigenvalue"]').click();
    await page.locator('[data-section="spectrum-table"] [data-sort="after-eigenvalue"]').click();
    expect((await column(page, 'spectrum', 4))[0]).toBe('1');
  });

  it('the cosines: counts per bin add up to all pairs', async () => {
    const report = buildReport();
    const page = await openTable('cosines', { state: report });
    const pager = page.locator('[data-section="cosines-table"] .pager > span');
    const next = page.locator('[data-section="cosines-table"] [data-action="next-page"]');
    const rowCount = numberOf(/ of ([\d,]+)$/.exec((await pager.textContent()) ?? '')![1]);
    let seen = 0;
    let sum = 0;
    for (;;) {
      const counts = (await column(page, 'cosines', 2)).map(numberOf);
      seen += counts.length;
      sum += counts.reduce((total, count) => total + count, 0);
      if (seen >= rowCount) break;
      // Not asked of the button: its `disabled` follows a moment after the rows.
      await next.click();
      await expect.poll(() => pager.textContent()).toMatch(new RegExp(`^${seen + 1}–`));
    }
    expect(seen).toBe(rowCount);
    // The last bin with a pair has all of them below its end.
    expect((await column(page, 'cosines', 3)).at(-1)).toBe('100.0 %');
    expect(sum).toBe(report.views.raw.cosines.randomPairCount);
  });
});
