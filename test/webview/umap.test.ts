import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { IsoscopeError } from '../../src/core/protocol/errors';
import type { UmapPlane } from '../../src/core/protocol/umap';
import { buildReport, buildTransformed } from './fixture';
import { type OpenPage, startHarness, type WebviewHarness } from './harness';
import { placeOfPoint, waitForPlots } from './look';
import { buildUmap } from './umapFixture';

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

const report = buildReport();

interface Question {
  readonly side: 'raw' | 'transformed';
  readonly spec: string;
  readonly signal: AbortSignal;
  readonly report: (done: number) => void;
  readonly answer: (plane: UmapPlane | null) => void;
  readonly fail: (error: Error) => void;
}

/** A panel whose UMAPs are answered by hand. */
async function openPanel(options: Parameters<WebviewHarness['open']>[0] = {}): Promise<{
  readonly panel: OpenPage;
  readonly questions: Question[];
}> {
  const questions: Question[] = [];
  const panel = await harness.open({
    state: report,
    answers: {
      umap: ({ side, spec }, { signal, reportProgress }) =>
        new Promise((answer, fail) => {
          const tell = (done: number): void => reportProgress({ done, total: 100 });
          questions.push({ side, spec, signal, report: tell, answer, fail });
        }),
    },
    ...options,
  });
  open = panel;
  await waitForPlots(panel.page, 2, ['plane']);
  return { panel, questions };
}

function choose({ page }: OpenPage, projection: 'pca' | 'umap'): Promise<void> {
  return page.locator(`.segmented input[value="${projection}"]`).check({ force: true });
}

function pending({ page }: OpenPage, side: 'before' | 'after') {
  return page.locator(`[data-plot="plane"] [data-side="${side}"] [data-umap]`);
}

function answer(question: Question | undefined, change: Partial<UmapPlane> = {}): void {
  question!.answer({ ...buildUmap(report, question!.side), ...change });
}

