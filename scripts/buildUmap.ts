import { mkdir, readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';

const root = path.resolve(__dirname, '..');
const target = path.join(root, 'dist', 'umap.js');

/**
 * UMAP out of embedding-atlas, WebAssembly included, to `dist/umap.js`, unless the one there is of the same version. By path: the package's own entry
 * brings a whole viewer with it, and its exports do not name this file. A file of its own: the engine and the command line share it and load it only
 * when a layout is asked for.
 */
export async function buildUmap(): Promise<void> {
  const folder = path.join(root, 'node_modules', 'embedding-atlas');
  const { version } = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8')) as { version: string };
  const stamp = `/* UMAP of embedding-atlas ${version}, MIT: see notices.txt */`;
  const present = await readFile(target, 'utf8').catch(() => '');
  if (present.startsWith(`${stamp}\n`)) return;
  await mkdir(path.dirname(target), { recursive: true });
  // Tests of another process may be reading the file: it changes from one whole file to another.
  const draft = `${target}.${String(process.pid)}`;
  await build({
    absWorkingDir: root,
    entryPoints: [path.join(folder, 'dist', 'umap.js')],
    outfile: draft,
    banner: { js: stamp },
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    logLevel: 'warning',
    legalComments: 'none',
  });
  await rename(draft, target);
}
