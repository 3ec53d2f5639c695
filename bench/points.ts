import path from 'node:path';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { build } from 'esbuild';
import { chromium, type Browser } from 'playwright-core';
import { chromiumArguments, findChromium } from '../test/host/chromium';
import type { PointTimes } from './pages/pointsPage';
import { milliseconds, ratio } from './peers/stopwatch';

// A plane of many points in Chromium, WebGL in software, under the page's policy: Plotly's strict scattergl beside our own layer under Plotly's axes.
// First frame: from the figure to the pixels. Pan: from a move of the mouse to the pixels. Hover: from the mouse to the point under it.

const root = path.resolve(__dirname, '..');
const counts = [20_000, 100_000] as const;

async function main(): Promise<void> {
  const executablePath = findChromium();
  if (executablePath === null) {
    console.log('no Chromium was found (set CHROMIUM to one): nothing to measure');
    return;
  }
  const server = await serve(await bundlePage());
  const browser = await chromium.launch({ executablePath, args: [...chromiumArguments] });
  try {
    const { port } = server.address() as AddressInfo;
    console.log('points    drawn by        first frame/ms    pan/ms  hover/ms');
    for (const count of counts) await compare(browser, port, count);
  } finally {
    await browser.close();
    server.close();
  }
}

async function compare(browser: Browser, port: number, count: number): Promise<void> {
  // The better of two pages each: the first also compiles shaders and code.
  const plotly = await best(browser, port, count, 'webgl');
  const ours = await best(browser, port, count, 'layer');
  const line = (name: string, { firstFrameMs, panMs, hoverMs }: PointTimes): string =>
    [
      String(count).padEnd(9),
      name.padEnd(16),
      milliseconds(firstFrameMs).padStart(13),
      milliseconds(panMs).padStart(9),
      milliseconds(hoverMs).padStart(9),
    ].join(' ');
  console.log(line('plotly scattergl', plotly));
  console.log(line('our layer', ours));
  console.log(
    `${' '.repeat(10)}${'ours / plotly'.padEnd(16)} ${ratio(ours.firstFrameMs, plotly.firstFrameMs).padStart(13)} ${ratio(ours.panMs, plotly.panMs).padStart(9)} ${ratio(ours.hoverMs, plotly.hoverMs).padStart(9)}`,
  );
}

async function best(browser: Browser, port: number, count: number, drawing: 'webgl' | 'layer'): Promise<PointTimes> {
  let times: PointTimes = { firstFrameMs: Infinity, panMs: Infinity, hoverMs: Infinity };
  for (let run = 0; run < 2; run++) {
    const page = await browser.newPage({ viewport: { width: 700, height: 500 } });
    page.on('pageerror', (error) => console.error(error.message));
    await page.goto(`http://127.0.0.1:${port}/`);
    const measured = await page.evaluate(
      ([points, kind]) =>
        (window as unknown as { measure(count: number, drawing: string): Promise<PointTimes> }).measure(points, kind),
      [count, drawing] as const,
    );
    times = {
      firstFrameMs: Math.min(times.firstFrameMs, measured.firstFrameMs),
      panMs: Math.min(times.panMs, measured.panMs),
      hoverMs: Math.min(times.hoverMs, measured.hoverMs),
    };
    await page.close();
  }
  return times;
}

async function bundlePage(): Promise<string> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ['bench/pages/pointsPage.ts'],
    // Nothing is written: a style sheet that plotly.js names needs a place beside the script.
    outfile: path.join(root, '.cache/bench/page.js'),
    write: false,
    bundle: true,
    minify: true,
    platform: 'browser',
    target: 'chrome122',
    format: 'iife',
    define: { global: 'globalThis', 'process.env.NODE_ENV': '"production"' },
    logLevel: 'error',
  });
  return outputFiles.find((file) => file.path.endsWith('.js'))!.text;
}

function serve(script: string): Promise<Server> {
  const policy = "default-src 'none'; script-src 'nonce-bench'; style-src 'unsafe-inline'; img-src data: blob:";
  const server = createServer(({ url }, response) => {
    const isScript = url === '/page.js';
    response.writeHead(200, { 'Content-Type': `${isScript ? 'text/javascript' : 'text/html'}; charset=utf-8` });
    response.end(
      isScript
        ? script
        : `<!DOCTYPE html><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}"><body><script nonce="bench" src="/page.js"></script>`,
    );
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

void main();
