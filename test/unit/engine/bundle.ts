import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';

const repository = path.resolve(__dirname, '../../..');

/** Bundles a TypeScript entry point as the build does for the engine. @returns the absolute path of the JavaScript file */
export async function bundleForNode(entry: string, name: string): Promise<string> {
  const folder = path.join(repository, '.cache', 'test-engine');
  mkdirSync(folder, { recursive: true });
  const outfile = path.join(folder, `${name}.js`);
  await build({
    entryPoints: [path.resolve(repository, entry)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    external: ['onnxruntime-node'],
    logLevel: 'error',
  });
  return outfile;
}
