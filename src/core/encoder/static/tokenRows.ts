import { open } from 'node:fs/promises';
import { readTensorFloats, readTensorIntegers } from '../../corpus/safetensorsNumbers';
import { IsoscopeError } from '../../protocol/errors';
import { readScattered } from './readScattered';
import type { StaticFolder } from './staticFolder';

/** The rows of a folder's tokens, read where they lie. */
export interface TokenRows {
  /** @throws IsoscopeError `encoder` for a number that is not finite, or when the file was changed */
  read(tokens: Uint32Array, into: Float32Array, at: number): Promise<void>;
  close(): Promise<void>;
}

export async function openTokenRows({ file, rows, mapping }: StaticFolder): Promise<TokenRows> {
  const handle = await open(file);
  const opened = await handle.stat();
  const [rowCount, dimension] = rows.shape;
  const rowByteLength = rows.byteLength / rowCount;
  const numbersOf = rows.dtype === 'I8' ? readTensorIntegers : readTensorFloats;

  function take(token: number, bytes: Uint8Array, into: Float32Array, place: number): void {
    const numbers = numbersOf({ dtype: rows.dtype, shape: [dimension], bytes }, file);
    for (let j = 0; j < dimension; j++) {
      if (!Number.isFinite(numbers[j])) {
        throw new IsoscopeError(
          'encoder',
          `${file}: number ${j + 1} of the vector of token ${token} is ${numbers[j]}.`,
        );
      }
    }
    into.set(numbers, place * dimension);
  }

  return {
    async read(tokens, into, at) {
      const { size, mtimeMs } = await handle.stat();
      const offsets = Float64Array.from(tokens, (token) => rows.offset + (mapping?.[token] ?? token) * rowByteLength);
      const isWhole =
        size === opened.size &&
        mtimeMs === opened.mtimeMs &&
        (await readScattered(handle, offsets, rowByteLength, (i, bytes) => take(tokens[i], bytes, into, at + i)));
      if (!isWhole) {
        throw new IsoscopeError('encoder', `${file} was changed while its vectors were in use: open the folder again.`);
      }
    },
    close: () => handle.close(),
  };
}
