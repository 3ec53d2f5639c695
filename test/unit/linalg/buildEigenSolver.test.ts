import { execFile } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { buildEigenSolver } from '../../../scripts/buildEigenSolver';
import { resourcePath } from '../../../src/core/resources';

const file = resourcePath('dist', 'symmetricEigen.wasm');

/** Compiles in a process of its own: the compiler blocks for seconds, and a second process may well do something in another order. */
async function compileElsewhere(): Promise<Buffer> {
  const script = JSON.stringify(resourcePath('scripts', 'buildEigenSolver.ts'));
  const code = `require(${script}).compileEigenSolver().then((binary) => process.stdout.write(binary))`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', '-e', code], {
    cwd: resourcePath(),
    encoding: 'buffer',
  });
  return stdout;
}

describe('buildEigenSolver', () => {
  it('leaves a binary alone that was made from these sources', async () => {
    const before = statSync(file);
    await buildEigenSolver();
    expect(statSync(file).mtimeMs).toBe(before.mtimeMs);
    expect(statSync(file).ino).toBe(before.ino);
  });

  it('gives equal bytes for equal sources, and its stamp after them', async () => {
    const compiled = await compileElsewhere();
    const built = readFileSync(file);
    expect(built.subarray(0, compiled.length).equals(compiled)).toBe(true);
    expect(built.subarray(compiled.length).toString('latin1')).toMatch(/^...isoscope\.sources[0-9a-f]{64}$/s);
  }, 120_000);

  it('makes a module that needs nothing from outside', async () => {
    const module = await WebAssembly.compile(readFileSync(file));
    expect(WebAssembly.Module.imports(module)).toEqual([]);
    expect(WebAssembly.Module.exports(module).map(({ name }) => name)).toEqual(
      expect.arrayContaining(['memory', 'reserve', 'decompose', 'valuesAddress', 'vectorsAddress']),
    );
  });
});
