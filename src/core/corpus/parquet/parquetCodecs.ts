import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { decompress as decompressZstd } from 'fzstd';
import type { CompressionCodec } from 'hyparquet';
import { snappyUncompress } from 'hyparquet/src/snappy.js';
import { decompressLz4, decompressLz4Raw } from 'hyparquet-compressors/src/lz4.js';

/**
 * Unpacks a page into exactly as many bytes as its header says: no codec allocates more than that, whatever the packed bytes claim.
 * @throws Error for damaged bytes, another length, or a codec that is not known
 */
export function unpackPage(packed: Uint8Array, byteLength: number, codec: CompressionCodec): Uint8Array {
  const unpacked = unpack(packed, byteLength, codec);
  if (unpacked.length !== byteLength) {
    throw new Error(`a page has ${unpacked.length} bytes where its header says ${byteLength}`);
  }
  return unpacked;
}

function unpack(packed: Uint8Array, byteLength: number, codec: CompressionCodec): Uint8Array {
  if (codec === 'UNCOMPRESSED') return packed;
  if (byteLength === 0) return new Uint8Array(0);
  switch (codec) {
    case 'SNAPPY': {
      const out = new Uint8Array(byteLength);
      snappyUncompress(packed, out);
      return out;
    }
    case 'GZIP':
      return gunzipSync(packed, { maxOutputLength: byteLength });
    case 'BROTLI':
      return brotliDecompressSync(packed, { maxOutputLength: byteLength });
    case 'ZSTD': {
      const out = new Uint8Array(byteLength);
      decompressZstd(packed, out);
      return out;
    }
    case 'LZ4':
      return decompressLz4(packed, byteLength);
    case 'LZ4_RAW':
      return decompressLz4Raw(packed, byteLength);
    default:
      throw new Error(`its pages are packed by ${codec}, which cannot be read`);
  }
}
