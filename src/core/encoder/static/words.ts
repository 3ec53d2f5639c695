/** White space of Python's `str.split`: JavaScript's `\s` lacks the separators U+001C … U+001F (of category B and S) and U+0085, and has U+FEFF. */
// eslint-disable-next-line no-control-regex -- the separators are meant
const whiteSpace = /[\p{White_Space}\u001c-\u001f]+/u;

/** A sentence's words as they stand; punctuation stays glued to its word. */
export function splitWords(sentence: string): string[] {
  return sentence.split(whiteSpace).filter((word) => word !== '');
}

/** From this share of words with a capital letter on, a vocabulary counts as cased. GloVe 6B has none, GoogleNews more than half; single ones get into any file. */
const CASED_SHARE = 0.01;

export function isCasedVocabulary(capitalized: number, count: number): boolean {
  return capitalized >= CASED_SHARE * count;
}

/**
 * How a word of a sentence is looked up. The usual rule of averaged word vectors is the lower-cased word. A vocabulary that tells "May" from "may" would lose half its words
 * to that, so there the word is tried as it stands first.
 * @param find number of a word of the vocabulary, or −1
 * @returns the same for a word of a sentence; remembers what it has seen
 */
export function createWordFinder(find: (word: string) => number, isCased: boolean): (word: string) => number {
  const known = new Map<string, number>();
  return (word) => {
    let number = known.get(word);
    if (number === undefined) {
      number = isCased ? find(word) : -1;
      if (number < 0) number = find(word.toLowerCase());
      known.set(word, number);
    }
    return number;
  };
}