describe('UMAP', () => {
  it('is computed when it is chosen, both sides, with progress; PCA asks for nothing', async () => {
    const { panel, questions } = await openPanel();
    const { page } = panel;
    expect(await page.locator('.segmented').getAttribute('data-projection')).toBe('pca');
    expect(questions).toEqual([]);
    await choose(panel, 'umap');
    await expect
      .poll(() => questions.map(({ side, spec }) => [side, spec]))
      .toEqual([
        ['raw', 'none'],
        ['transformed', 'pca:k=62'],
      ]);
    questions[0]?.report(43);
    await expect.poll(() => pending(panel, 'before').textContent()).toContain('UMAP: 43 %');
    expect(await pending(panel, 'after').getAttribute('data-umap')).toBe('running');
    answer(questions[0]);
    await pending(panel, 'before').waitFor({ state: 'detached' });
    answer(questions[1]);
    await waitForPlots(page, 2, ['plane']);

    const titles = await page.locator('[data-plot="plane"] .js-plotly-plot').evaluateAll((plots) =>
      plots.map((plot) => {
        const { xaxis, yaxis } = (plot as unknown as { layout: Record<string, { title: { text: string } }> }).layout;
        return [xaxis.title.text, yaxis.title.text];
      }),
    );
    expect(titles).toEqual([
      ['UMAP 1', 'UMAP 2'],
      ['UMAP 1', 'UMAP 2'],
    ]);
    const caption = await page.locator('[data-plot="plane"] [data-side="before"]').textContent();
    expect(caption).toContain('15 neighbours · minimum distance 0.1 · seed 0');
    expect(caption).not.toContain('variance');
  });

  it('draws the plane it was given, links its points to rows, and lists its coordinates', async () => {
    const { panel, questions } = await openPanel();
    const { page, told } = panel;
    await choose(panel, 'umap');
    await expect.poll(() => questions.length).toBe(2);
    for (const question of questions) answer(question);
    await waitForPlots(page, 2, ['plane']);
    const { plane } = buildUmap(report, 'raw');
    await expect
      .poll(() =>
        page
          .locator('[data-plot="plane"] [data-side="before"] .js-plotly-plot')
          .evaluate((plot) => (plot as unknown as { _fullData: { x: ArrayLike<number> }[] })._fullData[0].x[17]),
      )
      .toBe(plane[34]);
    const place = await placeOfPoint(page, 'before', 17);
    const plot = page.locator('[data-plot="plane"] [data-side="before"] .js-plotly-plot');
    await plot.scrollIntoViewIfNeeded();
    await plot.click({ position: place });
    await expect.poll(() => told.at(-1)).toEqual({ name: 'reveal', payload: { row: 17, keepFocus: true } });

    await page.locator('[data-section="plane-table"] summary').click();
    const table = page.locator('[data-section="plane-table"]');
    await expect.poll(() => table.locator('thead').textContent()).toContain('Before: UMAP 1');
    expect(await table.locator('thead').textContent()).not.toContain('PC1');
    const cells = await table.locator('tr[data-index="17"] td.numeric').allTextContents();
    expect(Number(cells[1]?.replace('−', '-'))).toBeCloseTo(plane[34], 2);
    await page.locator('[data-section="plane-what"] summary').click();
    await expect.poll(() => page.locator('[data-section="plane-what"]').textContent()).toContain('Healy');
  });

  it('is cancelled from its place and can be asked for again', async () => {
    const { panel, questions } = await openPanel();
    await choose(panel, 'umap');
    await expect.poll(() => questions.length).toBe(2);
    await pending(panel, 'after').locator('[data-action="umap-cancel"]').click();
    await expect.poll(() => questions[1]?.signal.aborted).toBe(true);
    expect(questions[0]?.signal.aborted).toBe(false);
    await pending(panel, 'after').locator('[data-action="umap-start"]').click();
    await expect.poll(() => questions.length).toBe(3);
    // The answer to the cancelled question is nobody's.
    answer(questions[1], { neighbours: 7 });
    answer(questions[2]);
    await pending(panel, 'after').waitFor({ state: 'detached' });
    expect(await panel.page.locator('[data-plot="plane"] [data-side="after"]').textContent()).toContain(
      '15 neighbours',
    );
  });

  it('says what went wrong, and tries again', async () => {
    const { panel, questions } = await openPanel();
    await choose(panel, 'umap');
    await expect.poll(() => questions.length).toBe(2);
    questions[0]?.fail(new IsoscopeError('engine', 'The engine stopped.'));
    await expect
      .poll(() => pending(panel, 'before').locator('[role="alert"]').textContent())
      .toBe('The engine stopped.');
    await pending(panel, 'before').locator('[data-action="umap-start"]').click();
    await expect.poll(() => questions.length).toBe(3);
    answer(questions[2]);
    await pending(panel, 'before').waitFor({ state: 'detached' });
  });

  it('keeps each plane: going to PCA and back asks for nothing', async () => {
    const { panel, questions } = await openPanel();
    await choose(panel, 'umap');
    await expect.poll(() => questions.length).toBe(2);
    for (const question of questions) answer(question);
    await waitForPlots(panel.page, 2, ['plane']);
    await choose(panel, 'pca');
    await expect
      .poll(() => panel.page.locator('[data-plot="plane"] [data-side="before"]').textContent())
      .toContain('of the variance lies in this plane');
    await choose(panel, 'umap');
    await expect
      .poll(() => panel.page.locator('[data-plot="plane"] [data-side="before"]').textContent())
      .toContain('15 neighbours');
    expect(questions).toHaveLength(2);
  });

  it('another transform cancels the old layout and asks for its own, once', async () => {
    const { panel, questions } = await openPanel();
    await choose(panel, 'umap');
    await expect.poll(() => questions.length).toBe(2);
    answer(questions[0]);
    const next = buildTransformed(report, 'zca');
    panel.show(next);
    await expect.poll(() => questions[1]?.signal.aborted).toBe(true);
    await expect.poll(() => questions.slice(2).map(({ side, spec }) => [side, spec])).toEqual([['transformed', 'zca']]);
    answer(questions[2]);
    await waitForPlots(panel.page, 2, ['plane']);
    panel.show({ ...report, snapshot: { ...report.snapshot, created: '2026-03-01T10:00:00.000Z' } });
    await expect.poll(() => questions.slice(3).map(({ spec }) => spec)).toEqual(['pca:k=62']);
  });

  it('a preview has no layout: it follows', async () => {
    const { panel, questions } = await openPanel({ transform: () => new Promise(() => undefined) });
    await choose(panel, 'umap');
    await expect.poll(() => questions.length).toBe(2);
    for (const question of questions) answer(question);
    await waitForPlots(panel.page, 2, ['plane']);
    const slider = panel.page.locator('input[data-parameter="k"]');
    await slider.evaluate((element) => {
      (element as HTMLInputElement).value = '20';
      element.dispatchEvent(new Event('input', { bubbles: true }));
    });
    await expect.poll(() => pending(panel, 'after').getAttribute('data-umap')).toBe('preview');
    expect(await pending(panel, 'after').textContent()).toBe('UMAP follows when the setting is measured.');
    expect(questions).toHaveLength(2);
  });

  it('shows what the layout has to say, and a sample with its own rows', async () => {
    const { panel, questions } = await openPanel();
    await choose(panel, 'umap');
    await expect.poll(() => questions.length).toBe(2);
    const rows = Uint32Array.from({ length: 100 }, (_, i) => 3 * i);
    const notes = [{ code: 'umap-sample', message: 'UMAP lays out 100 of 312 rows.' }];
    for (const question of questions) {
      answer(question, { rows, notes, plane: buildUmap(report, question.side).plane.slice(0, 200) });
    }
    await waitForPlots(panel.page, 2, ['plane']);
    expect(await panel.page.locator('[data-umap-note]').allTextContents()).toEqual(['UMAP lays out 100 of 312 rows.']);
    const place = await placeOfPoint(panel.page, 'after', 50);
    const plot = panel.page.locator('[data-plot="plane"] [data-side="after"] .js-plotly-plot');
    await plot.scrollIntoViewIfNeeded();
    await plot.click({ position: place });
    await expect.poll(() => panel.told.at(-1)).toEqual({ name: 'reveal', payload: { row: 150, keepFocus: true } });
  });

  it('is remembered over a reload, and walked to by the arrow keys', async () => {
    const { panel, questions } = await openPanel();
    const { page } = panel;
    await page.locator('.segmented input[value="pca"]').focus();
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => page.locator('.segmented').getAttribute('data-projection')).toBe('umap');
    await expect.poll(() => questions.length).toBe(2);
    await page.reload();
    await expect.poll(() => page.locator('.segmented').getAttribute('data-projection')).toBe('umap');
    await expect.poll(() => questions.length).toBe(4);
  });
});
