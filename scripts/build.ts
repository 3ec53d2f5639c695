import { copyFile, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { build, type BuildOptions } from 'esbuild';
import { buildWasm } from './buildWasm';
import { buildUmap } from './buildUmap';

const root = path.resolve(__dirname, '..');
const dist = path.join(root, 'dist');

interface Bundle {
  readonly file: string;
  /** kilobytes; what a bundle may weigh before somebody must think about it */
  readonly budgetKb: number;
  readonly options: BuildOptions;
}

const node: BuildOptions = {
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  external: ['vscode', 'onnxruntime-node'],
};

const bundles: readonly Bundle[] = [
  { file: 'extension.js', budgetKb: 400, options: { ...node, entryPoints: ['src/extension/activate.ts'] } },
  { file: 'engine.js', budgetKb: 700, options: { ...node, entryPoints: ['src/core/engine/main.ts'] } },
  {
    file: 'cli.js',
    budgetKb: 800,
    options: { ...node, entryPoints: ['src/core/cli/main.ts'], banner: { js: '#!/usr/bin/env node' } },
  },
  {
    file: 'webview.js',
    budgetKb: 3000,
    options: {
      platform: 'browser',
      target: 'chrome122',
      format: 'iife',
      entryPoints: ['src/webview/main.tsx'],
      jsx: 'automatic',
      jsxImportSource: 'preact',
      // plotly.js' dependencies look for Node's `global`.
      define: { global: 'globalThis', 'process.env.NODE_ENV': '"production"' },
    },
  },
];

/**
 * Everything that runs, into dist/: four bundles with source maps, the page's style, the eigensolver's WASM, UMAP.
 * @returns lines that tell each bundle's size against its budget
 * @throws Error when a bundle is over its budget
 */
export async function buildAll(): Promise<readonly string[]> {
  await mkdir(dist, { recursive: true });
  await Promise.all([buildWasm(), buildUmap()]);
  await Promise.all(
    bundles.map(({ file, options }) =>
      build({
        ...options,
        absWorkingDir: root,
        outfile: path.join(dist, file),
        bundle: true,
        minify: true,
        keepNames: true,
        sourcemap: 'linked',
        sourcesContent: false,
        logLevel: 'warning',
        legalComments: 'none',
      }),
    ),
  );
  await copyFile(path.join(root, 'src/webview/style.css'), path.join(dist, 'webview.css'));
  await writeFile(path.join(dist, 'notices.txt'), await thirdPartyNotices());
  const lines: string[] = [];
  const over: string[] = [];
  for (const { file, budgetKb } of bundles) {
    const { size } = await stat(path.join(dist, file));
    const kb = size / 1000;
    lines.push(`  ${file.padEnd(14)} ${kb.toFixed(0).padStart(6)} kB of ${budgetKb} kB`);
    if (kb > budgetKb) over.push(`${file} is ${kb.toFixed(0)} kB, over its budget of ${budgetKb} kB`);
  }
  if (over.length > 0) throw new Error(`${over.join('; ')}: make it smaller or raise the budget in scripts/build.ts`);
  return lines;
}

/** Licences of the packages that the bundles hold. */
async function thirdPartyNotices(): Promise<string> {
  const names = [
    '@huggingface/tokenizers',
    '@vscode/webview-ui-toolkit',
    'embedding-atlas',
    'fzstd',
    'hyparquet',
    'hyparquet-compressors',
    'ml-matrix',
    'onnxruntime-common',
    'onnxruntime-node',
    'plotly.js',
    'preact',
  ];
  const parts: string[] = [];
  for (const name of names) {
    const folder = path.join(root, 'node_modules', name);
    const manifest = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8')) as Manifest;
    let text = '';
    for (const file of ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'license']) {
      text ||= await readFile(path.join(folder, file), 'utf8').catch(() => '');
    }
    // embedding-atlas names its licence and leaves the text out.
    if (text === '' && manifest.license === 'MIT') text = mitLicense(manifest);
    parts.push(`${name} ${manifest.version} (${manifest.license ?? 'see text'})\n\n${text.trim()}\n`);
  }
  return parts.join(`\n${'-'.repeat(80)}\n\n`);
}

interface Manifest {
  readonly version: string;
  readonly license?: string;
  readonly author?: { readonly name: string };
}

function mitLicense({ author }: Manifest): string {
  return `MIT License

Copyright (c) ${author?.name ?? 'the authors'} and contributors

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN
THE SOFTWARE.`;
}

if (process.argv[1] === __filename) {
  buildAll().then(
    (lines) => {
      console.log(`Built into dist/:\n${lines.join('\n')}`);
    },
    (error: unknown) => {
      console.error(error instanceof Error ? error.message : error);
      process.exitCode = 1;
    },
  );
}
