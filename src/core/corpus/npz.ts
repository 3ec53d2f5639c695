import { IsoscopeError } from '../protocol/errors';
import { NPY_HEADER_BYTES, type NpyArray, readNpy, readNpyHeader } from './npy';
import { listZip, unpackZipEntry, type ZipEntry } from './zip';

/**
 * Reads one matrix of a .npz archive (`numpy.savez`, `numpy.savez_compressed`).
 * @param array name of the array, as NumPy shows it (without ".npy"); may be left out when the archive holds one only
 * @param name of the archive, for errors
 * @throws IsoscopeError `input` for a damaged archive or an array that `readNpy` refuses; `usage` when the array is not named and there are several, or is not there
 */
export function readNpz(bytes: Uint8Array, name: string, array?: string): NpyArray {
  const entries = listZip(bytes, name).filter((entry) => entry.path.endsWith('.npy'));
  const entry = chooseEntry(entries, name, array);
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

function arrayName(entry: ZipEntry): string {
  return entry.path.replace(/\.npy$/, '');
}

function chooseEntry(entries: readonly ZipEntry[], name: string, array: string | undefined): ZipEntry {
  const names = entries.map(arrayName);
  const list = names.length > 20 ? `${names.slice(0, 20).join(', ')} and ${names.length - 20} more` : names.join(', ');
  if (entries.length === 0) throw new IsoscopeError('input', `${name} holds no NumPy array.`);
  if (array === undefined) {
    if (entries.length === 1) return entries[0];
    throw new IsoscopeError('usage', `${name} holds several arrays: choose one with --array (${list}).`);
  }
  const chosen = entries[names.indexOf(array.replace(/\.npy$/, ''))];
  if (!names.includes(array.replace(/\.npy$/, ''))) {
    throw new IsoscopeError('usage', `${name} holds no array named ${array}; it has ${list}.`);
  }
  return chosen;
}
