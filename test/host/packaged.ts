import { stat } from 'node:fs/promises';
import path from 'node:path';
import { open as openZip } from 'yauzl';
import { packageVsix, type Target, targets } from '../../scripts/package';
import { analyzeSampleInPalette, withWorkbench } from './userSessions';
import { runCheck, type TestResult } from './results';
import type { VsCodeVersion } from './vscodeServer';

/** The VSIX of this machine's platform: what is in it, and that it works when installed. */
export async function runPackagedTests(options: {
  root: string;
  version: VsCodeVersion;
}): Promise<readonly TestResult[]> {
  const target = `${process.platform}-${process.arch}`;
  if (!(target in targets)) {
    throw new Error(`no VSIX for ${target}: onnxruntime-node has no binary for it`);
  }
  let vsix = '';
  const results = [
    await runCheck(`a VSIX for ${target} is made`, async () => {
      vsix = await packageVsix(target as Target);
      console.log(`  ${path.basename(vsix)}: ${((await stat(vsix)).size / 1e6).toFixed(1)} MB`);
    }),
  ];
  if (vsix === '') return results;
  results.push(
    await runCheck('the VSIX holds what it needs and nothing else', async () => {
      assertContents(await listVsix(vsix), target);
    }),
    await runCheck('the installed VSIX does the main job', async () => {
      await withWorkbench({ ...options, vsix }, analyzeSampleInPalette);
    }),
  );
  return results;
}

/** Paths under extension/ of a VSIX, which is a zip. */
function listVsix(file: string): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    openZip(file, { lazyEntries: true }, (error, zip) => {
      if (error !== null) {
        reject(error);
        return;
      }
      const names: string[] = [];
      zip.on('entry', ({ fileName }: { fileName: string }) => {
        if (fileName.startsWith('extension/') && !fileName.endsWith('/'))
          names.push(fileName.slice('extension/'.length));
        zip.readEntry();
      });
      zip.once('end', () => {
        resolve(names);
      });
      zip.once('error', reject);
      zip.readEntry();
    });
  });
}

function assertContents(files: readonly string[], target: string): void {
  const needed = [
    'package.json',
    'package.nls.json',
    'dist/extension.js',
    'dist/engine.js',
    'dist/cli.js',
    'dist/webview.js',
    'dist/webview.css',
    'dist/kernels.wasm',
    'dist/symmetricEigen.wasm',
    'dist/notices.txt',
    'media/icon.png',
    'media/samples/support-messages.txt',
    'media/models/all-MiniLM-L6-v2/manifest.json',
    'media/models/all-MiniLM-L6-v2/onnx/model_int8w.onnx',
    'media/models/all-MiniLM-L6-v2/tokenizer.json',
    'node_modules/onnxruntime-node/package.json',
    'node_modules/onnxruntime-node/dist/index.js',
    `node_modules/onnxruntime-node/bin/napi-v6/${target.replace('-', '/')}/onnxruntime_binding.node`,
    'node_modules/onnxruntime-common/package.json',
    'node_modules/onnxruntime-common/dist/cjs/index.js',
  ];
  const missing = needed.filter((name) => !files.some((file) => file.toLowerCase() === name.toLowerCase()));
  if (missing.length > 0) throw new Error(`missing in the VSIX: ${missing.join(', ')}`);
  const allowed =
    /^(package(\.nls(\.[a-z-]+)?)?\.json|readme\.md|changelog\.md|license(\.txt|\.md)?|dist\/[\w.]+\.(js|css|wasm)|dist\/notices\.txt|l10n\/.*|media\/.*|node_modules\/onnxruntime-(node|common)\/.*)$/i;
  const strangers = files.filter(
    (file) => !allowed.test(file) || /\.(ts|map|tsbuildinfo)$/.test(file) || /(^|\/)(test|src)\//.test(file),
  );
  if (strangers.length > 0) throw new Error(`not wanted in the VSIX: ${strangers.join(', ')}`);
  const foreign = files.filter(
    (file) => file.includes('/napi-v6/') && !file.includes(`/napi-v6/${target.replace('-', '/')}/`),
  );
  if (foreign.length > 0) throw new Error(`binaries of another platform in the VSIX: ${foreign.join(', ')}`);
}
