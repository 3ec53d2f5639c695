/** Takes a file of word vectors piece by piece. */
export interface VectorParser {
  /**
   * Reads the vectors that lie whole in `bytes`.
   * @param isLast nothing follows
   * @returns how many bytes are done with: the rest comes again, at the front of the next call
   * @throws IsoscopeError `encoder` naming line or word
   */
  take(bytes: Buffer, isLast: boolean): number;
}

/** Receives what a parser reads. */
export interface VectorSink {
  /**
   * One vector. `row` is reused for the next one.
   * @param bytes the word, `bytes[start]` … `bytes[end − 1]`
   * @param offset of the row in the file, where it stands there as float32 numbers; else −1
   */
  add(bytes: Buffer, start: number, end: number, row: Float32Array, offset: number): void;
}
