import type { DataReader } from 'hyparquet';
import { readVarInt } from 'hyparquet/src/thrift.js';

/**
 * Decodes Parquet's hybrid of run lengths and bit packing (Parquet format, "Encodings", RLE = 3) into `out`, and leaves the reader behind what was read.
 * A run that is longer than what is wanted counts only as far as it is wanted; empty runs, which some writers leave, take a byte and end with the bytes.
 * @param width bits of a number, 0 … 32
 * @throws RangeError or Error when the bytes end before `out` is full
 */
export function readRunLengths(reader: DataReader, width: number, out: Uint8Array | Uint32Array): void {
  if (width > 32) throw new Error(`numbers of ${width} bits are damaged`);
  let filled = 0;
  while (filled < out.length) {
    const header = readVarInt(reader) >>> 0;
    const wanted = out.length - filled;
    if (header & 1) {
      const count = Math.min((header >>> 1) * 8, wanted);
      readBitPacked(reader, width, out.subarray(filled, filled + count));
      filled += count;
    } else {
      const count = Math.min(header >>> 1, wanted);
      let value = 0;
      for (let i = 0; i < width; i += 8) value |= reader.view.getUint8(reader.offset++) << i;
      out.fill(value >>> 0, filled, filled + count);
      filled += count;
    }
  }
}

/** Least significant bit first, across bytes. */
function readBitPacked(reader: DataReader, width: number, out: Uint8Array | Uint32Array): void {
  const { view } = reader;
  let bits = reader.offset * 8;
  for (let i = 0; i < out.length; i++) {
    let value = 0;
    for (let got = 0; got < width;) {
      const shift = bits & 7;
      const take = Math.min(8 - shift, width - got);
      value |= ((view.getUint8(bits >>> 3) >>> shift) & ((1 << take) - 1)) << got;
      got += take;
      bits += take;
    }
    out[i] = value >>> 0;
  }
  // Groups of eight are whole, so a full run ends at a byte.
  reader.offset = Math.ceil(bits / 8);
}
