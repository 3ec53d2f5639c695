import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { chromiumArguments, ensureChromium } from '../test/host/chromium';
import { desktopVsCode } from '../test/host/runTest';
import { ensureVsCodeServer, startVsCodeServer } from '../test/host/vscodeServer';
import { buildAll } from './build';

const usage = `npm start [-- --exit | --report]

Builds Isoscope, prints the report of the sample corpus, and opens a real VS Code on the sample folder with Isoscope loaded.
  --exit    end as soon as VS Code shows Isoscope active
  --report  only the report, no VS Code`;

const root = path.resolve(__dirname, '..');
const samples = path.join(root, 'media', 'samples');
const sample = path.join(samples, 'support-messages.txt');

/** The main job on the sample corpus: a report in the terminal, then VS Code with the extension. */
async function start(flags: ReadonlySet<string>): Promise<void> {
  if (flags.has('--help')) {
    console.log(usage);
    return;
  }
  const unknown = [...flags].find((flag) => flag !== '--exit' && flag !== '--report');
  if (unknown !== undefined) throw new Error(`unknown flag ${unknown}\n${usage}`);
  console.log(`Built into dist/:\n${(await buildAll()).join('\n')}\n`);
  const report = spawnSync(
    process.execPath,
    [path.join(root, 'dist', 'cli.js'), 'analyze', sample, '--transform', 'pca:k=64'],
    {
      stdio: 'inherit',
    },
  );
  if (report.status !== 0) throw new Error(`the sample's report failed with exit code ${String(report.status)}`);
  if (flags.has('--report')) return;
  const desktop = await desktopVsCode('auto', 'oldest');
  if (desktop === null) await serve(flags.has('--exit'));
  else await openDesktop(desktop, flags.has('--exit'));
}

/** VS Code's server build in a browser: where no desktop build can be had. */
async function serve(exit: boolean): Promise<void> {
  const server = await startVsCodeServer(await ensureVsCodeServer(root));
  const hasDisplay = process.platform !== 'linux' || (process.env['DISPLAY'] ?? '') !== '';
  const browser = await chromium.launch({
    executablePath: ensureChromium(),
    headless: !hasDisplay || exit,
    args: [...chromiumArguments],
  });
  const stop = async (): Promise<void> => {
    await browser.close().catch(() => undefined);
    await server.stop();
  };
  try {
    const url = server.url({ folder: samples, extension: root, file: sample });
    const page = await browser.newPage({ viewport: hasDisplay && !exit ? null : { width: 1400, height: 900 } });
    await page.goto(url);
    await page.locator('.activitybar [aria-label^="Isoscope"]').first().waitFor({ timeout: 60_000 });
    console.log(`\nVS Code is serving the sample with Isoscope active:\n  ${url}`);
    console.log('Open support-messages.txt, press F1 and run "Isoscope: Analyze Embeddings".');
    if (exit) return;
    console.log('Ctrl+C ends it.');
    await new Promise<void>((resolve) => {
      process.once('SIGINT', () => {
        resolve();
      });
      process.once('SIGTERM', () => {
        resolve();
      });
      if (hasDisplay)
        page.once('close', () => {
          resolve();
        });
    });
  } finally {
    await stop();
  }
}

async function openDesktop(executable: string, exit: boolean): Promise<void> {
  const profile = await mkdtemp(path.join(tmpdir(), 'isoscope-start-'));
  const child = spawn(
    executable,
    [
      samples,
      sample,
      `--extensionDevelopmentPath=${root}`,
      `--user-data-dir=${profile}`,
      '--disable-workspace-trust',
      '--skip-welcome',
      '--skip-release-notes',
    ],
    { stdio: 'ignore' },
  );
  console.log('\nVS Code opens on the sample folder with Isoscope loaded.');
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => {
      resolve();
    });
    if (exit) setTimeout(() => child.kill(), 15_000);
  });
}

start(new Set(process.argv.slice(2))).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
