import { cp, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createVSIX } from '@vscode/vsce';
import { buildAll } from './build';

const root = path.resolve(__dirname, '..');

/** The platforms that onnxruntime-node ships binaries for: VS Code's name of each → operating system and processor. */
export const targets = {
  'linux-x64': ['linux', 'x64'],
  'linux-arm64': ['linux', 'arm64'],
  'darwin-arm64': ['darwin', 'arm64'],
  'win32-x64': ['win32', 'x64'],
  'win32-arm64': ['win32', 'arm64'],
} as const;

export type Target = keyof typeof targets;

/** What goes into a VSIX, from the project's root; .vscodeignore lets through just these. */
const shipped = [
  'dist',
  'media',
  'l10n',
  'package.json',
  'package.nls.json',
  'README.md',
  'CHANGELOG.md',
  'LICENSE',
  '.vscodeignore',
];

/**
 * One VSIX for one platform, with that platform's ONNX Runtime only. `dist/` must be built.
 * @returns its path, `isoscope-<target>-<version>.vsix` in the project's root
 */
export async function packageVsix(target: Target): Promise<string> {
  const staging = path.join(root, '.cache', 'package', target);
  await rm(staging, { recursive: true, force: true });
  await mkdir(staging, { recursive: true });
  for (const name of shipped) {
    await cp(path.join(root, name), path.join(staging, name), { recursive: true }).catch((error: unknown) => {
      if (name !== 'l10n') throw error;
    });
  }
  const manifest = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as Manifest;
  delete manifest.devDependencies;
  delete manifest.scripts;
  await writeFile(path.join(staging, 'package.json'), JSON.stringify(manifest, null, 2));
  await copyRuntime(staging, target);
  const file = path.join(root, `isoscope-${target}-${manifest.version}.vsix`);
  await createVSIX({
    cwd: staging,
    packagePath: file,
    target,
    allowMissingRepository: true,
    skipLicense: true,
    rewriteRelativeLinks: false,
  });
  return file;
}

interface Manifest {
  version: string;
  devDependencies?: unknown;
  scripts?: unknown;
}

/** onnxruntime-node without its installer (it downloads CUDA libraries) and without the other platforms' 240 MB of binaries. */
async function copyRuntime(staging: string, target: Target): Promise<void> {
  const from = path.join(root, 'node_modules');
  const to = path.join(staging, 'node_modules');
  const [system, processor] = targets[target];
  const binaries = path.join('onnxruntime-node', 'bin', 'napi-v6', system, processor);
  await cp(path.join(from, 'onnxruntime-node', 'dist'), path.join(to, 'onnxruntime-node', 'dist'), { recursive: true });
  await cp(path.join(from, binaries), path.join(to, binaries), { recursive: true });
  await cp(path.join(from, 'onnxruntime-common', 'dist', 'cjs'), path.join(to, 'onnxruntime-common', 'dist', 'cjs'), {
    recursive: true,
  });
  await cp(path.join(from, 'onnxruntime-common', 'package.json'), path.join(to, 'onnxruntime-common', 'package.json'));
  const manifest = JSON.parse(await readFile(path.join(from, 'onnxruntime-node', 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
    scripts?: unknown;
  };
  // The other dependencies belong to the installer.
  manifest.dependencies = { 'onnxruntime-common': manifest.dependencies['onnxruntime-common'] };
  delete manifest.scripts;
  await writeFile(path.join(to, 'onnxruntime-node', 'package.json'), JSON.stringify(manifest, null, 2));
}

async function main(names: readonly string[]): Promise<void> {
  const chosen = names.length > 0 ? names : Object.keys(targets);
  const unknown = chosen.find((name) => !(name in targets));
  if (unknown !== undefined) throw new Error(`no target ${unknown}; there are ${Object.keys(targets).join(', ')}`);
  console.log((await buildAll()).join('\n'));
  for (const target of chosen as Target[]) {
    const file = await packageVsix(target);
    console.log(`${path.basename(file)}  ${((await stat(file)).size / 1e6).toFixed(1)} MB`);
  }
}

if (process.argv[1] === __filename) {
  main(process.argv.slice(2)).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
