import type { Matrix } from '../linalg/matrix';
import { IsoscopeError } from '../protocol/errors';
import { readNpy } from './npy';
import { readNpz } from './npz';
import { readBytes, STANDARD_INPUT } from './readBytes';

/**
 * Reads ready vectors, one row per sentence: a .npy file, or a .npz archive (recognised by its first bytes, whatever its name).
 * @param array name of the array in a .npz archive that holds several
 * @throws IsoscopeError `input` for a file that cannot be used, has no rows or columns, or holds NaN or an infinity (naming the row, from 1)
 */
export async function readVectorFile(
  path: string,
  options: { readonly array?: string; readonly signal?: AbortSignal } = {},
): Promise<{ vectors: Matrix; bytes: Uint8Array }> {
  const name = path === '-' ? STANDARD_INPUT : path;
  const bytes = await readBytes(path, options);
  const isZip = bytes[0] === 0x50 && bytes[1] === 0x4b;
  if (options.array !== undefined && !isZip) {
    throw new IsoscopeError('usage', `--array names an array of a .npz archive, and ${name} is not one.`);
  }
  const { data, rows, columns } = isZip ? readNpz(bytes, name, options.array) : readNpy(bytes, name);
  if (rows === 0 || columns === 0) {
    throw new IsoscopeError('input', `${name} holds no vectors: its shape is (${rows}, ${columns}).`);
  }
  const vectors = { data, rows, columns };
  checkFinite(vectors, name);
  return { vectors, bytes };
}

function checkFinite({ data, columns }: Matrix, name: string): void {
  for (let i = 0; i < data.length; i++) {
    if (Number.isFinite(data[i])) continue;
    const what = Number.isNaN(data[i]) ? 'not a number (NaN)' : 'infinite';
    throw new IsoscopeError(
      'input',
      `${name}, row ${Math.floor(i / columns) + 1}: column ${(i % columns) + 1} is ${what}; every number must be finite.`,
    );
  }
}
