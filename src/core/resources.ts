import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

let root: string | undefined;

/** The folder of Isoscope's own package.json, seen from `src/` (tests), from `dist/` (command line) and from an installed extension. */
export function packageRoot(): string {
  root ??= findPackageRoot(__dirname);
  return root;
}

/** Absolute path of a file that ships with Isoscope, e.g. `resourcePath('media', 'models')`. */
export function resourcePath(...parts: readonly string[]): string {
  return path.join(packageRoot(), ...parts);
}

function findPackageRoot(start: string): string {
  for (let folder = start; ; folder = path.dirname(folder)) {
    const manifest = path.join(folder, 'package.json');
    if (existsSync(manifest)) {
      const { name } = JSON.parse(readFileSync(manifest, 'utf8')) as { name?: string };
      if (name === 'isoscope') return folder;
    }
    if (folder === path.dirname(folder)) throw new Error(`no package.json of isoscope above ${start}`);
  }
}
