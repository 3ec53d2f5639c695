import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { IsoscopeError } from '../../src/core/protocol/errors';
import { buildPreview, buildReport } from './fixture';
import { type OpenPage, startHarness, type WebviewHarness } from './harness';
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

/** Moves a slider as a hand does: one input event after another, a change at the end. */
async function slide(page: Page, parameter: string, positions: readonly number[], isReleased = true): Promise<void> {
  await page.locator(`input[data-parameter="${parameter}"]`).evaluate(
    (element, { values, release }) => {
      const slider = element as HTMLInputElement;
      for (const value of values) {
        slider.value = String(value);
        slider.dispatchEvent(new Event('input', { bubbles: true }));
      }
      if (release) slider.dispatchEvent(new Event('change', { bubbles: true }));
    },
    { values: positions, release: isReleased },
  );
}

function specsOf(page: OpenPage, name: 'preview' | 'transform' | 'encode'): unknown[] {
  return page.asked.filter((question) => question.name === name).map(({ params }) => params);
}

function afterLabel(page: Page): Promise<string | null> {
  return page.locator('[data-plot="spectrum"] [data-side="after"] .side-label').textContent();
}

describe('lab', () => {
  it('asks one preview at a time and then only for the newest setting', async () => {
    const answers: (() => void)[] = [];
    const report = buildReport();
    const panel = await openPanel({
      state: report,
      preview: (spec) => new Promise((resolve) => answers.push(() => resolve(buildPreview(report, spec)))),
    });
    await slide(panel.page, 'k', [61, 60, 59, 58], false);
    await expect.poll(() => specsOf(panel, 'preview')).toEqual(['pca:k=61']);
    answers.shift()!();
    await expect.poll(() => specsOf(panel, 'preview')).toEqual(['pca:k=61', 'pca:k=58']);
    answers.shift()!();
    await expect.poll(() => afterLabel(panel.page)).toContain('pca:k=58');
    expect(specsOf(panel, 'transform')).toEqual([]);
  });

  it('shows the preview in charts and numbers and says that it is one', async () => {
    const panel = await openPanel();
    await waitForPlots(panel.page);
    await slide(panel.page, 'k', [20], false);
    await panel.page.locator('[data-side="after"][data-preview="true"]').first().waitFor();
    await panel.page.locator('[data-plot="spectrum"]').scrollIntoViewIfNeeded();
    await expect.poll(async () => (await drawnTraces(panel.page, 'spectrum'))[1]?.[0]?.points).toBe(20);
    // The side that does not change is not what was previewed.
    expect((await drawnTraces(panel.page, 'spectrum'))[0]?.[0]?.points).toBe(311);
    const rank = await panel.page.locator('tr[data-number="effectiveRank"] td').allTextContents();
    expect(rank.slice(0, 2)).toEqual(['259', '20']);
    const components = await panel.page.locator('tr[data-number="components90"] td').allTextContents();
    expect(components[1]?.trim()).toBe('…');
  });

  it('measures a setting once it is chosen, and the new state ends the preview', async () => {
    const panel = await openPanel();
    await slide(panel.page, 'k', [50, 40, 30]);
    await expect.poll(() => specsOf(panel, 'transform')).toEqual(['pca:k=30']);
    await expect.poll(() => panel.page.locator('[data-preview="true"]').count()).toBe(0);
    await expect.poll(() => afterLabel(panel.page)).toContain('pca:k=30');
    expect(await panel.page.locator('output[for="slider-k"]').textContent()).toBe('30 of 311');
  });

  it('drops an answer that comes after the settled state', async () => {
    const answers: (() => void)[] = [];
    const report = buildReport();
    const panel = await openPanel({
      state: report,
      preview: (spec) => new Promise((resolve) => answers.push(() => resolve(buildPreview(report, spec)))),
    });
    await slide(panel.page, 'k', [30]);
    await expect.poll(() => answers.length).toBe(1);
    await expect.poll(() => specsOf(panel, 'transform')).toEqual(['pca:k=30']);
    await expect.poll(() => afterLabel(panel.page)).toContain('pca:k=30');
    answers[0]();
    await panel.page.waitForTimeout(300);
    expect(await panel.page.locator('[data-preview="true"]').count()).toBe(0);
  });

  it('arrow keys pass settings and measure only the last', async () => {
    const panel = await openPanel();
    const slider = panel.page.locator('input[data-parameter="k"]');
    await slider.focus();
    for (let press = 0; press < 5; press++) await slider.press('ArrowLeft');
    await expect.poll(() => specsOf(panel, 'transform').at(-1)).toBe('pca:k=57');
    expect(specsOf(panel, 'transform').length).toBeLessThan(5);
  });

  it('a slider that comes back to the measured setting asks for nothing', async () => {
    const panel = await openPanel();
    await slide(panel.page, 'k', [50, 62]);
    await expect.poll(() => panel.page.locator('[data-preview="true"]').count()).toBe(0);
    await panel.page.waitForTimeout(400);
    expect(specsOf(panel, 'transform')).toEqual([]);
  });

  it('ε is logarithmic, relative to the largest eigenvalue, with 0 at the left; k at the right means all', async () => {
    const panel = await openPanel();
    await slide(panel.page, 'eps', [120]);
    // λ1 of the fixture is 0.05.
    await expect.poll(() => specsOf(panel, 'transform').at(-1)).toBe('pca:k=62,eps=0.05');
    await slide(panel.page, 'eps', [1]);
    await expect.poll(() => specsOf(panel, 'transform').at(-1)).toBe('pca:k=62,eps=5e-8');
    // With a floor, directions without variance count too.
    await slide(panel.page, 'k', [384]);
    await expect.poll(() => specsOf(panel, 'transform').at(-1)).toBe('pca:eps=5e-8');
    await slide(panel.page, 'eps', [0]);
    await expect.poll(() => specsOf(panel, 'transform').at(-1)).toBe('pca');
  });

  it('offers none and centre like the others, by keyboard too', async () => {
    const panel = await openPanel();
    const dropdown = panel.page.locator('#method');
    await dropdown.focus();
    await dropdown.press('Enter');
    await dropdown.press('Home');
    await dropdown.press('Enter');
    await expect.poll(() => specsOf(panel, 'transform').at(-1)).toBe('none');
    await waitForPlots(panel.page, 1);
    expect(await panel.page.locator('[data-lab-row="transform"] input').count()).toBe(0);
    expect(await panel.page.locator('.no-transform').count()).toBe(3);
    expect(await panel.page.locator('tr[data-number="averageCosine"] td').count()).toBe(2);
    await dropdown.click();
    await panel.page.locator('#method vscode-option', { hasText: 'ZCA whitening' }).click();
    await expect.poll(() => specsOf(panel, 'transform').at(-1)).toBe('zca');
    expect(specsOf(panel, 'preview')).toContain('zca');
  });

  it('keeps the other settings, and leaves a transform alone that it cannot say', async () => {
    const panel = await openPanel({ state: buildReport({ spec: 'pca:k=62,shrinkage=lw,gamma=0.5' }) });
    await slide(panel.page, 'k', [40]);
    await expect.poll(() => specsOf(panel, 'transform')).toEqual(['pca:k=40,shrinkage=lw,gamma=0.5']);
    panel.show(buildReport({ spec: 'center+l2', created: '2026-03-01T09:33:00.000Z' }));
    await expect.poll(() => panel.page.locator('#method').textContent()).toContain('center+l2');
    expect(await panel.page.locator('[data-lab-row="transform"] input').count()).toBe(0);
  });

  it('what is measured can be cancelled, and then what is shown counts again', async () => {
    let settle: (() => void) | undefined;
    const report = buildReport();
    const panel = await openPanel({
      state: report,
      transform: () => new Promise((resolve) => (settle = resolve)),
    });
    await slide(panel.page, 'k', [30]);
    await panel.page.locator('[data-settling="true"]').waitFor();
    const top = (): Promise<number> =>
      panel.page.locator('[data-lab]').evaluate((lab) => lab.getBoundingClientRect().top);
    const before = await top();
    panel.show({ ...report, progress: { stage: 'transform', done: 0, total: 1 } });
    await panel.page.waitForTimeout(200);
    // The controls must not move under the hand.
    expect(await top()).toBe(before);
    expect(await panel.page.locator('.banner').count()).toBe(0);
    await panel.page.locator('[data-lab] [data-action="cancel"]').click();
    await expect.poll(() => panel.told.at(-1)?.name).toBe('cancel');
    panel.show(report);
    settle!();
    await panel.page.locator('[data-settling="false"]').waitFor();
    await expect.poll(() => panel.page.locator('output[for="slider-k"]').textContent()).toBe('62 of 311');
    await expect.poll(() => panel.page.locator('[data-preview="true"]').count()).toBe(0);
  });

  it('a transform that cannot be fitted says why and goes back to what is shown', async () => {
    const panel = await openPanel({
      transform: () => Promise.reject(new IsoscopeError('input', 'Full whitening needs more rows than dimensions.')),
    });
    await slide(panel.page, 'k', [300]);
    await expect.poll(() => panel.page.locator('.lab-error').textContent()).toContain('needs more rows');
    expect(await panel.page.locator('output[for="slider-k"]').textContent()).toBe('62 of 311');
    expect(await panel.page.locator('[data-preview="true"]').count()).toBe(0);
  });
});

