import type { VNode } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { type SentenceSource, useSentences } from '../sentences';
import { strings } from '../strings';

export interface TooltipProps {
  readonly row: number;
  /** in the document, from 0 */
  readonly line: number;
  /** the mouse, in the window */
  readonly at: { readonly x: number; readonly y: number };
  readonly sentences: SentenceSource;
  readonly canReveal: boolean;
}

const DISTANCE = 14;

/** What the point under the mouse says. An element of ours: the user's text is text, never markup. */
export function Tooltip({ row, line, at, sentences, canReveal }: TooltipProps): VNode {
  const element = useRef<HTMLDivElement>(null);
  const sentence = useSentences(sentences, [row])(row);
  useLayoutEffect(() => {
    const { style, offsetWidth, offsetHeight } = element.current!;
    const fitsRight = at.x + DISTANCE + offsetWidth < window.innerWidth;
    const fitsBelow = at.y + DISTANCE + offsetHeight < window.innerHeight;
    style.left = `${Math.max(4, fitsRight ? at.x + DISTANCE : at.x - DISTANCE - offsetWidth)}px`;
    style.top = `${Math.max(4, fitsBelow ? at.y + DISTANCE : at.y - DISTANCE - offsetHeight)}px`;
  }, [row, at, sentence]);
  return (
    <div class="tooltip" ref={element} role="tooltip" data-row={row}>
      <div class="tooltip-line">
        {strings.line(line + 1)}
        {canReveal && <span class="muted"> · {strings.clickToReveal}</span>}
      </div>
      <div class="tooltip-text">{sentence ?? strings.loadingSentence}</div>
    </div>
  );
}
