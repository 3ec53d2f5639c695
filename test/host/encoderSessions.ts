import path from 'node:path';
import type { Session } from './userSessions';
import { analyzeSample } from './userSessions';
import type { Workbench } from './workbench';

/** Another encoder by the list: a model folder at an inner layer, then word vectors; each is remembered and changes the plots. */
export async function chooseEncoders({ bench, root, screenshot }: Session): Promise<void> {
  const golden = path.join(root, 'test', 'golden', 'encoder');
  const view = await analyzeSample(bench);
  const verdict = (): Promise<string | null> => view.locator('[data-verdict]').first().textContent();
  const embedded = await verdict();

  await startChoosing(bench, 'Model Folder');
  await givePath(bench, path.join(golden, 'reference', 'models', 'tiny', 'bert'));
  await pick(bench, 'Choose Layer and Pooling');
  await pick(bench, 'Layer 1');
  await pick(bench, 'mean');
  await view.locator('.corpus', { hasText: 'layer 1' }).waitFor({ timeout: 60_000 });
  const inner = await verdict();
  if (inner === embedded) throw new Error('another encoder has changed nothing');
  await screenshot('folder-dark');

  await startChoosing(bench, 'Word Vectors File');
  await givePath(bench, path.join(golden, 'static', 'glove.txt.gz'));
  await view.locator('.corpus', { hasText: 'glove.txt' }).waitFor({ timeout: 60_000 });
  if ((await verdict()) === inner) throw new Error('word vectors have changed nothing');
  await bench.page.waitForTimeout(1_000);
  await screenshot('glove-dark');
}

async function startChoosing(bench: Workbench, kind: string): Promise<void> {
  await bench.page.locator('.tab', { hasText: 'support-messages.txt' }).first().click();
  await bench.runCommand('Isoscope: Choose Encoder');
  await pick(bench, kind);
}

async function pick(bench: Workbench, label: string): Promise<void> {
  await bench.page.locator('.quick-input-list .monaco-list-row', { hasText: label }).first().click({ timeout: 30_000 });
}

/** Types a path into the file dialog of the web workbench and accepts it. */
async function givePath(bench: Workbench, place: string): Promise<void> {
  const ok = bench.page.locator('.quick-input-widget .quick-input-action .monaco-button').first();
  await ok.waitFor({ timeout: 30_000 });
  const input = bench.page.locator('.quick-input-widget .quick-input-filter input');
  // The dialog looks places up while it opens and while it is typed into, and then writes what it found: typed until it stays.
  for (let attempt = 0; attempt < 6; attempt++) {
    await input.fill(place);
    await bench.page.waitForTimeout(2_000);
    if ((await input.inputValue()).replace(/\/$/, '') === place) break;
  }
  await ok.click();
}
