import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';

const root = path.resolve(__dirname, '..');
const sources = path.join(root, 'src', 'core', 'linalg', 'eigen');
const entry = 'symmetricEigen.assembly.ts';
const target = path.join(root, 'dist', 'symmetricEigen.wasm');

/** No imports, no garbage collector: the solver keeps its own memory. Warning 112 is about SIMD values crossing to JavaScript: none do. */
const compilerFlags = ['-O3', '--runtime', 'stub', '--enable', 'simd', '--noAssert', '--disableWarning', '112'];
/** Name of the custom section that says which sources a binary was made from. */
const stampName = 'isoscope.sources';

/**
 * Compiles the symmetric eigensolver to `dist/symmetricEigen.wasm`, unless the one there was made from the same sources by the same compiler.
 * @throws Error with the compiler's messages
 */
export async function buildEigenSolver(): Promise<void> {
  const stamp = await stampOfSources();
  if ((await stampOf(target)) === stamp) return;
  const binary = stamped(await compileEigenSolver(), stamp);
  await mkdir(path.dirname(target), { recursive: true });
  // Tests of another process may be reading the file: it changes from one whole file to another.
  const draft = `${target}.${String(process.pid)}`;
  await writeFile(draft, binary);
  await rename(draft, target);
}

/** The WebAssembly of the solver, without a stamp. Equal sources give equal bytes. */
export async function compileEigenSolver(): Promise<Uint8Array> {
  const { default: asc } = await import('assemblyscript/asc');
  const outFile = 'symmetricEigen.wasm';
  const written = new Map<string, string | Uint8Array>();
  let messages = '';
  const { error } = await asc.main([entry, '--baseDir', sources, '--outFile', outFile, ...compilerFlags], {
    writeFile: (name, contents) => void written.set(name, contents),
    stderr: { write: (text) => void (messages += String(text)) },
  });
  const binary = written.get(outFile);
  if (error || !(binary instanceof Uint8Array))
    throw new Error(`the eigensolver does not compile: ${messages}`, { cause: error });
  return binary;
}

async function stampOfSources(): Promise<string> {
  const hash = createHash('sha256');
  const compiler = await readFile(path.join(root, 'node_modules', 'assemblyscript', 'package.json'), 'utf8');
  hash.update(JSON.stringify([(JSON.parse(compiler) as { version: string }).version, compilerFlags]));
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
