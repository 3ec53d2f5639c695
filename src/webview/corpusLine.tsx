import type { VNode } from 'preact';
import type { Snapshot } from '../core/protocol/snapshot';
import { formatCount } from './format';
import { strings } from './strings';

/** What was measured, in one line: count, encoder, layer, pooling, seed. */
export function CorpusLine({ snapshot }: { readonly snapshot: Snapshot }): VNode {
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
    <p class="corpus muted">
      <span data-number="count">{formatCount(corpus.count)}</span>{' '}
      {isText ? strings.sentences(corpus.count) : strings.vectors(corpus.count)} · {parts.join(' · ')}
    </p>
  );
}
