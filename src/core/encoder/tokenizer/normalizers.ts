import { ReplaceNormalizer } from '@huggingface/tokenizers';
import { IsoscopeError } from '../../protocol/errors';
import { objectsAt, textAt, type JsonObject } from '../jsonObject';
import { toByteCharacters } from './byteCharacters';
import { readCharsmap } from './charsmap';

/** Text → text, before it is cut into words. */
export type Normalize = (text: string) => string;

/**
 * The `normalizer` of a tokenizer.json with the ids of the reference (Rust `tokenizers`). The library's own normalisers differ: CJK beyond U+FFFF is not set
 * apart, a final Σ becomes ς, a character map is replaced by NFKC, `\s` is JavaScript's. What remains different are characters that Unicode assigned after the
 * tables in the reference (Unicode 8 for punctuation and marks): Node.js knows them, the reference does not.
 * @throws IsoscopeError `encoder` for a type that is unknown
 */
export function createNormalizer(config: JsonObject | null): Normalize {
  if (config === null) return (text) => text;
  const type = textAt(config, 'type') ?? '';
  switch (type) {
    case 'Sequence': {
      const steps = objectsAt(config, 'normalizers').map(createNormalizer);
      return (text) => steps.reduce((current, step) => step(current), text);
    }
    case 'BertNormalizer':
      return createBertNormalizer(config);
    case 'Precompiled': {
      const map = readCharsmap(textAt(config, 'precompiled_charsmap') ?? '');
      return (text) => map.normalize(text);
    }
    case 'NFC':
    case 'NFD':
    case 'NFKC':
    case 'NFKD':
      return (text) => text.normalize(type);
    case 'Lowercase':
      return lowerCase;
    case 'StripAccents':
      return (text) => text.replace(/\p{M}/gu, '');
    case 'Strip':
      return createStrip(config['strip_left'] !== false, config['strip_right'] !== false);
    case 'Prepend': {
      const prefix = textAt(config, 'prepend') ?? '';
      return (text) => (text === '' ? text : prefix + text);
    }
    case 'Replace':
      return createReplace(config);
    case 'Nmt':
      return (text) => text.replace(nmtRemoved, '').replace(nmtSpaces, ' ');
    case 'ByteLevel':
      return toByteCharacters;
    default:
      throw new IsoscopeError(
        'encoder',
        `tokenizer.json asks for the normaliser "${type}", which Isoscope does not know.`,
      );
  }
}

/** Character by character, as Rust does: JavaScript alone turns a Σ at the end of a word into ς. */
export function lowerCase(text: string): string {
  return text.replaceAll('Σ', 'σ').toLowerCase();
}

const plainAscii = /^[ -~]*$/;
const bertRemoved = /(?![\t\n\r])\p{Cc}|[\p{Cf}\p{Co}\p{Cs}\ufffd]/gu;
const bertSpaces = /\p{White_Space}/gu;
/** The blocks that BERT calls Chinese. U+2B820 … U+2B91F are missing in the reference, too. */
const chinese =
  /[\u4e00-\u9fff\u3400-\u4dbf\u{20000}-\u{2a6df}\u{2a700}-\u{2b73f}\u{2b740}-\u{2b81f}\u{2b920}-\u{2ceaf}\uf900-\ufaff\u{2f800}-\u{2fa1f}]/gu;
// eslint-disable-next-line no-control-regex -- the characters that sentencepiece's NMT rules remove
const nmtRemoved = /[\x01-\x08\x0b\x0e-\x1f\x7f\x8f\x9f]/g;
const nmtSpaces = /[\t\n\f\r\u1680\u200b-\u200f\u2028\u2029\u2581\ufeff\ufffd]/g;

function createBertNormalizer(config: JsonObject): Normalize {
  const isCleaned = config['clean_text'] !== false;
  const setsChineseApart = config['handle_chinese_chars'] !== false;
  const isLowered = config['lowercase'] !== false;
  const stripAccents = config['strip_accents'];
  const isStripped = typeof stripAccents === 'boolean' ? stripAccents : isLowered;
  return (text) => {
    if (plainAscii.test(text)) return isLowered ? text.toLowerCase() : text;
    let result = text;
    if (isCleaned) result = result.replace(bertRemoved, '').replace(bertSpaces, ' ');
    if (setsChineseApart) result = result.replace(chinese, ' $& ');
    if (isStripped) result = result.normalize('NFD').replace(/\p{Mn}/gu, '');
    return isLowered ? lowerCase(result) : result;
  };
}

function createStrip(left: boolean, right: boolean): Normalize {
  return (text) => {
    let result = text;
    if (left) result = result.replace(/^\p{White_Space}+/u, '');
    return right ? trimEnd(result) : result;
  };
}

/** Without the white space at the end. By hand: `/\s+$/` takes quadratic time on long runs of spaces inside a text. */
export function trimEnd(text: string): string {
  let end = text.length;
  while (end > 0 && /\p{White_Space}/u.test(text[end - 1])) end--;
  return text.slice(0, end);
}

function createReplace(config: JsonObject): Normalize {
  const content = textAt(config, 'content') ?? '';
  // The library translates Oniguruma's regular expressions to JavaScript's.
  const { pattern } = new ReplaceNormalizer(config as unknown as ConstructorParameters<typeof ReplaceNormalizer>[0]);
  if (!pattern) throw new IsoscopeError('encoder', 'A Replace step of tokenizer.json has no pattern.');
  // A function: in a text, "$&" and the like would be read as references.
  return (text) => text.replace(pattern, () => content);
}
