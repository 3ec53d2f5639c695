import path from 'node:path';
import { chromium } from 'playwright-core';
import { chromiumArguments, ensureChromium } from './chromium';
import { ensureVsCodeServer, startVsCodeServer, type VsCodeVersion } from './vscodeServer';

/**
 * Takes the flags of desktop VS Code that `runTests` of @vscode/test-electron passes, and serves them with the server build and a headless Chromium:
 * so one runTest.ts drives both. Bundled to an executable file by runTest.ts.
 */
async function main(args: readonly string[]): Promise<number> {
  const flag = (name: string): string | undefined =>
    args.find((argument) => argument.startsWith(`--${name}=`))?.slice(name.length + 3);
  const folder = args.find((argument) => !argument.startsWith('-'));
  const extension = flag('extensionDevelopmentPath');
  const tests = flag('extensionTestsPath');
  if (folder === undefined || extension === undefined || tests === undefined) {
    throw new Error('usage: FOLDER --extensionDevelopmentPath=… --extensionTestsPath=…');
  }
  const version = (process.env['ISOSCOPE_VSCODE'] ?? 'oldest') as VsCodeVersion;
  const server = await startVsCodeServer(await ensureVsCodeServer(extension, version));
  const browser = await chromium.launch({ executablePath: ensureChromium(), args: [...chromiumArguments] });
  const shutDown = async (): Promise<void> => {
    await browser.close();
    await server.stop();
  };
  process.once('SIGINT', () => void shutDown().then(() => process.exit(130)));
  try {
    const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    const exitCode = new Promise<number>((resolve) => {
      void page.exposeFunction('codeAutomationExit', (code: number) => {
        resolve(code);
      });
      page.once('crash', () => {
        resolve(1);
      });
    });
    await page.exposeFunction('codeAutomationLog', (type: string, parts: readonly unknown[]) => {
      const line = parts.map(String).join(' ');
      if (type !== 'log' || !isNoise(line)) console.log(line);
    });
    await page.goto(server.url({ folder: path.resolve(folder), extension, tests }));
    return await exitCode;
  } finally {
    await shutDown();
  }
}

/** The server build runs without two optional native modules; it says so at every start. */
function isNoise(line: string): boolean {
  return /spdlog|native-watchdog|ServiceWorker|bindings file/i.test(line);
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
