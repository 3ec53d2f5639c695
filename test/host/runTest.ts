import { chmod, cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { downloadAndUnzipVSCode, runTests } from '@vscode/test-electron';
import { build } from 'esbuild';
import type { VsCodeVersion } from './vscodeServer';

export type HostKind = 'auto' | 'desktop' | 'server';

export interface HostTestOptions {
  readonly root: string;
  /** `desktop`: VS Code's own build, downloaded; `server`: the build that npm has, in Chromium; `auto`: desktop where it can be had */
  readonly host: HostKind;
  readonly version: VsCodeVersion;
  /** where the tests in the extension host write their results */
  readonly resultsFile: string;
}

/** Runs test/integration inside the extension host of a real VS Code. @returns what it ran on */
export async function runExtensionHostTests({ root, host, version, resultsFile }: HostTestOptions): Promise<string> {
  const cache = path.join(root, '.cache', 'host');
  await mkdir(cache, { recursive: true });
  const tests = path.join(cache, 'integration.js');
  const executable = path.join(cache, 'vscode-server.js');
  const common = { bundle: true, platform: 'node', target: 'node20', format: 'cjs', absWorkingDir: root } as const;
  await build({
    ...common,
    entryPoints: ['test/integration/index.ts'],
    outfile: tests,
    external: ['vscode'],
    sourcemap: 'inline',
  });
  await build({
    ...common,
    entryPoints: ['test/host/serverExecutable.ts'],
    outfile: executable,
    external: ['playwright-core'],
    banner: { js: '#!/usr/bin/env node' },
  });
  await chmod(executable, 0o755);
  const desktop = host === 'server' ? null : await desktopVsCode(host, version);
  const workspace = await mkdtemp(path.join(tmpdir(), 'isoscope-workspace-'));
  await cp(path.join(root, 'media', 'samples'), workspace, { recursive: true });
  try {
    await runTests({
      vscodeExecutablePath: desktop ?? executable,
      extensionDevelopmentPath: root,
      extensionTestsPath: tests,
      launchArgs: [workspace],
      extensionTestsEnv: {
        ISOSCOPE_TEST_RESULTS: resultsFile,
        ISOSCOPE_VSCODE: version,
        // Electron would run as plain Node when a test is started from VS Code's own terminal.
        ELECTRON_RUN_AS_NODE: undefined,
      },
    });
  } finally {
    await rm(workspace, { recursive: true, force: true });
  }
  return desktop === null ? 'the server build of VS Code and Chromium' : 'desktop VS Code';
}

/** The executable of desktop VS Code, or `null` where it cannot be had (no display, no download). */
export async function desktopVsCode(host: 'auto' | 'desktop', version: VsCodeVersion): Promise<string | null> {
  const headless =
    process.platform === 'linux' &&
    (process.env['DISPLAY'] ?? '') === '' &&
    (process.env['WAYLAND_DISPLAY'] ?? '') === '';
  if (host === 'auto' && headless) return null;
  try {
    return await downloadAndUnzipVSCode({ version: version === 'oldest' ? '1.100.3' : 'stable', timeout: 20_000 });
  } catch (error) {
    if (host === 'desktop') throw error;
    return null;
  }
}