describe('layer and pooling', () => {
  it('a chosen layer is read once the hand rests, with the pooling that is set', async () => {
    const panel = await openPanel();
    await slide(panel.page, 'layer', [5, 4, 3]);
    await expect.poll(() => specsOf(panel, 'encode')).toEqual([{ layer: 3, pooling: 'mean' }]);
    await expect.poll(() => panel.page.locator('output[for="slider-layer"]').textContent()).toBe('3 of 6');
    expect(await panel.page.locator('.corpus').textContent()).toContain('layer 3');
  });

  it('the last block is "last"; a pooling that names its layers hides the slider', async () => {
    const panel = await openPanel({ state: buildReport({ layer: 2 }) });
    await slide(panel.page, 'layer', [6]);
    await expect.poll(() => specsOf(panel, 'encode')).toEqual([{ layer: 'last', pooling: 'mean' }]);
    await choosePooling(panel.page, 'First and last layer');
    await expect.poll(() => specsOf(panel, 'encode').at(-1)).toEqual({ layer: 'last', pooling: 'first-last' });
    await expect.poll(() => panel.page.locator('input[data-parameter="layer"]').count()).toBe(0);
  });

  it('warns of a pooling that the model was not trained with', async () => {
    const panel = await openPanel();
    expect(await panel.page.locator('[data-other-pooling]').count()).toBe(0);
    await choosePooling(panel.page, 'CLS');
    await expect
      .poll(() => panel.page.locator('[data-other-pooling]').textContent())
      .toBe('The model was trained with Mean pooling.');
  });

  it('tells beside the choice when it cannot be read, and goes back to what is shown', async () => {
    const panel = await openPanel({
      encode: () => Promise.reject(new IsoscopeError('encoder', 'The inner layers cannot be told.')),
    });
    await slide(panel.page, 'layer', [1]);
    await expect
      .poll(() => panel.page.locator('[data-lab-row="encoding"] [role="alert"]').textContent())
      .toBe('The inner layers cannot be told.');
    expect(await panel.page.locator('output[for="slider-layer"]').textContent()).toBe('6, last');
  });

  it('is not there for ready vectors', async () => {
    const panel = await openPanel({ state: buildReport({ offer: null }) });
    expect(await panel.page.locator('[data-lab-row="encoding"]').count()).toBe(0);
  });
});

