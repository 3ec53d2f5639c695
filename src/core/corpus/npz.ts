import { IsoscopeError } from '../protocol/errors';
import { NPY_HEADER_BYTES, type NpyArray, readNpy, readNpyHeader } from './npy';
import { listNames } from './vectorSource';
import { listZip, unpackZipEntry, type ZipEntry } from './zip';

/**
 * Reads one matrix of a .npz archive (`numpy.savez`, `numpy.savez_compressed`).
 * @param array name of the array, as NumPy shows it (without ".npy"); may be left out when the archive holds one only
 * @param name of the archive, for errors
 * @throws IsoscopeError `input` for a damaged archive or an array that `readNpy` refuses; `usage` when the array is not named and there are several, or is not there
 */
export function readNpz(bytes: Uint8Array, name: string, array?: string): NpyArray {
  const entry = chooseEntry(arrayEntries(bytes, name), name, array);
  const entryName = `${name}: array ${arrayName(entry)}`;
  // The header comes first: an array of the wrong type or length is refused before it is unpacked.
  const front = unpackZipEntry(bytes, entry, name, NPY_HEADER_BYTES);
  const { dataOffset, dataByteLength } = readNpyHeader(front, entryName);
  if (dataOffset + dataByteLength !== entry.byteLength) {
    throw new IsoscopeError(
      'input',
      `${entryName} is damaged: its header asks for ${dataOffset + dataByteLength} bytes and the archive has ${entry.byteLength}.`,
    );
  }
  return readNpy(unpackZipEntry(bytes, entry, name), entryName);
}

/**
 * Names of the arrays that `readNpz` would read: those with two axes of floating-point numbers, as far as their headers say.
 * @throws IsoscopeError `input` for a damaged archive
 */
export function listNpzMatrices(bytes: Uint8Array, name: string): readonly string[] {
  return arrayEntries(bytes, name)
    .filter((entry) => isMatrix(bytes, entry, name))
    .map(arrayName);
}

function arrayEntries(bytes: Uint8Array, name: string): readonly ZipEntry[] {
  return listZip(bytes, name).filter((entry) => entry.path.endsWith('.npy'));
}

function isMatrix(bytes: Uint8Array, entry: ZipEntry, name: string): boolean {
  try {
    readNpyHeader(unpackZipEntry(bytes, entry, name, NPY_HEADER_BYTES), name);
    return true;
  } catch (error) {
    if (error instanceof IsoscopeError) return false;
    throw error;
  }
}

function arrayName(entry: ZipEntry): string {
  return entry.path.replace(/\.npy$/, '');
}

function chooseEntry(entries: readonly ZipEntry[], name: string, array: string | undefined): ZipEntry {
  const names = entries.map(arrayName);
  if (entries.length === 0) throw new IsoscopeError('input', `${name} holds no NumPy array.`);
  if (array === undefined) {
    if (entries.length === 1) return entries[0];
    throw new IsoscopeError('usage', `${name} holds several arrays: choose one with --array (${listNames(names)}).`);
  }
  const chosen = entries.at(names.indexOf(array.replace(/\.npy$/, '')));
  if (!chosen || !names.includes(array.replace(/\.npy$/, ''))) {
    throw new IsoscopeError('usage', `${name} holds no array named ${array}; it has ${listNames(names)}.`);
  }
  return chosen;
}
