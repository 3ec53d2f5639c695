import { readdir } from 'node:fs/promises';
import type { Frame } from 'playwright-core';
import { analyzeSample, type Session } from './userSessions';
import type { Workbench } from './workbench';

/** Layer and pooling from the panel: the plots change, the first change reads all layers, the next is there at once. */
export async function changeLayer({ bench, screenshot }: Session): Promise<void> {
  const view = await analyzeSample(bench);
  const average = (): Promise<string | null> =>
    view.locator('tr[data-number="averageCosine"] td').first().textContent();
  const own = await average();
  await slide(view, 'layer', 3);
  await waitForCorpus(view, 'layer 3');
  const third = await average();
  if (third === own) throw new Error(`layer 3 has the same average cosine as the last: ${own ?? ''}`);
  await view.locator('#pooling').click();
  await view.locator('#pooling vscode-option', { hasText: 'First and last layer' }).click();
  await waitForCorpus(view, 'first-last pooling');
  if ((await average()) === third) throw new Error('another pooling has changed nothing');
  await view.locator('[data-lab-row="encoding"][data-settling="false"]').waitFor({ timeout: 60_000 });
  await bench.page.waitForTimeout(1_000);
  await screenshot('layer-dark');
}

/** The findings stand in the side bar as text; a click goes to the line. */
export async function readFindings({ bench, screenshot }: Session): Promise<void> {
  await analyzeSample(bench);
  await bench.page.locator('.activitybar [aria-label^="Isoscope"]').first().click();
  const tree = bench.page.locator('.pane', { hasText: 'Findings' }).locator('.monaco-list');
  const duplicates = tree.locator('.monaco-list-row', { hasText: 'Duplicates' }).first();
  await duplicates.waitFor({ timeout: 60_000 });
  await duplicates.click();
  const finding = tree.locator('.monaco-list-row[aria-level="2"]').first();
  await finding.waitFor({ timeout: 20_000 });
  const line = /^\d+/.exec(((await finding.textContent()) ?? '').trim())?.[0];
  if (line === undefined) throw new Error(`a finding names no line: "${(await finding.textContent()) ?? ''}"`);
  await finding.click();
  await bench.page.locator('.statusbar-item', { hasText: `Ln ${line},` }).waitFor({ timeout: 20_000 });
  await bench.runCommand('Isoscope: Show or Hide Findings in the Editor');
  await bench.page.waitForTimeout(1_500);
  await screenshot('findings-dark');
}

/** A transform is taken home: what was written is run again, and the difference is told. */
export async function exportTransform({ bench, folder, screenshot }: Session): Promise<void> {
  await analyzeSample(bench);
  await bench.runCommand('Isoscope: Export');
  await bench.page.locator('.quick-input-list .monaco-list-row', { hasText: 'Transform for NumPy (.npz)' }).click();
  await screenshot('export-place-dark');
  await acceptPath(bench);
  await bench.page
    .locator('.notification-list-item', { hasText: 'largest difference' })
    .first()
    .waitFor({ timeout: 60_000 });
  await screenshot('export-dark');
  const written = await readdir(folder);
  if (!written.includes('support-messages-transform.npz')) {
    throw new Error(`the export is not in the folder: ${written.join(', ')}`);
  }
}

/** Lost and gained neighbours of the line at the cursor, the dimensions and the curve. */
export async function readLab({ bench, screenshot }: Session): Promise<void> {
  const view = await analyzeSample(bench);
  await bench.goToLine(12);
  await view.locator('tr[data-change]').first().waitFor({ timeout: 30_000 });
  await view.locator('[data-section="neighbours"]').scrollIntoViewIfNeeded();
  await screenshot('neighbours-dark');
  await view.locator('[data-action="measure-curve"]').click();
  await view.locator('[data-curve="agreement"] .js-plotly-plot').waitFor({ timeout: 60_000 });
  await view.locator('[data-plot="curve"]').scrollIntoViewIfNeeded();
  await bench.page.waitForTimeout(1_000);
  await screenshot('curve-dark');
}

async function slide(view: Frame, parameter: string, position: number): Promise<void> {
  await view.locator(`input[data-parameter="${parameter}"]`).evaluate((element, value) => {
    const slider = element as HTMLInputElement;
    slider.value = String(value);
    for (const type of ['input', 'change']) slider.dispatchEvent(new Event(type, { bubbles: true }));
  }, position);
}

async function waitForCorpus(view: Frame, text: string): Promise<void> {
  await view.locator('.corpus', { hasText: text }).waitFor({ timeout: 60_000 });
}

/** Accepts the place that a file dialog of the web workbench suggests. */
async function acceptPath(bench: Workbench): Promise<void> {
  const ok = bench.page.locator('.quick-input-widget .quick-input-action .monaco-button', { hasText: 'OK' });
  await ok.waitFor({ timeout: 20_000 });
  await bench.page.waitForTimeout(500);
  await ok.click();
}