describe('settings of a method', () => {
  it.each([
    ['pca:beta=0.5', ['k', 'beta', 'gamma', 'eps']],
    ['cholesky', ['k', 'eps']],
    ['abtt:d=3', ['d']],
    ['truncate:k=64', ['k']],
    ['center', []],
  ])('%s has %j', async (spec, parameters) => {
    const panel = await openPanel({ state: buildReport({ spec }) });
    const sliders = panel.page.locator('[data-lab-row="transform"] input[type="range"]');
    expect(
      await sliders.evaluateAll((all) => all.map((slider) => (slider as HTMLElement).dataset['parameter'])),
    ).toEqual(parameters);
    expect(await panel.page.locator('#shrinkage').count()).toBe(spec.startsWith('pca') || spec === 'cholesky' ? 1 : 0);
  });

  it('β and γ go into the specification, and 1 leaves it', async () => {
    const panel = await openPanel();
    await slide(panel.page, 'gamma', [10]);
    await expect.poll(() => specsOf(panel, 'transform')).toEqual(['pca:k=62,gamma=0.5']);
    await slide(panel.page, 'beta', [0], false);
    await expect.poll(() => specsOf(panel, 'preview').at(-1)).toBe('pca:k=62,beta=0,gamma=0.5');
    await slide(panel.page, 'gamma', [20], false);
    await expect.poll(() => specsOf(panel, 'preview').at(-1)).toBe('pca:k=62,beta=0');
  });
});

async function choosePooling(page: Page, name: string): Promise<void> {
  await page.locator('#pooling').click();
  await page.locator('#pooling vscode-option', { hasText: name }).click();
}
