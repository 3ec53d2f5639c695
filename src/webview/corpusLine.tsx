import type { VNode } from 'preact';
import type { Snapshot } from '../core/protocol/snapshot';
import { formatCount } from './format';
import { strings } from './strings';

export interface CorpusLineProps {
  /** of the page, where it has no other heading */
  readonly title: string | null;
  readonly snapshot: Snapshot;
}

/** What was measured, in one line: count, encoder, layer, pooling, seed. */
export function CorpusLine({ title, snapshot }: CorpusLineProps): VNode {
  const { corpus, encoder, transform, seed } = snapshot;
  const isText = corpus.truncated !== null;
  const parts = [
    encoder.id,
    strings.dimensions(encoder.dimension),
    ...(encoder.layer === null ? [] : [strings.layer(encoder.layer)]),
    ...(encoder.pooling === null ? [strings.readyVectors] : [strings.pooling(encoder.pooling)]),
    ...(encoder.normalized ? [strings.unitLength] : []),
    ...(transform.fittedOn === null
      ? []
      : [
          transform.fittedOn.transductive
            ? strings.fittedOnSelf(transform.fittedOn.count)
            : strings.fittedElsewhere(transform.fittedOn.count),
        ]),
    strings.seed(seed),
  ];
  return (
    <div class="corpus muted">
      {title !== null && (
        <>
          <h1>{title}</h1> ·{' '}
        </>
      )}
      <span data-number="count">{formatCount(corpus.count)}</span>{' '}
      {isText ? strings.sentences(corpus.count) : strings.vectors(corpus.count)} · {parts.join(' · ')}
    </div>
  );
}
