import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderHtmlReport } from '../../src/core/export/htmlReport';
import type { Report } from '../../src/core/protocol/webviewProtocol';
import { buildReport, sentenceOf } from './fixture';
import { startHarness, watchPage, type WebviewHarness } from './harness';
import { drawnTraces, hoverPoint, waitForPlots } from './look';

let harness: WebviewHarness;
let folder: string;

beforeAll(async () => {
  harness = await startHarness();
  folder = await mkdtemp(path.join(tmpdir(), 'isoscope-report-'));
});
afterAll(async () => {
  await harness.close();
  await rm(folder, { recursive: true, force: true });
});

interface OpenReport {
  readonly page: Page;
  readonly problems: readonly string[];
  readonly requests: readonly string[];
}

/** The command line's HTML report, opened from disk as a reader would. */
async function openReport(report: Report, colorScheme: 'dark' | 'light' = 'light'): Promise<OpenReport> {
  const { script, style } = harness.files;
  const sentences = Array.from(report.lines, (_, row) => sentenceOf(row));
  const file = path.join(folder, 'report.html');
  await writeFile(file, renderHtmlReport(report, sentences, { script, style }));
  const page = await harness.browser.newPage({ colorScheme });
  const problems = watchPage(page);
  const requests: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  await page.goto(pathToFileURL(file).href);
  return { page, problems, requests };
}

describe('report', () => {
  it('draws the same charts from one file and asks for nothing', async () => {
    const report = buildReport();
    const { page, problems, requests } = await openReport(report);
    await waitForPlots(page);
    expect(await page.locator('[data-state="shown"]').count()).toBe(1);
    expect(await page.locator('[data-verdict]').textContent()).toBe(report.verdict);
    expect(await drawnTraces(page, 'plane')).toMatchObject([
      [{ type: 'scattergl', points: 312 }],
      [{ type: 'scattergl', points: 312 }],
    ]);
    // Nothing that needs a host.
    expect(await page.locator('[data-lab], [data-stale], [data-action="list"]').count()).toBe(0);
    expect(requests.filter((url) => !/^(file|data|blob):/.test(url))).toEqual([]);
    expect(problems).toEqual([]);
    await page.close();
  });

  it("shows the sentences as text, in the plot's tooltip and in the table", async () => {
    const { page, problems } = await openReport(buildReport());
    await waitForPlots(page);
    await hoverPoint(page, 'before', 0);
    await expect.poll(() => page.locator('.tooltip-text').textContent()).toBe(sentenceOf(0));
    await page.locator('[data-section="plane-table"] summary').click();
    await expect
      .poll(() => page.locator('[data-section="plane-table"] tr[data-index="1"] .sentence').textContent())
      .toBe(sentenceOf(1));
    expect(await page.evaluate(() => 'hacked' in window)).toBe(false);
    expect(problems).toEqual([]);
    await page.close();
  });

  it("follows the reader's dark or light system, also when it changes", async () => {
    const { page } = await openReport(buildReport({ spec: 'none' }), 'dark');
    await waitForPlots(page, 1);
    const dark = await drawnTraces(page, 'plane');
    await page.emulateMedia({ colorScheme: 'light' });
    await expect.poll(async () => (await drawnTraces(page, 'plane'))[0][0].color).not.toBe(dark[0][0].color);
    expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe('rgb(255, 255, 255)');
    await page.close();
  });

  it('says that a damaged report is damaged', async () => {
    const { script, style } = harness.files;
    const file = path.join(folder, 'damaged.html');
    const whole = renderHtmlReport(buildReport(), [], { script, style });
    await writeFile(file, whole.replace('"isoscope.snapshot"', '"isoscope.snap'));
    const page = await harness.browser.newPage();
    await page.goto(pathToFileURL(file).href);
    await expect.poll(() => page.locator('[role="alert"]').textContent()).toContain('damaged');
    await page.close();
  });
});
