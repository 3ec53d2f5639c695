import path from 'node:path';
import { readFile } from 'node:fs/promises';
import { build } from 'esbuild';

const root = path.resolve(import.meta.dirname, '../..');

export interface PageFiles {
  readonly script: string;
  readonly style: string;
  readonly harness: string;
}

let files: Promise<PageFiles> | undefined;

/** The page as it ships, in memory, with the harness that stands for VS Code. */
export function bundlePage(): Promise<PageFiles> {
  files ??= (async () => ({
    script: await bundle('src/webview/main.tsx'),
    style: await readFile(path.join(root, 'src/webview/style.css'), 'utf8'),
    harness: await bundle('test/webview/harnessPage.ts'),
  }))();
  return files;
}

/** The same settings as scripts/build.ts has for the page. */
async function bundle(entry: string): Promise<string> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile: path.join(root, '.cache/webview-test/page.js'),
    write: false,
    bundle: true,
    minify: true,
    keepNames: true,
    platform: 'browser',
    target: 'chrome122',
    format: 'iife',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    define: { global: 'globalThis', 'process.env.NODE_ENV': '"production"' },
    logLevel: 'error',
    legalComments: 'none',
  });
  return outputFiles.find((file) => file.path.endsWith('.js'))!.text;
}
