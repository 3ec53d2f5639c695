import { IsoscopeError } from '../../protocol/errors';
import { graphemes } from './graphemes';

/**
 * The character map of a sentencepiece model (`precompiled_charsmap`), as Rust's `spm_precompiled` reads it: a double-array trie from UTF-8 byte strings to
 * positions in a list of NUL-terminated replacements. `@huggingface/tokenizers` replaces it by NFKC and a list of spaces, which differs for U+0085, U+200C, U+200D …
 */
export interface Charsmap {
  normalize(text: string): string;
}

/** Longer grapheme clusters are replaced character by character (`grapheme.len() < 6` in the reference, in UTF-8 bytes). */
const CLUSTER_BYTE_LIMIT = 6;

const printableAscii = /^[ -~]*$/;

/**
 * @param base64 the value of `precompiled_charsmap`
 * @throws IsoscopeError `encoder` when the map is cut or inconsistent
 */
export function readCharsmap(base64: string): Charsmap {
  const bytes = Buffer.from(base64, 'base64');
  const trieBytes = bytes.length >= 4 ? bytes.readUInt32LE(0) : -1;
  if (trieBytes < 4 || trieBytes % 4 !== 0 || 4 + trieBytes > bytes.length) {
    throw new IsoscopeError('encoder', 'The precompiled_charsmap of tokenizer.json is damaged: take the file anew.');
  }
  const units = new Uint32Array(trieBytes / 4);
  for (let i = 0; i < units.length; i++) units[i] = bytes.readUInt32LE(4 + 4 * i);
  const replacements = bytes.subarray(4 + trieBytes);
  const known = new Map<string, string>();

  /** The replacement of the SHORTEST prefix of `chunk` that the map knows; `chunk` itself when it knows none. */
  function replace(chunk: string): string {
    const seen = known.get(chunk);
    if (seen !== undefined) return seen;
    const start = findShortestPrefix(units, Buffer.from(chunk, 'utf8'));
    const replacement = start < 0 ? chunk : readText(replacements, start);
    known.set(chunk, replacement);
    return replacement;
  }

  return {
    normalize(text) {
      // Every printable ASCII character is a cluster of its own when nothing but ASCII surrounds it.
      if (printableAscii.test(text)) return mapCharacters(text, replace);
      let result = '';
      for (const cluster of graphemes(text)) {
        const isShort = cluster.length < CLUSTER_BYTE_LIMIT && Buffer.byteLength(cluster) < CLUSTER_BYTE_LIMIT;
        const whole = isShort ? replace(cluster) : cluster;
        result += whole === cluster ? mapCharacters(cluster, replace) : whole;
      }
      return result;
    },
  };
}

function mapCharacters(text: string, replace: (character: string) => string): string {
  let result = '';
  for (const character of text) result += replace(character);
  return result;
}

/** Position of the replacement in the list, or −1. Units as in the Darts-clone library: offset, label and leaf flag packed in 32 bits. */
function findShortestPrefix(units: Uint32Array, key: Uint8Array): number {
  let node = offsetOf(units[0]);
  for (const byte of key) {
    if (byte === 0) return -1;
    node ^= byte;
    if (node >= units.length) return -1;
    const unit = units[node];
    if ((unit & 0x800000ff) >>> 0 !== byte) return -1;
    node ^= offsetOf(unit);
    if ((unit >>> 8) & 1) return node < units.length ? units[node] & 0x7fffffff : -1;
  }
  return -1;
}

function offsetOf(unit: number): number {
  return (unit >>> 10) << ((unit & 0x200) >>> 6);
}

function readText(list: Buffer, start: number): string {
  const end = list.indexOf(0, start);
  return list.toString('utf8', start, end < 0 ? list.length : end);
}
