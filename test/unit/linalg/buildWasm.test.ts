import { execFile } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { buildWasm, type WasmModule, wasmModules } from '../../../scripts/buildWasm';
import { resourcePath } from '../../../src/core/resources';

const fileOf = ({ entry }: WasmModule) => resourcePath('dist', `${entry}.wasm`);

const exported: Readonly<Record<string, readonly string[]>> = {
  symmetricEigen: ['memory', 'reserve', 'decompose', 'valuesAddress', 'vectorsAddress'],
  kernels: ['memory', 'reserve', 'addColumnSums', 'addRows', 'widen', 'narrow', 'subtractFromRows', 'scaleColumns'],
};

/** Compiles in a process of its own: the compiler blocks for seconds, and a second process may well do something in another order. */
async function compileElsewhere(module: WasmModule): Promise<Buffer> {
  const script = JSON.stringify(resourcePath('scripts', 'buildWasm.ts'));
  const code = `require(${script}).compileWasm(${JSON.stringify(module)}).then((binary) => process.stdout.write(binary))`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', '-e', code], {
    cwd: resourcePath(),
    encoding: 'buffer',
    maxBuffer: 2 ** 22,
  });
  return stdout;
}

it('leaves binaries alone that were made from these sources', async () => {
  const before = wasmModules.map((module) => statSync(fileOf(module)));
  await buildWasm();
  wasmModules.forEach((module, at) => {
    expect(statSync(fileOf(module)).mtimeMs).toBe(before[at].mtimeMs);
    expect(statSync(fileOf(module)).ino).toBe(before[at].ino);
  });
});

describe.each(wasmModules.map((module) => [module.entry, module] as const))('%s.wasm', (entry, module) => {
  it('has equal bytes for equal sources, and its stamp after them', async () => {
    const compiled = await compileElsewhere(module);
    const built = readFileSync(fileOf(module));
    expect(built.subarray(0, compiled.length).equals(compiled)).toBe(true);
    expect(built.subarray(compiled.length).toString('latin1')).toMatch(/^...isoscope\.sources[0-9a-f]{64}$/s);
  }, 120_000);

  it('needs nothing from outside', async () => {
    const compiled = await WebAssembly.compile(readFileSync(fileOf(module)));
    expect(WebAssembly.Module.imports(compiled)).toEqual([]);
    expect(WebAssembly.Module.exports(compiled).map(({ name }) => name)).toEqual(
      expect.arrayContaining([...exported[entry]]),
    );
  });
});
