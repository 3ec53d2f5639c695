// The package types its index only, and its index loads every codec.
declare module 'hyparquet-compressors/src/lz4.js' {
  /** LZ4 blocks with or without Hadoop's frame. */
  export function decompressLz4(input: Uint8Array, outputLength: number): Uint8Array;
  export function decompressLz4Raw(input: Uint8Array, outputLength: number): Uint8Array;
}
