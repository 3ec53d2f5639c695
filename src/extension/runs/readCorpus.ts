import { readSentences } from '../../core/corpus/sentences';
import { IsoscopeError } from '../../core/protocol/errors';
import type { L10n } from '../l10n';

/** The sentences of a document and the line (from 0) of each. */
export interface Corpus {
  readonly sentences: readonly string[];
  readonly lines: Uint32Array;
}

export interface CorpusOptions {
  /** what messages call the document */
  readonly title: string;
  /** which lines to read; `null` = all */
  readonly isInScope: ((line: number) => boolean) | null;
  readonly maxLines: number;
  readonly l10n: L10n;
}

/** More control or replacement characters than this share mean bytes that only happen to open as text. */
const BINARY_SHARE = 0.1;
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const NO_TEXT = /[\x00-\x06\x0e-\x1a\ufffd]/g;

/**
 * Sentences of a document's text by the one rule of `readSentences`, refused where no geometry can come of them.
 * @throws IsoscopeError `input`: empty, one sentence, all equal, binary, too many; one sentence with a way on
 */
export function readCorpus(text: string, { title, isInScope, maxLines, l10n }: CorpusOptions): Corpus {
  const refuse = (message: string): never => {
    throw new IsoscopeError('input', message);
  };
  if (isBinary(text)) refuse(l10n.t('"{0}" is a binary file: open a text file with one sentence per line.', title));
  const { sentences, lines } = inScope(readSentences(text), isInScope);
  const [first] = sentences;
  if (first === undefined) {
    refuse(
      isInScope === null
        ? l10n.t('"{0}" has no text: write one sentence per line, then analyse again.', title)
        : l10n.t('The selection in "{0}" has no text: select lines with sentences, then analyse again.', title),
    );
  }
  if (sentences.length === 1) {
    refuse(
      isInScope === null
        ? l10n.t('"{0}" has one sentence and a geometry needs two or more: put each sentence on its own line.', title)
        : l10n.t('The selection in "{0}" has one sentence and a geometry needs two or more: select more lines.', title),
    );
  }
  if (sentences.length > maxLines) {
    refuse(
      l10n.t(
        '"{0}" has {1} sentences, more than the setting isoscope.maxLines allows ({2}): raise it, or analyse a selection.',
        title,
        sentences.length,
        maxLines,
      ),
    );
  }
  if (sentences.every((sentence) => sentence === first)) {
    refuse(
      l10n.t(
        'All {0} sentences of "{1}" are the same text and have no geometry: add other sentences.',
        sentences.length,
        title,
      ),
    );
  }
  return { sentences, lines };
}

function inScope(all: Corpus, isInScope: CorpusOptions['isInScope']): Corpus {
  if (isInScope === null) return all;
  const rows = [...all.lines.keys()].filter((row) => isInScope(all.lines[row]!));
  return { sentences: rows.map((row) => all.sentences[row]!), lines: Uint32Array.from(rows, (row) => all.lines[row]!) };
}

function isBinary(text: string): boolean {
  const front = text.slice(0, 65_536);
  return (front.match(NO_TEXT)?.length ?? 0) > BINARY_SHARE * front.length;
}
