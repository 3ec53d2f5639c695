import type { VNode } from 'preact';
import { useMemo } from 'preact/hooks';
import type { CosineReading } from '../../core/protocol/engineProtocol';
import type { NeighbourChangeEntry, NeighbourDiff } from '../../core/protocol/lab';
import type { Snapshot } from '../../core/protocol/snapshot';
import { useCell } from '../cell';
import { type Disclosures, Disclosure } from '../disclosure';
import { chartExplanations } from '../explanations';
import { ExplanationText } from '../charts/figure';
import { formatCosine, formatNumber, formatShare, NOTHING } from '../format';
import type { Host } from '../hostConnection';
import type { RowLinks } from '../rowLinks';
import { type SentenceSource, useSentences } from '../sentences';
import { strings } from '../strings';
import { useAnswer } from '../useAnswer';

export interface NeighbourSectionProps {
  readonly snapshot: Snapshot;
  readonly lines: Uint32Array;
  readonly host: Host;
  readonly links: RowLinks;
  readonly sentences: SentenceSource;
  readonly disclosures: Disclosures;
}

const NEIGHBOURS = 10;
/** The cursor walks through lines faster than anybody reads neighbours. */
const REST_MS = 150;

/** For the line at the cursor: which of its nearest lines the transform loses and gains, like a source diff. */
export function NeighbourSection(props: NeighbourSectionProps): VNode {
  const { snapshot, host, links, disclosures } = props;
  const highlighted = useCell(links.highlighted);
  const selected = useCell(links.selected);
  const row = highlighted[0] ?? selected[0] ?? null;
  const answer = useAnswer<NeighbourDiff>(
    row === null ? null : (signal) => host.request('neighbourDiff', { row, k: NEIGHBOURS }, { signal }),
    `${row}|${snapshot.created}|${snapshot.transform.spec}`,
    REST_MS,
  );
  return (
    <section class="chart" data-section="neighbours" aria-labelledby="neighbours-title" aria-busy={answer.isPending}>
      <header class="chart-header">
        <h2 id="neighbours-title">{strings.neighbours}</h2>
      </header>
      {answer.error !== null && (
        <p class="lab-error" role="alert">
          {answer.error}
        </p>
      )}
      {answer.value === null ? (
        <p class="muted">{row === null ? strings.neighboursHint : strings.loadingSentence}</p>
      ) : (
        <Diff {...props} diff={answer.value} />
      )}
      <div class="disclosures">
        <Disclosure id="neighbours-what" summary={strings.whatIsThis} disclosures={disclosures}>
          {() => <ExplanationText explanation={chartExplanations.neighbours} />}
        </Disclosure>
      </div>
    </section>
  );
}

type Sign = '−' | '+' | '';

function Diff({
  diff,
  snapshot,
  lines,
  links,
  sentences,
}: NeighbourSectionProps & { readonly diff: NeighbourDiff }): VNode {
  const hasAfter = snapshot.transformed !== null;
  const entries = useMemo<readonly { readonly sign: Sign; readonly entry: NeighbourChangeEntry }[]>(
    () => [
      ...diff.lost.map((entry) => ({ sign: '−' as const, entry })),
      ...diff.gained.map((entry) => ({ sign: '+' as const, entry })),
      ...diff.kept.map((entry) => ({ sign: '' as const, entry })),
    ],
    [diff],
  );
  const textOf = useSentences(sentences, [diff.row, ...entries.map(({ entry }) => entry.row)]);
  return (
    <div class="neighbours">
      <p>
        <span class="muted">{strings.line((lines[diff.row] ?? diff.row) + 1)}</span>{' '}
        <q>{textOf(diff.row) ?? strings.loadingSentence}</q>
      </p>
      <p class="caption" data-neighbour-summary>
        {diff.jaccard === null
          ? strings.noNeighbours
          : hasAfter
            ? strings.neighbourSummary(
                diff.kept.length,
                diff.kept.length + diff.lost.length,
                formatNumber(diff.jaccard),
              )
            : strings.neighboursOnly(diff.kept.length)}
      </p>
      {entries.length > 0 && (
        <div class="table-scroll">
          <table class="neighbour-table" aria-label={strings.neighbours}>
            <thead>
              <tr>
                <th scope="col">
                  <span class="visually-hidden">{strings.neighbourChange}</span>
                </th>
                <th scope="col" class="numeric">
                  {strings.lineColumn}
                </th>
                <th scope="col" class="column-sentence">
                  {strings.sentenceColumn}
                </th>
                <th scope="col" class="numeric">
                  {strings.before}
                </th>
                {hasAfter && (
                  <th scope="col" class="numeric">
                    {strings.after}
                  </th>
                )}
              </tr>
            </thead>
            <tbody>
              {entries.map(({ sign, entry }) => (
                <Entry
                  key={entry.row}
                  sign={sign}
                  entry={entry}
                  line={(lines[entry.row] ?? entry.row) + 1}
                  text={textOf(entry.row)}
                  hasAfter={hasAfter}
                  links={links}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </div>
  );
}

interface EntryProps {
  readonly sign: Sign;
  readonly entry: NeighbourChangeEntry;
  readonly line: number;
  readonly text: string | undefined;
  readonly hasAfter: boolean;
  readonly links: RowLinks;
}

function Entry({ sign, entry, line, text, hasAfter, links }: EntryProps): VNode {
  const kind = sign === '−' ? 'lost' : sign === '+' ? 'gained' : 'kept';
  return (
    <tr
      data-change={kind}
      data-row={entry.row}
      onMouseEnter={() => links.hovered.set(entry.row)}
      onMouseLeave={() => links.hovered.set(null)}
    >
      <td class="sign">
        <span aria-hidden="true">{sign}</span>
        <span class="visually-hidden">{strings.neighbourKind(kind)}</span>
      </td>
      <td class="numeric">
        {links.reveal === null ? (
          line
        ) : (
          <button type="button" class="link" onClick={() => links.reveal!(entry.row, true)}>
            {line}
          </button>
        )}
      </td>
      <td class="column-sentence">
        <span class="sentence" title={text}>
          {text ?? strings.loadingSentence}
        </span>
      </td>
      <td class="numeric" title={readingTitle(entry.raw, entry.rawRank)}>
        {readingText(entry.raw)}
      </td>
      {hasAfter && (
        <td class="numeric" title={readingTitle(entry.transformed, entry.transformedRank)}>
          {readingText(entry.transformed)}
        </td>
      )}
    </tr>
  );
}

/** "0.83 · 99 %": cosine, and the share of random pairs below it. */
function readingText(reading: CosineReading | null): string {
  if (reading === null) return NOTHING;
  const share = Math.round(100 * reading.percentile);
  return `${formatCosine(reading.cosine)} · ${share} %`;
}

/** The same in words, with the rank among the neighbours. */
function readingTitle(reading: CosineReading | null, rank: number | null): string | undefined {
  if (reading === null) return undefined;
  return strings.neighbourReading(formatCosine(reading.cosine), formatShare(reading.percentile), rank);
}
