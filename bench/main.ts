import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';

/** Runs every benchmark of this folder, or those named: each prints our time beside its peers' in the same run. */
const named = process.argv.slice(2);
const all = readdirSync(__dirname)
  .filter((file) => file.endsWith('.ts') && file !== 'main.ts')
  .map((file) => file.slice(0, -3));
const unknown = named.find((name) => !all.includes(name));
if (unknown !== undefined) {
  console.error(`no benchmark ${unknown}; there are ${all.join(', ')}`);
  process.exit(2);
}
for (const name of named.length > 0 ? named : all) {
  console.log(`\n── ${name}`);
  const run = spawnSync(process.execPath, ['--import', 'tsx', path.join(__dirname, `${name}.ts`)], {
    stdio: 'inherit',
  });
  if (run.status !== 0) process.exitCode = 1;
}
