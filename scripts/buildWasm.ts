import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';

const root = path.resolve(__dirname, '..');

/** A folder of src/core/linalg in AssemblyScript, its entry `<entry>.assembly.ts`, and what it becomes: `dist/<entry>.wasm`. */
export interface WasmModule {
  readonly folder: string;
  readonly entry: string;
}

export const wasmModules: readonly WasmModule[] = [
  { folder: 'eigen', entry: 'symmetricEigen' },
  { folder: 'kernels', entry: 'kernels' },
];

/** No imports, no garbage collector: modules keep their own memory. Warning 112 is about SIMD values crossing to JavaScript: none do. */
const compilerFlags = ['-O3', '--runtime', 'stub', '--enable', 'simd', '--noAssert', '--disableWarning', '112'];
/** Name of the custom section that says which sources a binary was made from. */
const stampName = 'isoscope.sources';

/**
 * Compiles our AssemblyScript into `dist/`, unless the binaries there were made from the same sources by the same compiler.
 * @throws Error with the compiler's messages
 */
export async function buildWasm(): Promise<void> {
  // One after the other: the compiler keeps global state.
  for (const module of wasmModules) await buildModule(module);
}

async function buildModule(module: WasmModule): Promise<void> {
  const target = path.join(root, 'dist', `${module.entry}.wasm`);
  const stamp = await stampOfSources(module);
  if ((await stampOf(target)) === stamp) return;
  const binary = stamped(await compileWasm(module), stamp);
  await mkdir(path.dirname(target), { recursive: true });
  // Tests of another process may be reading the file: it changes from one whole file to another.
  const draft = `${target}.${String(process.pid)}`;
  await writeFile(draft, binary);
  await rename(draft, target);
}

/** The WebAssembly of a module, without a stamp. Equal sources give equal bytes. */
export async function compileWasm(module: WasmModule): Promise<Uint8Array> {
  const { default: asc } = await import('assemblyscript/asc');
  const outFile = `${module.entry}.wasm`;
  const written = new Map<string, string | Uint8Array>();
  let messages = '';
  const paths = [`${module.entry}.assembly.ts`, '--baseDir', sourcesOf(module), '--outFile', outFile];
  const { error } = await asc.main([...paths, ...compilerFlags], {
    writeFile: (name, contents) => void written.set(name, contents),
    stderr: { write: (text) => void (messages += String(text)) },
  });
  const binary = written.get(outFile);
  if (error || !(binary instanceof Uint8Array))
    throw new Error(`${outFile} does not compile: ${messages}`, { cause: error });
  return binary;
}

function sourcesOf({ folder }: WasmModule): string {
  return path.join(root, 'src', 'core', 'linalg', folder);
}

async function stampOfSources(module: WasmModule): Promise<string> {
  const hash = createHash('sha256');
  const compiler = await readFile(path.join(root, 'node_modules', 'assemblyscript', 'package.json'), 'utf8');
  hash.update(JSON.stringify([(JSON.parse(compiler) as { version: string }).version, compilerFlags]));
  const sources = sourcesOf(module);
  const names = (await readdir(sources)).filter((name) => name.endsWith('.assembly.ts'));
  for (const name of names.sort()) {
    // A checkout may end its lines in either way.
    const text = (await readFile(path.join(sources, name), 'utf8')).replaceAll('\r\n', '\n');
    hash.update(JSON.stringify([name, text]));
  }
  return hash.digest('hex');
}

async function stampOf(file: string): Promise<string | undefined> {
  try {
    const module = await WebAssembly.compile(await readFile(file));
    const sections = WebAssembly.Module.customSections(module, stampName);
    return sections.map((section) => Buffer.from(section).toString('ascii')).at(0);
  } catch {
    // Missing or damaged: it is built anew.
    return undefined;
  }
}

/** The binary with a custom section at its end: id 0, then length, name and content. Lengths under 128 are one byte each. */
function stamped(binary: Uint8Array, stamp: string): Uint8Array {
  const name = Buffer.from(stampName, 'ascii');
  const content = Buffer.concat([Buffer.from([name.length]), name, Buffer.from(stamp, 'ascii')]);
  return Buffer.concat([binary, Buffer.from([0, content.length]), content]);
}
