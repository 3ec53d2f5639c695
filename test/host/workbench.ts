import type { Browser, Frame, Page } from 'playwright-core';
import type { PageOptions, RunningServer } from './vscodeServer';

/** A user at a real workbench: keyboard, mouse, and what the page said. */
export interface Workbench {
  readonly page: Page;
  /** CSP violations and errors of Isoscope's own pages, as the browser's console printed them */
  readonly problems: readonly string[];
  /** Runs a command by its title in the palette. */
  runCommand(title: string): Promise<void>;
  /** Opens a file of the workspace by its name. */
  openFile(name: string): Promise<void>;
  /** Puts the cursor on a line (1-based) of the active editor. */
  goToLine(line: number): Promise<void>;
  /** "Ln 5, Col 1 (34 selected)" of the status bar. */
  cursorText(): Promise<string>;
  /** The document inside a webview of ours: the big panel, or the sidebar's summary. Waits for it. */
  view(kind: 'panel' | 'summary', timeoutMs?: number): Promise<Frame>;
  close(): Promise<void>;
}

/** A colour theme as the list of themes names it, and the class that the workbench carries with it. */
export interface Theme {
  readonly label: string;
  readonly className: 'vs' | 'vs-dark' | 'hc-black' | 'hc-light';
}

export interface WorkbenchOptions extends PageOptions {
  readonly theme?: Theme;
}

export async function openWorkbench(
  browser: Browser,
  server: RunningServer,
  options: WorkbenchOptions,
): Promise<Workbench> {
  const page = await browser.newPage({ viewport: { width: 1500, height: 950 } });
  const problems: string[] = [];
  page.on('console', (message) => {
    const text = message.text();
    // The workbench has complaints of its own (no gallery, optional native modules); ours come from the page's bundle, or break its policy.
    const violation = /content security policy|refused to/i.test(text) && !/frame-ancestors|report-only/i.test(text);
    if (violation || (message.type() === 'error' && message.location().url.includes('/dist/webview')))
      problems.push(text);
  });
  page.on('pageerror', (error) => {
    if (error.stack?.includes('/dist/webview') === true) problems.push(`uncaught: ${error.message}`);
  });
  await page.goto(server.url(options));
  await page.locator('.monaco-workbench .explorer-folders-view').waitFor({ timeout: 60_000 });

  const runCommand = async (title: string): Promise<void> => {
    const input = page.locator('.quick-input-widget .quick-input-filter input');
    // Focus may still be inside a webview's frame, where F1 is forwarded only once it listens: ask again.
    // And what still moves the focus as it opens closes it again.
    const row = page.locator('.quick-input-list .monaco-list-row', { hasText: title }).first();
    for (let attempt = 0; ; attempt++) {
      await page.keyboard.press('F1');
      const isChosen = await input
        .waitFor({ state: 'visible', timeout: 3_000 })
        .then(() => input.fill(`>${title}`, { timeout: 5_000 }))
        .then(() => row.click({ timeout: 8_000 }))
        .then(
          () => true,
          () => false,
        );
      if (isChosen) break;
      if (attempt === 5) throw new Error(`the command "${title}" could not be chosen in the palette`);
    }
    // A command that asks on keeps the box open, with another text in it.
    await page.waitForFunction(
      (asked) => {
        const box = document.querySelector<HTMLElement>('.quick-input-widget');
        const text = box?.querySelector<HTMLInputElement>('.quick-input-filter input')?.value;
        return box === null || box.style.display === 'none' || text !== asked;
      },
      `>${title}`,
      { timeout: 10_000 },
    );
  };

  if (options.theme !== undefined) await chooseTheme(page, runCommand, options.theme);

  return {
    page,
    problems,
    runCommand,
    openFile: async (name) => {
      // A tooltip of the activity bar may lie over the explorer.
      await page.mouse.move(700, 500);
      await page.locator('.explorer-folders-view .monaco-list-row', { hasText: name }).first().dblclick();
      await page.locator('.tab.active', { hasText: name }).waitFor({ timeout: 15_000 });
      await page.locator('.editor-instance .view-lines .view-line').first().waitFor({ timeout: 15_000 });
    },
    goToLine: async (line) => {
      const input = page.locator('.quick-input-widget .quick-input-filter input');
      // A page that is just being drawn may take the keyboard back, which closes the box: ask again.
      for (let attempt = 0; ; attempt++) {
        // The first tab is the text's: a click on it gives its editor the keyboard, wherever the text is scrolled to.
        await page.locator('.tab').first().click();
        await page.keyboard.press('Control+g');
        try {
          await input.fill(`:${line}`, { timeout: 3_000 });
          await page.keyboard.press('Enter');
          await page.waitForFunction(
            (wanted) =>
              document.querySelector('.statusbar-item[id="status.editor.selection"]')?.textContent.includes(wanted),
            `Ln ${line},`,
            { timeout: 3_000 },
          );
          return;
        } catch (error) {
          if (attempt === 3) throw error;
        }
      }
    },
    cursorText: async () =>
      (await page.locator('.statusbar-item[id="status.editor.selection"]').first().textContent()) ?? '',
    view: (kind, timeoutMs) => findView(page, kind, timeoutMs),
    close: () => page.close(),
  };
}

/** By the list, as a user does: a window with an extension in development takes no theme from the settings. */
async function chooseTheme(page: Page, runCommand: (title: string) => Promise<void>, theme: Theme): Promise<void> {
  // The default themes come with an extension that loads late.
  await page.locator('.monaco-workbench[class*="theme-defaults"]').waitFor({ timeout: 60_000 });
  await runCommand('Preferences: Color Theme');
  const input = page.locator('.quick-input-widget .quick-input-filter input');
  await input.waitFor({ state: 'visible' });
  await input.fill(theme.label);
  await page.locator('.quick-input-list .monaco-list-row.focused', { hasText: theme.label }).waitFor();
  await page.keyboard.press('Enter');
  await page.locator(`.monaco-workbench.${theme.className}`).waitFor({ timeout: 20_000 });
}

/** Webviews are iframes inside iframes; ours says on its body which of the two it is. */
async function findView(page: Page, kind: 'panel' | 'summary', timeoutMs = 30_000): Promise<Frame> {
  const end = Date.now() + timeoutMs;
  while (Date.now() < end) {
    for (const frame of page.frames()) {
      // A frame may go while it is asked.
      const shown = await frame.evaluate(() => document.body.dataset['view']).catch(() => undefined);
      if (shown === kind) return frame;
    }
    await page.waitForTimeout(100);
  }
  throw new Error(`no ${kind} of Isoscope appeared within ${timeoutMs / 1000} s`);
}

export interface DrawnPlot {
  readonly traces: readonly { readonly type: string; readonly points: number; readonly name: string }[];
}

/** What Plotly really drew in a view: an unregistered trace type would silently become `scatter`. */
export function drawnPlots(view: Frame): Promise<readonly DrawnPlot[]> {
  return view.evaluate(() =>
    [...document.querySelectorAll('.js-plotly-plot')].map((plot) => ({
      traces: (
        (plot as unknown as { _fullData?: { type: string; x?: ArrayLike<number>; name?: string }[] })._fullData ?? []
      ).map((trace) => ({ type: trace.type, points: trace.x?.length ?? 0, name: trace.name ?? '' })),
    })),
  );
}
