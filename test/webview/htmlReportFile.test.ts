import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderHtmlReport } from '../../src/core/export/htmlReport';
import { chromiumArguments, findChromium } from '../host/chromium';
import { bundlePage } from './bundle';
import { buildReport } from './fixture';

// The file of --html in a real browser, from disk, without network: its charts are drawn, its policy is kept, the user's text stays text.

const folder = mkdtempSync(path.join(tmpdir(), 'isoscope-html-'));
let browser: Browser;
beforeAll(async () => {
  browser = await chromium.launch({ executablePath: findChromium()!, args: [...chromiumArguments] });
});
afterAll(async () => {
  await browser.close();
  rmSync(folder, { recursive: true });
});

async function open(html: string) {
  const file = path.join(folder, 'report.html');
  writeFileSync(file, html);
  const page = await browser.newPage({ viewport: { width: 1100, height: 900 } });
  const problems: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type()) || message.text().startsWith('policy:'))
      problems.push(message.text());
  });
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('dialog', (dialog) => {
    problems.push('dialog');
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    if (!/^(file|data|blob):/.test(request.url())) problems.push(request.url());
  });
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      console.log(`policy: ${event.violatedDirective} ${event.blockedURI}`);
    });
  });
  await page.goto(pathToFileURL(file).href);
  return { page, problems };
}

describe('the HTML report', () => {
  const hostile = '</script><img src=x onerror="alert(1)"><b>bold</b> & \u2028 <!-- <script>';

  it('draws every point of both planes from disk, without a problem', async () => {
    const { script, style } = await bundlePage();
    const report = { ...buildReport({ count: 312 }), title: hostile };
    const sentences = Array.from({ length: 312 }, (_, row) => `${hostile} ${String(row)}`);
    const { page, problems } = await open(renderHtmlReport(report, sentences, { script, style }));
    const points = () =>
      page.evaluate(() =>
        [...document.querySelectorAll('.js-plotly-plot')].flatMap((plot) =>
          (plot as unknown as { _fullData: { type: string; x: ArrayLike<number> }[] })._fullData
            .filter(({ type }) => type.startsWith('scattergl'))
            .map(({ x }) => x.length),
        ),
      );
    await expect.poll(points, { timeout: 30_000 }).toEqual([312, 312]);
    expect(await page.title()).toBe(hostile);
    expect(await page.locator('body').innerText()).toContain('Random pairs of these 312 sentences already score');
    expect(await page.locator('img').count()).toBe(0);
    expect(problems).toEqual([]);
    await page.close();
  });

  it('says what it can without scripts', async () => {
    const { style } = await bundlePage();
    const report = buildReport({ count: 20 });
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await page.setContent(renderHtmlReport(report, [], { script: '', style }));
    expect(await page.locator('noscript').innerText()).toContain(report.verdict);
    await context.close();
  });
});
