/** Reading and writing of protobuf's wire format, as much of it as ONNX files need. */

export type Field =
  | { readonly number: number; readonly kind: 'varint'; readonly value: number }
  /** bytes, text, or a message within: `bytes` shares the memory of the message around it */
  | { readonly number: number; readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly number: number; readonly kind: 'fixed'; readonly bytes: Uint8Array };

/**
 * The fields of a message in their order.
 * @throws RangeError where the bytes are no protobuf message or are cut
 */
export function* readFields(message: Uint8Array): Generator<Field> {
  const reader = { bytes: message, position: 0 };
  while (reader.position < message.length) yield readField(reader);
}

/**
 * A message without its fields of one number: the pieces between them, sharing its memory.
 * @throws RangeError as `readFields`
 */
export function withoutFields(message: Uint8Array, number: number): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  const reader = { bytes: message, position: 0 };
  let kept = 0;
  while (reader.position < message.length) {
    const start = reader.position;
    const isUnwanted = readField(reader).number === number;
    if (!isUnwanted) continue;
    if (start > kept) pieces.push(message.subarray(kept, start));
    kept = reader.position;
  }
  if (message.length > kept) pieces.push(message.subarray(kept));
  return pieces;
}

/** Numbers of a packed repeated field. */
export function readPackedVarints(bytes: Uint8Array): number[] {
  const reader = { bytes, position: 0 };
  const values: number[] = [];
  while (reader.position < bytes.length) values.push(readVarint(reader));
  return values;
}

interface Reader {
  readonly bytes: Uint8Array;
  position: number;
}

function readField(reader: Reader): Field {
  const tag = readVarint(reader);
  const number = Math.floor(tag / 8);
  switch (tag % 8) {
    case 0:
      return { number, kind: 'varint', value: readVarint(reader) };
    case 1:
      return { number, kind: 'fixed', bytes: readBytes(reader, 8) };
    case 2:
      return { number, kind: 'bytes', bytes: readBytes(reader, readVarint(reader)) };
    case 5:
      return { number, kind: 'fixed', bytes: readBytes(reader, 4) };
    default:
      throw new RangeError(`no protobuf wire type: ${String(tag % 8)} at byte ${String(reader.position)}`);
  }
}

/** Exact below 2^53; larger ones (negative numbers) come out rounded. */
function readVarint(reader: Reader): number {
  let value = 0;
  for (let scale = 1; scale < 2 ** 70; scale *= 128) {
    if (reader.position >= reader.bytes.length) throw new RangeError('the message is cut inside a number');
    const byte = reader.bytes[reader.position++];
    value += (byte & 127) * scale;
    if (byte < 128) return value;
  }
  throw new RangeError('a number takes more than ten bytes');
}

function readBytes(reader: Reader, length: number): Uint8Array {
  const start = reader.position;
  if (start + length > reader.bytes.length) throw new RangeError('the message is cut');
  reader.position = start + length;
  return reader.bytes.subarray(start, start + length);
}

/** A field that holds bytes, a text or a message. */
export function writeBytesField(number: number, content: string | Uint8Array): Uint8Array {
  const bytes = Buffer.from(content);
  return Buffer.concat([writeVarint(number * 8 + 2), writeVarint(bytes.length), bytes]);
}

function writeVarint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  bytes.push(rest);
  return Uint8Array.from(bytes);
}
