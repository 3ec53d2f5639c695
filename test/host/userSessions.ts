import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Browser, chromium, type Frame } from 'playwright-core';
import { chromiumArguments, ensureChromium } from './chromium';
import { chooseEncoders } from './encoderSessions';
import { changeLayer, exportTransform, readFindings, readLab } from './labSessions';
import { runCheck, type TestResult } from './results';
import { ensureVsCodeServer, startVsCodeServer, type VsCodeVersion } from './vscodeServer';
import { drawnPlots, openWorkbench, type Theme, type Workbench } from './workbench';

interface SessionOptions {
  readonly root: string;
  readonly version: VsCodeVersion;
  /** install this instead of loading the project as an extension in development */
  readonly vsix?: string;
  readonly theme?: Theme;
}

const dark: Theme = { label: 'Dark Modern', className: 'vs-dark' };
const light: Theme = { label: 'Light Modern', className: 'vs' };
const highContrast: Theme = { label: 'Dark High Contrast', className: 'hc-black' };

export interface Session {
  readonly bench: Workbench;
  /** of the project */
  readonly root: string;
  /** a copy of media/samples */
  readonly folder: string;
  /** keeps a picture in .cache/screenshots/ */
  readonly screenshot: (name: string) => Promise<void>;
}

const sampleName = 'support-messages.txt';

/** What a user does by mouse and keyboard, in the real workbench, with the real pages. */
export async function runUserSessions(options: SessionOptions): Promise<readonly TestResult[]> {
  const sessions: readonly (readonly [string, (session: Session) => Promise<void>, Theme?])[] = [
    ['analyse the sample from the palette: plots are drawn beside the text', analyzeSampleInPalette],
    ['a click on a point selects its line; the cursor lights up its point', linkPlotAndText],
    ['sliders and methods answer from the same vectors', changeTransform],
    ['a hidden panel comes back whole; so does a reloaded window', hideAndReload],
    ['edits mark the results stale; re-analysing mends that', editAndReanalyze],
    ['the sidebar and the status bar tell the same story', readSidebar],
    ['another encoder by the list', chooseEncoders],
    ['layer and pooling from the panel', changeLayer],
    ['findings in the side bar go to their lines', readFindings],
    ['a transform is exported and run again', exportTransform],
    ['neighbours and dimensions answer in the panel', readLab],
    ['light theme', screenshotTheme('light'), light],
    ['high contrast theme', screenshotTheme('high-contrast'), highContrast],
  ];
  const results: TestResult[] = [];
  for (const [name, act, theme = dark] of sessions) {
    results.push(await runCheck(name, () => withWorkbench({ ...options, theme }, act)));
  }
  return results;
}

