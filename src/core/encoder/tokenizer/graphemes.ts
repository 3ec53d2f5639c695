/**
 * Grapheme clusters of a text (Unicode's extended ones). `Intl.Segmenter` alone takes quadratic time on long texts (71 s for 200,000 characters in Node 20) and 2 µs per
 * character on short ones, so it only sees the stretches in which a cluster can hold more than one character.
 */
export function* graphemes(text: string): Generator<string> {
  for (const { stretch, isSimple } of stretches(text)) {
    if (isSimple) yield* stretch;
    else yield* segment(stretch);
  }
}

const SLICE_LENGTH = 1000;

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

function* segment(stretch: string): Generator<string> {
  for (let start = 0; start < stretch.length;) {
    const end = start + SLICE_LENGTH;
    const clusters = Array.from(segmenter.segment(stretch.slice(start, end)), (cluster) => cluster.segment);
    // The slice may have cut its last cluster: that one comes again at the head of the next slice.
    if (end < stretch.length && clusters.length > 1) clusters.pop();
    for (const cluster of clusters) {
      yield cluster;
      start += cluster.length;
    }
  }
}

/** The text in alternating stretches; between two simple characters there is always a boundary. */
function* stretches(text: string): Generator<{ stretch: string; isSimple: boolean }> {
  let start = 0;
  let isSimpleStretch = true;
  let previous = -1;
  let wasSimple = false;
  for (let i = 0; i < text.length;) {
    const codePoint = text.codePointAt(i)!;
    const isSimple = isSimpleCharacter(codePoint);
    if (isSimpleStretch && !isSimple) {
      // The simple character before it may be its base.
      const base = Math.max(previous, start);
      if (base > start) yield { stretch: text.slice(start, base), isSimple: true };
      start = base;
      isSimpleStretch = false;
    } else if (!isSimpleStretch && isSimple && wasSimple) {
      yield { stretch: text.slice(start, i), isSimple: false };
      start = i;
      isSimpleStretch = true;
    }
    previous = i;
    wasSimple = isSimple;
    i += codePoint > 0xffff ? 2 : 1;
  }
  if (start < text.length) yield { stretch: text.slice(start), isSimple: isSimpleStretch };
}

const simple = /[\p{L}\p{N}\p{P}\p{S}\p{Zs}]/u;
/** Letters and symbols that join a neighbour all the same: emoji, flags, conjoining jamo, Thai and Lao am, letters that join the next one. */
const joining =
  /[\p{Extended_Pictographic}\p{Regional_Indicator}\p{Emoji_Modifier}\p{Grapheme_Extend}\u0e33\u0eb3\u0d4e\u1100-\u11ff\ua960-\ua97c\ud7b0-\ud7fb\u{111c2}\u{111c3}\u{113d1}\u{1193f}\u{11941}\u{11a3a}\u{11a84}-\u{11a89}\u{11d46}\u{11f02}\u{16d63}\u{16d67}-\u{16d6a}]/u;

const known = new Map<number, boolean>();

function isSimpleCharacter(codePoint: number): boolean {
  if (codePoint >= 0x20 && codePoint < 0x7f) return true;
  let isSimple = known.get(codePoint);
  if (isSimple === undefined) {
    const character = String.fromCodePoint(codePoint);
    isSimple = simple.test(character) && !joining.test(character);
    known.set(codePoint, isSimple);
  }
  return isSimple;
}
