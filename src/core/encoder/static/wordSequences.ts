/** Sentences as numbers of rows, each distinct sentence once. */
export interface WordSequences {
  readonly distinct: readonly WordSequence[];
  /** for each sentence its number in `distinct` */
  readonly numberOf: Uint32Array;
}

export interface WordSequence {
  /** rows of the words that are known, in order, repeats included */
  readonly rows: Uint32Array;
  /** words that are not known, in order; empty texts where their spelling is not known either */
  readonly unknown: readonly string[];
  /** whether words were left out because the sentence is too long */
  readonly isTruncated: boolean;
  /** sentences that are equal to this one, itself included */
  readonly repeats: number;
}

/** Sentences between two looks at the signal. */
const SENTENCES_AT_ONCE = 2_000;

/**
 * @param read a sentence's rows and unknown words
 * @param pause is called between pieces of work; throws when the work is cancelled
 */
export async function readSequences(
  sentences: readonly string[],
  read: (sentence: string) => Omit<WordSequence, 'repeats'>,
  pause: () => Promise<void>,
): Promise<WordSequences> {
  const numbers = new Map<string, number>();
  const distinct: (Omit<WordSequence, 'repeats'> & { repeats: number })[] = [];
  const numberOf = new Uint32Array(sentences.length);
  for (let i = 0; i < sentences.length; i++) {
    if (i % SENTENCES_AT_ONCE === 0) await pause();
    const known = numbers.get(sentences[i]);
    if (known === undefined) {
      numberOf[i] = distinct.push({ ...read(sentences[i]), repeats: 1 }) - 1;
      numbers.set(sentences[i], numberOf[i]);
    } else {
      numberOf[i] = known;
      distinct[known].repeats++;
    }
  }
  return { distinct, numberOf };
}
