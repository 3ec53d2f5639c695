import { useEffect, useState } from 'preact/hooks';

/** Sentences by row. The page never has the text of the whole corpus: it asks for the rows that are in sight. */
export interface SentenceSource {
  /** what is known already */
  get(row: number): string | undefined;
  /** Asks for rows that are not known; listeners hear when they are. */
  need(rows: readonly number[]): void;
  subscribe(listener: () => void): () => void;
}

/** The border's limit for one question. */
const ROWS_PER_QUESTION = 500;
/** Wishes within this time become one question. */
const GATHER_MS = 20;
const MAX_REMEMBERED = 5_000;

/**
 * Asks the host lazily and in batches.
 * @param describe answers rows with their sentences, in order
 */
export function createSentenceSource(
  describe: (rows: readonly number[]) => Promise<readonly string[]>,
): SentenceSource {
  const known = new Map<number, string>();
  const asked = new Set<number>();
  const wanted = new Set<number>();
  const listeners = new Set<() => void>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function askForWanted(): Promise<void> {
    timer = undefined;
    const rows = [...wanted];
    wanted.clear();
    for (let start = 0; start < rows.length; start += ROWS_PER_QUESTION) {
      const batch = rows.slice(start, start + ROWS_PER_QUESTION);
      for (const row of batch) asked.add(row);
      try {
        const sentences = await describe(batch);
        batch.forEach((row, i) => known.set(row, sentences[i] ?? ''));
      } catch {
        // The rows stay unknown and are asked for again when they come into sight again.
      }
      for (const row of batch) asked.delete(row);
      for (const row of known.keys()) {
        if (known.size <= MAX_REMEMBERED) break;
        known.delete(row);
      }
      for (const listener of [...listeners]) listener();
    }
  }

  return {
    get: (row) => known.get(row),
    need(rows) {
      for (const row of rows) {
        if (!known.has(row) && !asked.has(row)) wanted.add(row);
      }
      if (wanted.size > 0) timer ??= setTimeout(() => void askForWanted(), GATHER_MS);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** A source that holds everything: the report's. */
export function heldSentences(sentences: readonly string[]): SentenceSource {
  return { get: (row) => sentences[row] ?? '', need: () => undefined, subscribe: () => () => undefined };
}

/** Draws the component anew when one of `rows` becomes known, and asks for those that are not. */
export function useSentences(source: SentenceSource, rows: readonly number[]): (row: number) => string | undefined {
  const [, setVersion] = useState(0);
  useEffect(() => source.subscribe(() => setVersion((version) => version + 1)), [source]);
  const key = rows.join(',');
  useEffect(() => source.need(rows), [source, key]);
  return (row) => source.get(row);
}
