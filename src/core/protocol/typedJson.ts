/**
 * JSON that carries typed arrays: {"$typed":"Float32Array","base64":"…"}, little-endian. For the report page, where there is no structured clone.
 * Pure: the same in a browser and in Node.
 */

const CONSTRUCTORS = {
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
};

type TypedArrayName = keyof typeof CONSTRUCTORS;
type TypedArray = InstanceType<(typeof CONSTRUCTORS)[TypedArrayName]>;

/**
 * `JSON.stringify` for data with typed arrays in it.
 * @throws TypeError for a NaN or an infinity outside a typed array: JSON would silently make it null
 */
export function stringifyTyped(value: unknown): string {
  return JSON.stringify(value, (key, part: unknown) => {
    if (typeof part === 'number' && !Number.isFinite(part)) throw new TypeError(`${key} is ${part}: not JSON`);
    if (!ArrayBuffer.isView(part) || part instanceof DataView) return part;
    const bytes = new Uint8Array(part.buffer, part.byteOffset, part.byteLength);
    // A Buffer is a Uint8Array whose toJSON has spoken already; every other array names itself.
    return { $typed: part.constructor.name, base64: encodeBase64(bytes) };
  });
}

/**
 * The value behind the text of `stringifyTyped`.
 * @throws SyntaxError when it is no JSON, names an unknown kind of array, or holds bytes that are not whole elements
 */
export function parseTyped(text: string): unknown {
  return JSON.parse(text, (_key, part: unknown) => {
    if (typeof part !== 'object' || part === null || !('$typed' in part)) return part;
    const { $typed, base64 } = part as { $typed: unknown; base64?: unknown };
    if (typeof $typed !== 'string' || !Object.hasOwn(CONSTRUCTORS, $typed) || typeof base64 !== 'string') {
      throw new SyntaxError(`unknown typed array: ${String($typed)}`);
    }
    return decodeArray($typed as TypedArrayName, base64);
  });
}

function decodeArray(name: TypedArrayName, base64: string): TypedArray {
  const bytes = decodeBase64(base64);
  const Constructor = CONSTRUCTORS[name];
  if (bytes.length % Constructor.BYTES_PER_ELEMENT !== 0) throw new SyntaxError(`bytes of a ${name} are missing`);
  return new Constructor(bytes.buffer);
}

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
/** Three bytes become four digits; a string of this many groups is joined at once. */
const GROUPS_PER_PIECE = 8192;

function encodeBase64(bytes: Uint8Array): string {
  const pieces: string[] = [];
  for (let start = 0; start < bytes.length; start += 3 * GROUPS_PER_PIECE) {
    let piece = '';
    const end = Math.min(start + 3 * GROUPS_PER_PIECE, bytes.length);
    for (let i = start; i < end; i += 3) {
      // Past the end there is undefined, which the bit operators read as 0.
      const [a, b, c] = [bytes[i], bytes[i + 1], bytes[i + 2]];
      piece += DIGITS.charAt(a >> 2) + DIGITS.charAt(((a & 3) << 4) | (b >> 4));
      piece += i + 1 < end ? DIGITS.charAt(((b & 15) << 2) | (c >> 6)) : '=';
      piece += i + 2 < end ? DIGITS.charAt(c & 63) : '=';
    }
    pieces.push(piece);
  }
  return pieces.join('');
}

function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  const body = text.replace(/=+$/, '');
  const bytes = new Uint8Array(Math.floor((body.length * 3) / 4));
  let filled = 0;
  let bits = 0;
  let bitCount = 0;
  for (let i = 0; i < body.length; i++) {
    const digit = VALUES[body.charCodeAt(i)] ?? 255;
    if (digit === 255) throw new SyntaxError(`not base64: ${body.charAt(i)}`);
    bits = ((bits << 6) | digit) & 0xfff;
    bitCount += 6;
    if (bitCount >= 8) {
      bitCount -= 8;
      bytes[filled++] = (bits >> bitCount) & 0xff;
    }
  }
  return bytes;
}

/** Digit of each ASCII code, 255 for none. */
const VALUES = new Uint8Array(128).fill(255);
for (let i = 0; i < 64; i++) VALUES[DIGITS.charCodeAt(i)] = i;