/** A fresh server, browser and workspace for one session; fails when our pages violated the CSP or wrote errors. */
export async function withWorkbench(options: SessionOptions, act: (session: Session) => Promise<void>): Promise<void> {
  const theme = options.theme ?? dark;
  const folder = await mkdtemp(path.join(tmpdir(), 'isoscope-session-'));
  await cp(path.join(options.root, 'media', 'samples'), folder, { recursive: true });
  const server = await startVsCodeServer(await ensureVsCodeServer(options.root, options.version), {
    ...(options.vsix === undefined ? {} : { vsix: options.vsix }),
  });
  let browser: Browser | undefined;
  let bench: Workbench | undefined;
  const pictures = path.join(options.root, '.cache', 'screenshots');
  await mkdir(pictures, { recursive: true });
  try {
    browser = await chromium.launch({ executablePath: ensureChromium(), args: [...chromiumArguments] });
    const opened = await openWorkbench(browser, server, {
      folder,
      theme,
      ...(options.vsix === undefined ? { extension: options.root } : {}),
    });
    bench = opened;
    await act({
      bench: opened,
      root: options.root,
      folder,
      screenshot: async (name) => {
        await opened.page.screenshot({ path: path.join(pictures, `${name}.png`) });
      },
    });
    if (opened.problems.length > 0) throw new Error(`the pages complained:\n${opened.problems.join('\n')}`);
  } catch (error) {
    await bench?.page.screenshot({ path: path.join(pictures, 'failed.png') }).catch(() => undefined);
    if (bench !== undefined && bench.problems.length > 0) console.log(bench.problems.join('\n'));
    throw error;
  } finally {
    await browser?.close();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** The main job, as the README tells it. */
export async function analyzeSampleInPalette({ bench, screenshot }: Session): Promise<void> {
  const view = await analyzeSample(bench);
  const plots = await drawnPlots(view);
  const types = plots.flatMap(({ traces }) => traces.map(({ type }) => type));
  for (const type of ['scatter', 'scattergl']) {
    if (!types.includes(type)) throw new Error(`no trace of type ${type} was drawn, only ${types.join(', ')}`);
  }
  const sentences = await sentenceCount(view);
  const planes = plots.flatMap(({ traces }) =>
    traces.filter(({ type, points }) => type === 'scattergl' && points === sentences),
  );
  if (planes.length < 2) {
    throw new Error(`two planes with all ${sentences} points were expected; drawn: ${JSON.stringify(plots)}`);
  }
  await screenshot('panel-dark');
}

export async function analyzeSample(bench: Workbench): Promise<Frame> {
  await bench.openFile(sampleName);
  await bench.runCommand('Isoscope: Analyze Embeddings');
  return shownPanel(bench);
}

/** The panel once it shows a report with its plots. */
async function shownPanel(bench: Workbench): Promise<Frame> {
  const view = await bench.view('panel', 60_000);
  await view.locator('[data-plot="plane"] .js-plotly-plot').first().waitFor({ timeout: 60_000 });
  await view.waitForFunction(
    () =>
      [...document.querySelectorAll('[data-plot="plane"] .js-plotly-plot')].filter(
        (plot) => ((plot as unknown as { _fullData?: unknown[] })._fullData ?? []).length > 0,
      ).length >= 2,
    undefined,
    { timeout: 30_000 },
  );
  return view;
}

async function sentenceCount(view: Frame): Promise<number> {
  const text = await view.locator('[data-number="count"]').first().textContent();
  const count = Number((text ?? '').replace(/\D/g, ''));
  if (!(count > 100)) throw new Error(`the panel counts "${text ?? ''}" sentences of the sample`);
  return count;
}

async function linkPlotAndText({ bench, screenshot }: Session): Promise<void> {
  const view = await analyzeSample(bench);
  const before = await bench.cursorText();
  await clickPoint(view, 100);
  await bench.page.waitForTimeout(1_000);
  const after = await bench.cursorText();
  if (after === before || !/selected|Ln \d+/.test(after)) {
    throw new Error(`after a click on a point the status bar still says "${after}" (before: "${before}")`);
  }
  await bench.goToLine(20);
  await view.locator('[data-highlighted]:not([data-highlighted="0"])').first().waitFor({ timeout: 10_000 });
  await screenshot('linked-dark');
}

/** Clicks the middle of a drawn point of the first plane. */
async function clickPoint(view: Frame, row: number): Promise<void> {
  const plot = view.locator('[data-plot="plane"] .js-plotly-plot').first();
  await plot.scrollIntoViewIfNeeded();
  const place = await plot.evaluate((element, index) => {
    const full = element as unknown as {
      _fullData: { x: ArrayLike<number>; y: ArrayLike<number> }[];
      _fullLayout: Record<'xaxis' | 'yaxis', { l2p: (value: number) => number; _offset: number }>;
    };
    const { x, y } = full._fullData[0];
    const { xaxis, yaxis } = full._fullLayout;
    return { x: xaxis._offset + xaxis.l2p(x[index]), y: yaxis._offset + yaxis.l2p(y[index]) };
  }, row);
  await plot.hover({ position: place });
  await view.page().waitForTimeout(300);
  await plot.click({ position: place });
}

async function changeTransform({ bench, screenshot }: Session): Promise<void> {
  const view = await analyzeSample(bench);
  const numbers = (): Promise<string | null> => view.locator('[data-numbers]').first().textContent();
  const first = await numbers();
  const slider = view.locator('input[type="range"][data-parameter="k"]');
  await slider.focus();
  for (let press = 0; press < 5; press++) await slider.press('ArrowLeft');
  await view.waitForFunction((old) => document.querySelector('[data-numbers]')?.textContent !== old, first, {
    timeout: 20_000,
  });
  await screenshot('slider-dark');
}

async function hideAndReload({ bench }: Session): Promise<void> {
  await analyzeSample(bench);
  const panelTab = bench.page.locator('.tab', { hasText: 'Isoscope' }).first();
  await panelTab.click();
  // Opens in the panel's own group, over it.
  await bench.openFile('support-pairs.csv');
  await panelTab.click();
  await shownPanel(bench);
  await bench.page.reload();
  await bench.page.locator('.monaco-workbench .explorer-folders-view').waitFor({ timeout: 60_000 });
  await bench.page.locator('.tab', { hasText: 'Isoscope' }).first().click();
  const view = await bench.view('panel', 60_000);
  await view.locator('[data-state]').first().waitFor({ timeout: 60_000 });
  await view.waitForFunction(() => document.querySelector('[data-state="shown"]') !== null, undefined, {
    timeout: 60_000,
  });
}

async function editAndReanalyze({ bench, screenshot }: Session): Promise<void> {
  const view = await analyzeSample(bench);
  await bench.goToLine(3);
  await bench.page.keyboard.press('End');
  await bench.page.keyboard.type(' please call me back');
  await view.locator('[data-stale]').waitFor({ timeout: 10_000 });
  await screenshot('stale-dark');
  await view.locator('[data-action="reanalyze"]').first().click();
  await view.locator('[data-stale]').waitFor({ state: 'detached', timeout: 60_000 });
}

async function readSidebar({ bench, screenshot }: Session): Promise<void> {
  await bench.page.locator('.activitybar [aria-label^="Isoscope"]').first().click();
  await bench.page.waitForTimeout(1_500);
  await screenshot('sidebar-empty-dark');
  await bench.page.locator('.activitybar [aria-label^="Explorer"]').first().click();
  const panel = await analyzeSample(bench);
  const verdict = (await panel.locator('[data-verdict]').first().textContent()) ?? '';
  await bench.page.locator('.activitybar [aria-label^="Isoscope"]').first().click();
  const summary = await bench.view('summary');
  await summary.locator('[data-verdict]').first().waitFor({ timeout: 30_000 });
  const told = (await summary.locator('[data-verdict]').first().textContent()) ?? '';
  if (verdict.length < 20 || told !== verdict) throw new Error(`panel: "${verdict}", sidebar: "${told}"`);
  await bench.page.locator('.statusbar-item', { hasText: 'Isoscope' }).first().waitFor({ timeout: 10_000 });
  await bench.page.waitForTimeout(1_000);
  await screenshot('sidebar-dark');
}

function screenshotTheme(theme: string): (session: Session) => Promise<void> {
  return async ({ bench, screenshot }) => {
    await analyzeSample(bench);
    await bench.page.waitForTimeout(1_000);
    await screenshot(`panel-${theme}`);
  };
}
